"""Compares our canonical forms with those of `phonenumbers` and `email-validator`.

    compare.py VALUES OURS [--show KIND]

VALUES is the TSV that phones.py or emails.py wrote, OURS what the example `normalise` made of it, line by line. Prints
the counts of every kind of disagreement, and fails (exit status 1) above the limits: phone numbers that the oracle calls
valid may differ in 0.5 %, and nothing may differ in a way that has no name here in more than 0.1 %.
"""

import collections
import sys
import unicodedata

import email_validator
import idna
import phonenumbers

NONE = "-"
LIMIT_VALID = 0.005
LIMIT_UNEXPLAINED = 0.001


def oracle_phone(region, value):
    """(canonical, is it valid?)"""
    try:
        number = phonenumbers.parse(value, region)
    except phonenumbers.NumberParseException:
        return NONE, False
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), phonenumbers.is_valid_number(number)


def oracle_email(value):
    """(canonical, is it valid?): local part in lower case, domain in ASCII, as ours."""
    try:
        found = email_validator.validate_email(value, check_deliverability=False)
    except email_validator.EmailNotValidError:
        return NONE, False
    local = unicodedata.normalize("NFC", found.local_part.lower())
    return f"{local}@{found.ascii_domain}", True


def national(e164):
    """The digits behind the country's."""
    try:
        return phonenumbers.national_significant_number(phonenumbers.parse(e164, None))
    except phonenumbers.NumberParseException:
        return ""


def settled(e164):
    """The oracle's E.164 form read again until it changes no more."""
    for _ in range(20):
        again, _ = oracle_phone(None, e164)
        if again in (e164, NONE):
            break
        e164 = again
    return e164


def explain_phone(value, ours, theirs, valid):
    if valid:
        return None
    if ours == NONE:
        if len(national(theirs)) < 5:
            return "fewer than five digits, in no plan: no number"
        return "letters in a number that no plan knows" if any(c.isalpha() for c in value) else None
    if theirs == NONE:
        return "country code that nobody has: kept as written" if value.startswith("+") else None
    if value.strip().startswith("00") and phonenumbers.is_valid_number(phonenumbers.parse(ours, None)):
        return "00 before a foreign number where another prefix is dialled: ours is valid, the oracle's is not"
    if ours == settled(theirs):
        return "in no plan: the prefix dialled at home is dropped as often as it is there, not once"
    if value.endswith(")"):
        return "a word in parentheses behind the number is no vanity number"
    return None


def idna_2008(domain):
    try:
        idna.decode(domain)
        return True
    except idna.IDNAError:
        return False


SPECIAL = ("arpa", "invalid", "local", "localhost", "onion", "test")


def explain_email(value, ours, theirs):
    if theirs == NONE:
        domain = ours.rsplit("@", 1)[-1]
        if domain.split(".")[-1] in SPECIAL:
            return "special-use top-level domain: syntax is fine, and inside a company it is a mailbox"
        stripped = value.strip(" ,;\u00a0")
        if stripped.startswith("mailto:") or "<" in stripped:
            return "mailto: link or display name around the address"
        again = oracle_email("@".join(part.strip() for part in stripped.split("@")))[0]
        if again == ours:
            return "spaces around the address or its @, or a list's last separator"
        if not idna_2008(domain):
            return "international domain under UTS #46 as browsers take it: IDNA 2008 has fewer characters"
        if any(c in "\u200c\u200d" for c in stripped):
            return "joiner within a domain: IDNA allows it in its script, the oracle nowhere"
        cleaned = "".join(c for c in stripped if unicodedata.category(c) not in ("Cf", "Cc"))
        if oracle_email("@".join(part.strip() for part in cleaned.split("@")))[0] == ours:
            return "invisible characters dropped"
    return None


def main():
    values = [line.rstrip("\n").split("\t", 2) for line in open(sys.argv[1], encoding="utf-8", newline="\n")]
    ours = [line.rstrip("\n") for line in open(sys.argv[2], encoding="utf-8", newline="\n")]
    if len(values) != len(ours):
        sys.exit(f"{len(values)} values, {len(ours)} answers")
    total = collections.Counter()
    reasons = collections.defaultdict(list)
    for (kind, region, value), mine in zip(values, ours):
        theirs, valid = oracle_phone(region, value) if kind == "phone" else oracle_email(value)
        total[kind] += 1
        total[kind, "valid"] += valid
        if mine == theirs:
            continue
        total[kind, "disagree"] += 1
        total[kind, "disagree valid"] += valid
        why = explain_phone(value, mine, theirs, valid) if kind == "phone" else explain_email(value, mine, theirs)
        reasons[kind, why or "UNEXPLAINED"].append((region, value, mine, theirs))
    failed = False
    for kind in ("phone", "email"):
        if not total[kind]:
            continue
        valid, wrong = total[kind, "valid"], total[kind, "disagree valid"]
        regions = len({region for k, region, _ in values if k == kind})
        print(f"{kind}: {total[kind]} values, {regions} regions, {valid} valid for the oracle")
        print(f"  disagreement on valid ones: {wrong} ({wrong / valid:.4%}); on all: {total[kind, 'disagree']}")
        unexplained = len(reasons[kind, "UNEXPLAINED"])
        print(f"  unexplained: {unexplained} ({unexplained / total[kind]:.4%})")
        for (_, why), cases in sorted(reasons.items(), key=lambda item: -len(item[1])):
            if _ == kind and cases:
                region, value, mine, theirs = cases[0]
                print(f"  {len(cases):6} {why}\n         e.g. {region} {value!r}: ours {mine!r}, oracle {theirs!r}")
        failed |= wrong > LIMIT_VALID * valid or unexplained > LIMIT_UNEXPLAINED * total[kind]
        if "--show" in sys.argv:
            for case in reasons[kind, "UNEXPLAINED"][:80]:
                print("   ", *map(repr, case))
    sys.exit(failed)


if __name__ == "__main__":
    main()
