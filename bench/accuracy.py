"""How right a partition of records is, against the truth."""
from collections import Counter


def accuracy(found, truth):
    """Pairwise precision, recall and F1, and B-cubed F1, of a partition (record → cluster) of the records of the truth (record →
    customer). A record without a cluster stands alone."""
    cells, clusters, customers = Counter(), Counter(), Counter()
    for record, customer in truth.items():
        cluster = found.get(record, record)
        cells[cluster, customer] += 1
        clusters[cluster] += 1
        customers[customer] += 1

    def pairs(counts):
        return sum(count * (count - 1) // 2 for count in counts.values())

    both = pairs(cells)
    precision, recall = both / max(1, pairs(clusters)), both / max(1, pairs(customers))
    cubed_precision = sum(count * count / clusters[cluster] for (cluster, _), count in cells.items()) / len(truth)
    cubed_recall = sum(count * count / customers[customer] for (_, customer), count in cells.items()) / len(truth)
    return {"precision": precision, "recall": recall, "f1": f1(precision, recall), "b_cubed_f1": f1(cubed_precision, cubed_recall),
            "clusters": len(clusters)}


def f1(precision, recall):
    """The harmonic mean."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
