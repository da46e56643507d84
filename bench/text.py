"""Dirt: what people and systems do to a text."""
import functools
import unicodedata

NEIGHBOURS = {letter: around for row in ("qwertyuiop", "asdfghjkl", "zxcvbnm")
              for letter, around in ((row[i], row[max(0, i - 1):i] + row[i + 1:i + 2]) for i in range(len(row)))}
READ_AS = (("m", "rn"), ("o", "0"), ("l", "1"), ("i", "l"), ("d", "cl"), ("s", "5"), ("w", "vv"), ("e", "c"), ("g", "q"))
SOUNDS_AS = (("ph", "f"), ("ck", "k"), ("ie", "y"), ("ai", "ay"), ("tt", "t"), ("ll", "l"), ("nn", "n"), ("ei", "ie"), ("ou", "u"), ("th", "t"),
             ("sch", "sh"), ("c", "k"), ("z", "s"), ("ee", "ea"), ("son", "sen"), ("er", "or"), ("v", "w"))
SPELT = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "ł": "l"})


@functools.lru_cache(100_000)
def plain(text):
    """Without accents."""
    if text.isascii():
        return text
    return "".join(letter for letter in unicodedata.normalize("NFD", text.translate(SPELT)) if not unicodedata.combining(letter))


def replaced(random, text, pairs):
    """One of the pairs' left sides in the text becomes its right side; the text as it is where there is none."""
    at = int(random() * len(pairs))
    for old, new in pairs[at:] + pairs[:at]:
        if old in text[1:]:
            return text[0] + text[1:].replace(old, new, 1)
    return text


def typo(random, text):
    """One slip: of the keyboard, of a scanner, of the ear; a letter lost, doubled or swapped with the next."""
    if len(text) < 3:
        return text
    kind = random()
    if kind < .14:
        return replaced(random, text, READ_AS)
    if kind < .36:
        return replaced(random, text, SOUNDS_AS)
    at = 1 + int(random() * (len(text) - 1))
    letter = text[at]
    if kind < .56:
        around = NEIGHBOURS.get(letter.lower())
        if around:
            letter = around[int(random() * len(around))]
        elif letter.isdigit():
            letter = str((int(letter) + 1 + int(random() * 9)) % 10)
        return text[:at] + letter + text[at + 1:]
    if kind < .74:
        return text[:at] + text[at + 1:]
    if kind < .84:
        return text[:at] + letter + text[at:]
    return text[:at - 1] + letter + text[at - 1] + text[at + 1:] if at > 1 else text[:1] + text[2:3] + letter + text[3:]
