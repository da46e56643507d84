"""Writes telephone numbers in many spellings as TSV (kind, region, value) on stdout.

Numbers are drawn from the example numbers of every region and type that libphonenumber knows: their last digits are
replaced at random, so that some stay valid and some do not. Each is then written the way people and systems write it.
The seed is fixed: the same release of `phonenumbers` gives the same file.
"""

import random
import sys

import phonenumbers
from phonenumbers import PhoneNumberFormat as Format
from phonenumbers import PhoneNumberType as Type

SEED = 20231027
PER_EXAMPLE = 6  # numbers drawn from each example number

TYPES = [
    Type.FIXED_LINE, Type.MOBILE, Type.TOLL_FREE, Type.PREMIUM_RATE, Type.SHARED_COST, Type.VOIP,
    Type.PERSONAL_NUMBER, Type.PAGER, Type.UAN, Type.VOICEMAIL,
]
# How often a customer record holds a number of the type: fixed lines and mobiles are what people give.
WEIGHT = {Type.FIXED_LINE: 5, Type.MOBILE: 5}

HAND = [
    # (region, value): collected by hand; the first are the guide's.
    ("US", "+1-555-0198"), ("US", "(555) 123-4567"), ("US", "+15551234567"), ("US", "555-0198"),
    ("US", "1-800-FLOWERS"), ("US", "1-800-356-9377"), ("US", "+1 800 FLOWERS"), ("US", "1 (800) GOT-JUNK"),
    ("US", "1 650 253 0000"), ("US", "16502530000"), ("US", "650-253-0000 x123"), ("US", "650-253-0000 ext. 123"),
    ("US", "650-253-0000#123"), ("US", "(650) 253-0000 extension 12"), ("US", "tel:+1-650-253-0000"),
    ("US", "tel:253-0000;phone-context=+1-650"), ("US", "tel:+1-650-253-0000;ext=12"), ("US", "001 49 30 123456"),
    ("US", "011 49 30 123456"), ("US", "011 44 20 7946 0958"), ("US", "+1 (650) 253–0000"), ("US", "１６５０２５３００００"),
    ("US", "+٤٩ ٣٠ ١٢٣٤٥٦"), ("US", "phone: 650 253 0000"), ("US", "650.253.0000"), ("US", "650/253/0000"),
    ("US", "253-0000"), ("US", "911"), ("US", "12"), ("US", "1"), ("US", ""), ("US", "abc"), ("US", "000-0000"),
    ("US", "0000000000"), ("US", "1234567890"), ("US", "+"), ("US", "+1"), ("US", "++1 650 253 0000"),
    ("US", "650 253 0000 / 650 253 0001"), ("US", "650253000012345678"), ("US", "+99912345678"),
    ("US", "john@example.com"), ("US", "1-650-253-0000 (home)"), ("US", "+1 242 365 1234"), ("CA", "604 555 0123"),
    ("GB", "020 7946 0958"), ("GB", "+44 (0) 20 7946 0958"), ("GB", "0044 20 7946 0958"), ("GB", "44 20 7946 0958"),
    ("GB", "07911 123456"), ("GB", "+440 7911 123456"), ("GB", "+44 07911 123456"), ("GB", "0800 1111"),
    ("DE", "030/123456"), ("DE", "030 123456-78"), ("DE", "+49 (0)30 123456"), ("DE", "0049 30 123456"),
    ("DE", "0049 (0) 30 123456"), ("DE", "0171 1234567"), ("DE", "49 171 1234567"), ("DE", "(030) 12 34 56"),
    ("DE", "030 123456 Durchwahl 7"), ("DE", "+49 1511 2345678"), ("DE", "+49-30-0"),
    ("IT", "02 3661 8300"), ("IT", "+39 02 3661 8300"), ("IT", "0236618300"), ("IT", "345 678 9012"),
    ("IT", "+39 345 678 9012"), ("IT", "0039 06 1234567"), ("IT", "06 698 12345"), ("SM", "0549 882345"),
    ("FR", "01 23 45 67 89"), ("FR", "+33 (0)1 23 45 67 89"), ("FR", "0033 1 23 45 67 89"), ("FR", "1 23 45 67 89"),
    ("BR", "(11) 96123-4567"), ("BR", "011 96123-4567"), ("BR", "0 15 11 96123-4567"), ("BR", "0 21 11 2345-6789"),
    ("BR", "+55 11 96123-4567"), ("BR", "+55 (011) 2345-6789"), ("AR", "011 15-2345-6789"), ("AR", "11 2345-6789"),
    ("AR", "+54 9 11 2345 6789"), ("AR", "0343 15-512-3456"), ("MX", "55 1234 5678"), ("MX", "044 55 1234 5678"),
    ("MX", "01 55 1234 5678"), ("MX", "+52 1 55 1234 5678"), ("MX", "+52 55 1234 5678"),
    ("RU", "8 (912) 345-67-89"), ("RU", "+7 912 345-67-89"), ("RU", "8 10 49 30 123456"), ("RU", "7 912 345 67 89"),
    ("KZ", "8 701 234 5678"), ("HU", "06 1 234 5678"), ("HU", "06 20 123 4567"), ("HU", "+36 06 20 123 4567"),
    ("LT", "8 612 34567"), ("JP", "03-1234-5678"), ("JP", "090-1234-5678"), ("JP", "010 1 650 253 0000"),
    ("AU", "(02) 9876 5432"), ("AU", "0412 345 678"), ("AU", "0011 1 650 253 0000"), ("AU", "1300 123 456"),
    ("NZ", "09 123 4567"), ("NZ", "021 123 4567"), ("NZ", "64 9 123 4567"), ("IN", "098765 43210"), ("IN", "+91 98765-43210"),
    ("IN", "0 98765 43210"), ("CN", "138 1234 5678"), ("CN", "010-1234 5678"), ("CN", "17951 138 1234 5678"),
    ("KR", "010-1234-5678"), ("KR", "02-312-3456"), ("SG", "6123 4567"), ("HK", "2123 4567"), ("TW", "0912 345 678"),
    ("TH", "081 234 5678"), ("ID", "0812-345-678"), ("PH", "0905 123 4567"), ("MY", "012-345 6789"), ("VN", "0912 345 678"),
    ("ZA", "071 123 4567"), ("NG", "0802 123 4567"), ("KE", "0712 123456"), ("EG", "0100 123 4567"), ("MA", "0650-123456"),
    ("CI", "01 23 45 6789"), ("GA", "06 03 12 34"), ("CG", "06 123 4567"), ("SA", "051 234 5678"), ("AE", "050 123 4567"),
    ("IL", "050-234-5678"), ("TR", "0501 234 56 78"), ("ES", "612 34 56 78"), ("PT", "912 345 678"), ("NL", "06 12345678"),
    ("NL", "+31 (0)6 12345678"), ("BE", "0470 12 34 56"), ("CH", "078 123 45 67"), ("AT", "0664 123456"), ("SE", "070-123 45 67"),
    ("NO", "406 12 345"), ("DK", "32 12 34 56"), ("FI", "041 2345678"), ("PL", "512 345 678"), ("CZ", "601 123 456"),
    ("UA", "050 123 4567"), ("GR", "691 234 5678"), ("IE", "085 012 3456"), ("CL", "9 6123 4567"), ("CO", "321 1234567"),
    ("CO", "03 321 1234567"), ("PE", "912 345 678"), ("VE", "0412-1234567"), ("CR", "8312 3456"), ("UY", "094 231 234"),
]

ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
FULL_WIDTH = str.maketrans("0123456789+", "０１２３４５６７８９＋")


def spellings(number, region, rng):
    """(default region, text) for one number."""
    fmt = phonenumbers.format_number
    international = fmt(number, Format.INTERNATIONAL)
    e164 = fmt(number, Format.E164)
    national = fmt(number, Format.NATIONAL)
    significant = phonenumbers.national_significant_number(number)
    digits = "".join(c for c in national if c.isdigit())
    yield region, e164
    yield "US", e164
    yield "DE", international
    yield region, international.replace(" ", "-")
    yield region, fmt(number, Format.RFC3966)
    yield "DE", "00" + e164[1:]
    yield "US", "011 " + international[1:]
    if region == "001":
        return
    yield region, phonenumbers.format_out_of_country_calling_number(number, "FR")
    yield region, national
    yield region, digits
    yield region, significant
    yield region, e164[1:]
    yield region, " " + national.replace(" ", ".") + " "
    yield region, national + rng.choice([" ext. 12", " x345", " ext 7", "#12", " extn: 12"])
    yield region, international + rng.choice([" (0)", " ext. 12", " x9", ";ext=33"])
    yield region, rng.choice([national.translate(ARABIC), national.translate(FULL_WIDTH), e164.translate(FULL_WIDTH)])
    prefix = phonenumbers.ndd_prefix_for_region(region, True)
    if prefix:
        # As on letterheads: +49 (0)30 …, +49 030 …
        yield region, f"+{number.country_code} ({prefix}){significant}"
        yield region, f"+{number.country_code} {prefix}{significant}"
    yield region, phonenumbers.format_out_of_country_calling_number(number, region)


def draw(example, rng):
    """A number like the example with other last digits; valid or not."""
    significant = phonenumbers.national_significant_number(example)
    keep = rng.randint(2, max(2, len(significant) - 2))
    tail = "".join(rng.choice("0123456789") for _ in significant[keep:])
    if rng.random() < 0.03:  # wrong lengths happen
        tail = tail[:-1] if rng.random() < 0.5 else tail + rng.choice("0123456789")
    try:
        return phonenumbers.parse(f"+{example.country_code}{significant[:keep]}{tail}", None)
    except phonenumbers.NumberParseException:
        return None


def main():
    rng = random.Random(SEED)
    lines = [("phone", region, value) for region, value in HAND]
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in TYPES:
            example = phonenumbers.example_number_for_type(region, kind)
            if example is None:
                continue
            drawn = [example] + [draw(example, rng) for _ in range(PER_EXAMPLE * WEIGHT.get(kind, 1) // 2)]
            for number in filter(None, drawn):
                lines += [("phone", default, text) for default, text in spellings(number, region, rng)]
    for code in sorted(phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS):
        example = phonenumbers.example_number_for_non_geo_entity(code)
        if example is not None:
            lines += [("phone", default if default != "001" else "US", text) for default, text in spellings(example, "001", rng)]
    for line in lines:
        sys.stdout.write("\t".join(part.replace("\t", " ") for part in line) + "\n")


if __name__ == "__main__":
    main()
