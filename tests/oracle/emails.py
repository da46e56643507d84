"""Writes email addresses, good and bad, as TSV (kind, region, value) on stdout. The seed is fixed."""

import random
import sys

SEED = 20231027
COUNT = 40_000

LOCALS = [
    "john", "john.doe", "j.doe", "JohnDoe", "john_doe", "john-doe", "john+news", "o'brien", "1234", "a", "jürgen", "josé",
    "王小明", "иван", "müller.", ".john", "john..doe", "john doe", "jo@hn", "", "john!", "#john", "john/doe", "a{b}c", "j|d",
    "john\\", "john,doe", "(john)", "john:doe", "<john>", '"john doe"', '"john"', "x" * 64, "x" * 65, "é" * 33, "jose\u0301",
    "\u0301jose", "john\u200bdoe", "john\u00a0doe", "ｊｏｈｎ", "jo😀hn", "j\ue000", "JÜRGEN", "ΣΑΣ", "İstanbul", "~john", "-john",
    "john-", "=john", "john\u202edoe", "ﬁona", "john\u00ad", "नमस्ते", "ไทย", "ʼjohn", "50%off", "$money", "a^b", "a`b", "a*b",
]
HOSTS = [
    "example", "mail.example", "my-company", "müller", "xn--mller-kva", "EXAMPLE", "例え", "пример", "a", "1and1", "123", "sub.sub.sub",
    "exa_mple", "-example", "example-", "exam--ple", "ab--cd", "xn--", "xn--a", "xn--zzzzzz", "exa mple", "example..mail", ".example",
    "x" * 63, "x" * 64, "straße", "ΣΑΣ", "ｅｘａｍｐｌｅ", "faß", "I❤NY", "ex!ample", "ex%ample", "ex\u200bample", "ex\u00adample", "bücher",
    "Bu\u0308cher", "א", "אב", "مثال", "1א", "a\u200db", "ex。ample", "ex．ample", "⒈com", "\u0301a", "क्\u200dष", "·", "l·l", "٣", "ß",
]
TOPS = [
    "com", "org", "de", "co.uk", "museum", "io", "COM", "c", "1", "123", "c0m", "com.", "", "рф", "中国", "भारत", "xn--p1ai", "test",
    "local", "invalid", "localhost", "arpa", "onion", "example", "co_m", "-com", "com-",
]
PLAIN_LOCALS = [
    "john.doe", "jane", "m.garcia", "peter+shop", "anna_maria", "k.mueller", "o'neil", "Info", "SALES", "x.y.z", "li", "jürgen", "josé",
    "user%dept", "a-b-c", "hans.peter.schmidt", "иван.петров", "王",
]
PLAIN_HOSTS = [
    "example.com", "gmail.com", "Example.COM", "mail.example.co.uk", "my-company.de", "müller.de", "xn--mller-kva.de", "例え.jp",
    "пример.рф", "bücher.example", "a.b.c.d.org", "1and1.com", "web.de", "t-online.de", "yahoo.fr", "straße.de", "university.edu",
]
WHOLE = [
    "john", "@example.com", "john@", "@", "john@@example.com", "john@example.com@example.com", "john@localhost", "john@[127.0.0.1]",
    "john@127.0.0.1", "john@example", "john.doe@example.com", " John.Doe@Example.COM ", "mailto:john@example.com",
    "mailto:john@example.com?subject=Hello", "John Doe <john@example.com>", "<john@example.com>", '"Doe, John" <john@example.com>',
    "john@example.com;", "john@example.com,", "john@example.com.", "john@example.com, jane@example.com", "john @example.com",
    "john@ example.com", "john (at) example.com", "john＠example.com", "john@example．com", "john@exam\tple.com", "N/A", "none",
]


def mutate(text, rng):
    """One random edit, from characters that matter."""
    at = rng.randrange(len(text) + 1)
    c = rng.choice("abcXYZ019.-_+@ '\"()<>[],;:\\!#$%&*/=?^`{|}~éßüñ·\u0301\u200b\u00a0。א中")
    kind = rng.random()
    if kind < 0.4:
        return text[:at] + c + text[at:]
    if kind < 0.7:
        return text[:at] + c + text[at + 1:]
    return text[:at] + text[at + 1:]


def main():
    rng = random.Random(SEED)
    lines = list(WHOLE)
    lines += [f"{local}@{host}.{top}" for local in LOCALS for host in HOSTS[:8] for top in ("com", "рф")]
    lines += [f"{local}@{host}.{top}" for local in ("john", "jürgen") for host in HOSTS for top in TOPS]
    lines += ["x" * n + "@" + ".".join(["y" * 60] * 3) + ".com" for n in range(40, 80)]
    lines += ["john@" + ".".join(["y" * 50] * 4) + "." + "z" * n + ".com" for n in range(20, 63)]
    while len(lines) < COUNT:
        plain = f"{rng.choice(PLAIN_LOCALS)}{rng.choice(['', '', str(rng.randrange(1000))])}@{rng.choice(PLAIN_HOSTS)}"
        lines.append(plain)
        lines.append(mutate(plain, rng))
        lines.append(mutate(mutate(plain, rng), rng))
        lines.append("".join(rng.choice((c.upper(), c)) for c in plain))
    for value in lines:
        value = value.replace("\t", " ").replace("\n", " ")
        sys.stdout.write(f"email\tUS\t{value}\n")


if __name__ == "__main__":
    main()
