#!/usr/bin/env python3
"""Generator of customer records for the demo and the tests. Standard library only; a seed gives the same bytes anywhere.

    make_feeds.py samples [DIRECTORY]                             the files of this directory: feeds, contacts, truth
    make_feeds.py stream --people N --records N --seed N          JSON lines full of awkward versions, for the tests
    make_feeds.py contacts --rows N --seed N                      CSV of a contacts table

Telephone numbers are of the ranges set aside for fiction, mailboxes of the domains set aside for documentation.
README.md in this directory says what the sample files hold.
"""
import argparse
import collections
import csv
import datetime
import json
import pathlib
import random
import sys
import unicodedata

GIVEN = {
    "US": "Olivia Marcus Denise Harold Priya Caleb Yolanda Victor Ingrid Terrence Naomi Gilbert Rosa Wesley Felicia Conrad "
          "Beatriz Dwight Simone Arturo Loretta Quentin Maribel Nolan".split(),
    "GB": "Imogen Alistair Bethan Callum Fiona Gareth Philippa Rhys Saoirse Duncan Nerys Tobias".split(),
    "DE": "Jürgen Annegret Björn Käthe Matthias Ulrike Sönke Dorothea Günther Heike Lorenz Svenja".split(),
    "FR": "Amélie Benoît Chloé Étienne Hélène François Margaux Thibault Océane Loïc Solène Gaëlle".split(),
}
FAMILY = {
    "US": "Abernathy Caldwell Okafor Whitfield Ramirez Lindqvist Nakamura Pemberton Stokes Delacruz Hargrove Vance Kowalski "
          "Ellsworth Bhatt Monroe Tillman Fairbanks Ortega Rutledge Sandoval Thackeray Underhill Yarborough".split(),
    "GB": "Ainsworth Blackwood Cavanagh Drummond Fotheringham Gallagher Llewellyn MacAllister O'Rourke Pettigrew "
          "Ravenscroft Tremaine".split(),
    "DE": "Ackermann Böttcher Dörfler Engelhardt Grünwald Hölzl Krüger Lindemann Müller-Thurgau Niemöller Schäfer "
          "Weißhaupt".split(),
    "FR": "Auclair Bélanger Chevallier Desrosiers Fontaine Guérin Lefèvre Marchand Peltier Rousseau Séverin "
          "Vaillancourt".split(),
}
# city, region, postcode
CITIES = {
    "US": [("New York", "NY", "10001"), ("Chicago", "IL", "60601"), ("Seattle", "WA", "98101"), ("Austin", "TX", "78701")],
    "GB": [("London", "Greater London", "SW1A 1AA"), ("Leeds", "West Yorkshire", "LS1 4DY")],
    "DE": [("Berlin", "Berlin", "10115"), ("Köln", "Nordrhein-Westfalen", "50667")],
    "FR": [("Paris", "Île-de-France", "75001"), ("Lyon", "Auvergne-Rhône-Alpes", "69001")],
}
STREETS = {
    "US": "Maple Avenue;Old Mill Road;Lakeview Drive;Juniper Street;Second Street",
    "GB": "High Street;Station Road;Church Lane;Victoria Terrace",
    "DE": "Lindenstraße;Am Markt;Goethestraße;Bahnhofstraße",
    "FR": "rue des Lilas;avenue Victor-Hugo;place du Marché",
}
LANGUAGE = {"US": "en-US", "GB": "en-GB", "DE": "de-DE", "FR": "fr-FR"}
AREAS = ("212 312 206 512 415 201 202 203 205 207 208 209 210 213 214 215 216 217 218 219 224 225 228 229 231 234 239 240 248 "
         "251 252 253 254 256 260 262 267 269 270 276 281 301 302 303 304 305 307 308 309 310 313 314 315 316 317 318 319 320 "
         "321 323").split()
SHORT = {"Terrence": "Terry", "Gilbert": "Gil", "Victor": "Vic", "Matthias": "Matt", "Philippa": "Pippa"}

# Trust as the systems state it, and the attributes that each of them keeps.
SYSTEMS = {
    "Salesforce_CRM": (1, "email phoneNumber firstName lastName preferredLanguage company street city region postcode country"),
    "ERP_System": (2, "email phoneNumber firstName lastName street city region postcode country company lastPurchaseDate "
                      "dateOfBirth"),
    "Web_App": (3, "email firstName lastName preferredLanguage lastPurchaseDate country"),
    "Telephony_Logs": (4, "phoneNumber firstName lastName country"),
}
START = datetime.datetime(2024, 1, 8, 9, 0, tzinfo=datetime.timezone.utc)


def ascii_of(text):
    """The letters without their accents, as systems that cannot store them write it."""
    text = text.replace("ß", "ss")
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


class Person:
    """One human being, and what a system that knew everything would hold of them."""

    def __init__(self, rng, number, country=None):
        self.number = number
        self.country = country or rng.choices(list(GIVEN), weights=[6, 2, 2, 2])[0]
        self.given = rng.choice(GIVEN[self.country])
        self.family = rng.choice(FAMILY[self.country])
        self.city, self.region, self.postcode = rng.choice(CITIES[self.country])
        self.street = f"{rng.choice(STREETS[self.country].split(';'))} {rng.randint(1, 240)}"
        self.birth = datetime.date(1940, 1, 1) + datetime.timedelta(days=rng.randrange(65 * 365))
        self.phone = fictional_phone(self.country, number)
        self.mailbox = f"{rng.choice(['example.com', 'example.org', 'example.net'])}"
        self.email = None
        self.company = rng.choice([None, None, "Harbour & Sons", "Nordlicht GmbH", "Blue Fern Ltd"])
        self.ids = {}

    def name_the_mailbox(self):
        """Own address, from the name; the number keeps namesakes apart."""
        if self.email is None:
            local = f"{self.given}.{self.family}".lower().replace("'", "")
            self.email = f"{ascii_of(local)}{self.number}@{self.mailbox}"

    def id_in(self, system):
        """The person's first id in a system."""
        forms = {"Salesforce_CRM": "00150000{:08X}", "ERP_System": "ERP-{:06d}", "Web_App": "web|{:05d}",
                 "Telephony_Logs": "tel-{:05d}", "Contacts": "{:d}"}
        return self.ids.setdefault(system, forms[system].format(4096 + self.number * 7))

    def attributes(self):
        """Everything that is known of the person, by the payload's keys."""
        return {"email": self.email, "phoneNumber": self.phone, "firstName": self.given, "lastName": self.family,
                "preferredLanguage": LANGUAGE[self.country], "dateOfBirth": self.birth.isoformat(), "street": self.street,
                "city": self.city, "region": self.region, "postcode": self.postcode, "country": self.country,
                "company": self.company}


def fictional_phone(country, number):
    """E.164 of a number that no one is given; in the US 6,000 of them, in Britain and Germany 1,000, in France 10,000."""
    if country == "US":
        return f"+1{AREAS[number // 100 % len(AREAS)]}55501{number % 100:02}"
    if country == "GB":
        return f"+447700900{number % 1000:03}"
    if country == "DE":
        return f"+493023125{number % 1000:03}"
    return f"+3363998{number % 10000:04}"


def spell_phone(rng, phone):
    """A number as people write it in the country it is of."""
    if phone.startswith("+1"):
        area, middle, last = phone[2:5], phone[5:8], phone[8:]
        return rng.choice([f"({area}) {middle}-{last}", f"{area}-{middle}-{last}", f"+1 {area} {middle} {last}",
                           f"1.{area}.{middle}.{last}", phone, f"{area}{middle}{last}", f" {phone} "])
    if phone.startswith("+44"):
        return rng.choice([f"0{phone[3:7]} {phone[7:]}", f"+44 {phone[3:7]} {phone[7:]}", f"+44 (0){phone[3:7]} {phone[7:]}"])
    if phone.startswith("+49"):
        return rng.choice([f"030 {phone[5:]}", f"+49 30 {phone[5:10]}-{phone[10:]}", f"0049 30 {phone[5:]}"])
    return rng.choice([f"0{phone[3]} {phone[4:6]} {phone[6:8]} {phone[8:10]} {phone[10:]}", f"+33 {phone[3]} {phone[4:]}"])


def spell_email(rng, email):
    """The same mailbox in capitals, with spaces around it, or as it is."""
    local, domain = email.split("@")
    return rng.choice([email, email, email.upper(), f" {local.title()}@{domain}", f"{email} ", f"{local}@{domain.upper()}"])


def spell_name(rng, name):
    """The same name without accents, in capitals, in another Unicode form, or as it is."""
    return rng.choice([name, name, name, ascii_of(name), name.upper(), f" {name}", unicodedata.normalize("NFD", name)])


def spell_time(rng, time):
    """A point in time in one of the ISO forms."""
    if rng.random() < 0.2:
        return time.astimezone(datetime.timezone(datetime.timedelta(hours=2))).isoformat()
    return time.isoformat().replace("+00:00", "Z")


def spelled(rng, person, keys, time, dirt=0.6):
    """The attributes `keys` of a person as a system writes them down."""
    known = {**person.attributes(), "lastPurchaseDate": spell_time(rng, time - datetime.timedelta(days=rng.randint(1, 300)))}
    stated = {key: known[key] for key in keys if known.get(key) is not None}
    for key, spell in [("email", spell_email), ("phoneNumber", spell_phone), ("firstName", spell_name), ("lastName", spell_name)]:
        if key in stated and rng.random() < dirt:
            stated[key] = spell(rng, stated[key])
    # A number in its national form means nothing without the country.
    if "phoneNumber" in stated and "country" not in stated and person.country != "US":
        stated["phoneNumber"] = person.phone
    return stated


def record(system, source_id, attributes, time, **more):
    """A record in the guide's shape."""
    return {"entityType": "CUSTOMER", "externalSystemIds": [{"systemName": system, "id": source_id}],
            "attributes": attributes, "sourcePriority": SYSTEMS[system][0], "timestamp": time, **more}


def households(rng, people):
    """Gives people families, companies and mailboxes in common, and a mailbox of their own to all the others."""
    by_country = {country: [p for p in people if p.country == country] for country in GIVEN}

    def family(country, name, given, births, mailbox=None):
        """A family: one name, one address, one landline, perhaps one mailbox."""
        members = [by_country[country].pop() for _ in given]
        head = members[0]
        head.family = name
        for member, first, birth in zip(members, given, births):
            member.given, member.birth, member.company = first, datetime.date.fromisoformat(birth), None
            for shared in ("family", "street", "city", "region", "postcode", "phone"):
                setattr(member, shared, getattr(head, shared))
            member.email = mailbox
        return members

    # Twins of one birth date; parents and children who read the same mailbox.
    family("US", "Whitman", ["Warren", "Judith", "Mark", "Marsha"], ["1961-03-02", "1963-11-19", "1992-06-14", "1992-06-14"],
           "the.whitmans@example.net")
    family("DE", "Brandt", ["Rolf", "Birgit", "Lena", "Lars"], ["1970-01-30", "1972-09-08", "2001-04-04", "2004-12-24"],
           "familie.brandt@example.org")
    # Twins with mailboxes of their own.
    family("GB", "Hartley", ["Edith", "Rowan"], ["1988-08-08", "1988-08-08"])
    # Senior and junior: one name, one landline, two people.
    family("US", "Colfax", ["Everett", "Everett"], ["1949-05-21", "1979-02-11"])

    # A hotel whose eighteen people go by one switchboard, and by a mailbox that no list of role names knows.
    for person, given in zip(by_country["US"], rng.sample(GIVEN["US"], 18)):
        person.given = given
        person.company, person.phone, person.email = "Hotel Aurora", "+16175550100", "aurora.boston@example.com"
    # A workshop with a mailbox that says by its form that it is nobody's own.
    for person in by_country["FR"][:5]:
        person.company, person.email = "Atelier Brume", "info@atelier-brume.example"
    for person in people:
        person.name_the_mailbox()


def stamp(time):
    """A point in time in UTC."""
    return time.isoformat().replace("+00:00", "Z")


GUIDE = {
    "records": [{
        "entityType": "CUSTOMER",
        "entityId": "CUST_849201",
        "externalSystemIds": [{"systemName": "Salesforce_CRM", "id": "0015000000ABCDEF"}],
        "attributes": {
            "email": "john.doe@example.com", "phoneNumber": "+1-555-0198", "firstName": "John", "lastName": "Doe",
            "preferredLanguage": "en-US", "lastPurchaseDate": "2023-10-15T14:30:00Z"},
        "sourcePriority": 1,
        "timestamp": "2023-10-27T10:00:00Z"}]}


def bad_lines():
    """Lines of a feed: a good one, some that must be refused, each for a reason of its own, and one that must pass although
    a value in it cannot be read."""
    good = record("Web_App", "web|90001", {"email": "good.line@example.com", "firstName": "Greta", "lastName": "Linde"},
                  "2024-05-01T08:00:00Z")

    def but(**changes):
        return json.dumps({**good, **changes}, ensure_ascii=False)

    without = lambda key: json.dumps({k: v for k, v in good.items() if k != key})
    yield json.dumps(good)
    yield "this line is not JSON"
    yield '{"records": [' + json.dumps(good)                     # cut off on the way
    yield "[1, 2, 3]"
    yield '{"recrods": []}'
    yield without("timestamp")
    yield but(timestamp="2023-02-30T10:00:00Z")
    yield but(timestamp="2023-13-45 25:61")
    yield without("externalSystemIds")
    yield but(externalSystemIds=[{"systemName": "Web_App"}])
    yield but(externalSystemIds="web|90001")
    yield but(attributes=["email", "good.line@example.com"])
    yield but(entityType="STARSHIP")
    yield but(sourcePriority="first")
    # A value that its kind cannot read does not refuse the record: it waits.
    yield but(externalSystemIds=[{"systemName": "Web_App", "id": "web|90002"}],
              attributes={"email": "second.line@example.com", "dateOfBirth": "2023-02-30", "firstName": "Gustav"})


def samples(directory, seed=1):
    """Writes the sample files into `directory`."""
    rng = random.Random(seed)
    people = [Person(rng, number, country) for number, country in
              enumerate(["US"] * 52 + ["GB"] * 16 + ["DE"] * 16 + ["FR"] * 15)]
    households(rng, people)
    truth = [("Salesforce_CRM", "0015000000ABCDEF", "guide")]
    feeds = {system: [] for system in SYSTEMS}

    # Which systems know a person: two or three of the four, a few only one, a few all.
    for person in people:
        for system in sorted(rng.sample(sorted(SYSTEMS), rng.choices([1, 2, 3, 4], weights=[1, 4, 4, 2])[0])):
            time = START + datetime.timedelta(minutes=rng.randrange(60 * 24 * 90))
            keys = SYSTEMS[system][1].split()
            attributes = spelled(rng, person, keys, time)
            if system == "ERP_System" and rng.random() < 0.2:
                attributes.pop("email")
            if system == "Telephony_Logs":
                if rng.random() < 0.5:
                    attributes["email"] = spell_email(rng, person.email)
                if rng.random() < 0.2:
                    attributes.pop("firstName", None)
                attributes["callSeconds"] = rng.randint(5, 1800)
            if attributes.get("firstName") in SHORT and rng.random() < 0.7:
                attributes["firstName"] = SHORT[attributes["firstName"]]
            feeds[system].append((time, person, record(system, person.id_in(system), attributes, spell_time(rng, time))))
            truth.append((system, person.id_in(system), person.number))

    for system in feeds:
        feeds[system].sort(key=lambda entry: entry[0])
    batches = {system: [entry[2] for entry in entries] for system, entries in feeds.items()}

    # The web shop renames a key and adds one, from a batch on and without a word.
    half = len(batches["Web_App"]) // 2
    drifted = batches["Web_App"][half:]
    batches["Web_App"] = batches["Web_App"][:half]
    for post in drifted:
        attributes = post["attributes"]
        attributes["email_address"] = attributes.pop("email")
        attributes["loyaltyTier"] = rng.choice(["bronze", "silver", "gold"])

    phones = collections.Counter(person.phone for person in people)
    emails = collections.Counter(person.email for person in people)

    def known(system):
        """The people a system knows who share neither mailbox nor number, in the order in which it came to know them."""
        return [person for _, person, _ in feeds[system] if phones[person.phone] == emails[person.email] == 1]

    later = START + datetime.timedelta(days=120)
    at = lambda minutes: stamp(later + datetime.timedelta(minutes=minutes))
    updates = []

    def update(system, source_id, attributes, time, person, **more):
        updates.append(record(system, source_id, attributes, time, **more))
        if (system, source_id, person) not in truth:
            truth.append((system, source_id, person))

    # The guide's customer in the web shop, spelt as people spell; then the CRM gives him a new id and says so.
    update("Web_App", "web|00001", {"email": " John.Doe@Example.COM ", "firstName": "John", "lastName": "Doe"}, at(0), "guide")
    updates.append({**record("Salesforce_CRM", "0035000000QRSTUV", {"email": "jdoe@example.org", "firstName": "John",
                                                                    "lastName": "Doe"}, at(1)),
                    "externalSystemIds": [{"systemName": "Salesforce_CRM", "id": "0035000000QRSTUV"},
                                          {"systemName": "Salesforce_CRM", "id": "0015000000ABCDEF"}]})
    truth.append(("Salesforce_CRM", "0035000000QRSTUV", "guide"))
    # A phone alone joins nobody; with a name as good as equal a steward is asked.
    update("Salesforce_CRM", "0015000000PHONE1", {"phoneNumber": "+15551234567", "firstName": "Catherine",
                                                  "lastName": "Winterbourne"}, at(2), "phone")
    update("Telephony_Logs", "tel-90001", {"phoneNumber": "(555) 123-4567", "firstName": "Catharine",
                                           "lastName": "Winterbourne"}, at(3), "phone")
    update("Telephony_Logs", "tel-90002", {"phoneNumber": "555-123-4567"}, at(4), "phone caller")
    # A record with an initial in a mailbox of four fits more than one of them.
    update("Web_App", "web|90010", {"email": "The.Whitmans@example.net", "firstName": "M.", "lastName": "Whitman"},
           at(5), next(person.number for person in people if person.given == "Mark"))
    # A race: two systems in one second, another name each.
    race = next(person for person in known("ERP_System") if "Salesforce_CRM" in person.ids)
    update("ERP_System", race.id_in("ERP_System"), {"email": race.email, "lastName": race.family + "-Stone"},
           at(6).replace("Z", ".700Z"), race.number)
    update("Salesforce_CRM", race.id_in("Salesforce_CRM"), {"email": race.email, "lastName": race.family + "-Reed"},
           at(6).replace("Z", ".100Z"), race.number)
    # A retraction, a deletion, a late event and the same event again.
    crm, web = known("Salesforce_CRM"), known("Web_App")
    update("Salesforce_CRM", crm[4].id_in("Salesforce_CRM"), {"phoneNumber": None}, at(7), crm[4].number)
    update("Salesforce_CRM", crm[5].id_in("Salesforce_CRM"), {}, at(8), crm[5].number, deleted=True)
    update("Web_App", web[3].id_in("Web_App"), {"email_address": web[3].email, "firstName": "Someone", "lastName": "Else"},
           stamp(START - datetime.timedelta(days=30)), web[3].number)
    updates.append(updates[0])
    # Placeholders and mailboxes that are nobody's.
    for number, person in enumerate(crm[6:12]):
        update("Telephony_Logs", f"tel-9{number:04}x", {"email": "noreply@example.com", "phoneNumber": "000-000-0000",
               "firstName": person.given, "lastName": person.family}, at(10 + number), person.number)
    # New addresses from the CRM, corrected names from the ERP.
    for number, person in enumerate(crm[12:22]):
        update("Salesforce_CRM", person.id_in("Salesforce_CRM"), {"street": f"{STREETS[person.country].split(';')[0]} {number + 1}",
               "city": person.city, "country": person.country}, at(20 + number), person.number)

    truth += [("Web_App", "web|90001", "first good line"), ("Web_App", "web|90002", "second good line")]

    contacts = [person for person in rng.sample(people, 34) if person.email != "aurora.boston@example.com"]
    truth += [("Contacts", person.id_in("Contacts"), person.number) for person in contacts]

    feeds_directory = directory / "feeds"
    feeds_directory.mkdir(parents=True, exist_ok=True)
    write_text(feeds_directory / "01_feed_post.json", json.dumps(GUIDE, indent=2) + "\n")
    write_text(feeds_directory / "02_salesforce_crm.json", envelope(batches["Salesforce_CRM"]))
    write_text(feeds_directory / "03_erp_system.json", envelope(batches["ERP_System"]))
    write_text(feeds_directory / "04_web_app.jsonl", lines(batches["Web_App"]))
    write_text(feeds_directory / "05_telephony_logs.jsonl", lines(batches["Telephony_Logs"]))
    write_text(feeds_directory / "06_web_app.jsonl", lines(drifted))
    write_text(feeds_directory / "07_updates.jsonl", lines(updates))
    write_text(feeds_directory / "08_bad_records.jsonl", "".join(line + "\n" for line in bad_lines()))
    with open(directory / "contacts.csv", "w", newline="", encoding="utf-8") as file:
        write_contacts(csv.writer(file, lineterminator="\n"), rng, contacts)
    with open(directory / "truth.csv", "w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["system_name", "source_id", "person"])
        out.writerows(sorted(set((system, source_id, str(person)) for system, source_id, person in truth)))


def envelope(records):
    """Records as one payload, one record a line so that a reader finds them."""
    return '{"records": [\n' + ",\n".join(" " + json.dumps(post, ensure_ascii=False) for post in records) + "\n]}\n"


def lines(records):
    """Records as JSON lines."""
    return "".join(json.dumps(post, ensure_ascii=False) + "\n" for post in records)


def write_text(path, text):
    """Writes UTF-8 with plain line ends on every system."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        file.write(text)


def write_contacts(out, rng, people):
    """A table as a warehouse has it: plain columns, the row's own time."""
    out.writerow(["id", "email", "phone", "first_name", "last_name", "birth_date", "street", "city", "postcode", "country",
                  "updated_at"])
    for person in people:
        time = START + datetime.timedelta(minutes=rng.randrange(60 * 24 * 60))
        out.writerow([person.id_in("Contacts"), spell_email(rng, person.email), spell_phone(rng, person.phone),
                      spell_name(rng, person.given), spell_name(rng, person.family), person.birth.isoformat(), person.street,
                      person.city, person.postcode, person.country, stamp(time)])


def stream(people_count, count, seed):
    """`count` records about `people_count` people, with everything that could make the order of arrival matter: equal
    seconds and equal timestamps, priorities, sequences and vector clocks on all or some versions of a record, retractions,
    deletions and returns, exact repetitions, cross-references, values at the edge of generic, values nobody can read."""
    rng = random.Random(seed)
    people = [Person(rng, number) for number in range(people_count)]
    for person in people:
        kind = rng.random()
        if kind < 0.15:
            # A mailbox of a few, with the same few given names again and again.
            person.email = f"household.{person.number // 9}@example.org"
        elif kind < 0.25:
            # A dozen and a bit behind one mailbox and one number: on either side of the limit as records come and go.
            person.email, person.phone = f"group.{person.number % 4}@example.com", f"+1617555010{person.number % 4}"
        person.name_the_mailbox()

    def version(person, system, source_id, ordering):
        time = START + datetime.timedelta(seconds=rng.randrange(240), milliseconds=rng.choice([0, 0, 0, 250, 500]))
        keys = [key for key in SYSTEMS[system][1].split() + ["dateOfBirth"] if rng.random() < 0.8]
        attributes = spelled(rng, person, keys, time)
        chance = rng.random
        for key in list(attributes):
            if chance() < 0.06:
                attributes[key] = None
            elif chance() < 0.02:
                attributes[key] = rng.choice(["", "N/A", "2023-02-30", "no idea"])
        if chance() < 0.05:
            attributes["email"] = rng.choice(people).email
        if chance() < 0.05:
            attributes["phoneNumber"] = rng.choice(people).phone
        if chance() < 0.1:
            attributes["loyaltyTier"] = rng.choice(["gold", 3, None, {"since": 2020}])
        post = record(system, source_id, attributes, spell_time(rng, time))
        if chance() < 0.5:
            post["sourcePriority"] = rng.randint(1, 5)
        elif chance() < 0.3:
            del post["sourcePriority"]
        if chance() < 0.05:
            post["deleted"] = True
        if chance() < 0.06:
            other = rng.choice(sorted(SYSTEMS))
            post["externalSystemIds"].append({"systemName": other, "id": rng.choice([person, rng.choice(people)]).id_in(other)})
        if chance() < 0.04:
            post["entityId"] = f"CUST_{person.number}"
        # Some records number all of their versions, some only a few of them.
        if ordering == "sequence" or (ordering == "mixed" and chance() < 0.5):
            post["sequence"] = rng.randint(1, 4)
        if ordering == "clock" or (ordering == "mixed" and chance() < 0.3):
            post["vectorClock"] = {node: rng.randint(1, 3) for node in rng.sample(["eu", "us", "ap"], rng.randint(1, 3))}
        return post

    orderings = {}
    posts = []
    while len(posts) < count:
        if posts and rng.random() < 0.05:
            posts.append(rng.choice(posts))
            continue
        person, system = rng.choice(people), rng.choice(sorted(SYSTEMS))
        key = (system, person.id_in(system))
        ordering = orderings.setdefault(key, rng.choice(["time", "time", "sequence", "clock", "mixed"]))
        posts.append(version(person, system, key[1], ordering))
    return posts


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("samples")
    command.add_argument("directory", nargs="?", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent)
    command = commands.add_parser("stream")
    command.add_argument("--people", type=int, default=300)
    command.add_argument("--records", type=int, default=2000)
    command.add_argument("--seed", type=int, default=1)
    command = commands.add_parser("contacts")
    command.add_argument("--rows", type=int, default=10000)
    command.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if arguments.command == "samples":
        samples(arguments.directory)
    elif arguments.command == "stream":
        sys.stdout.write(lines(stream(arguments.people, arguments.records, arguments.seed)))
    else:
        rng = random.Random(arguments.seed)
        people = [Person(rng, number) for number in range(arguments.rows)]
        for person in people:
            person.name_the_mailbox()
        write_contacts(csv.writer(sys.stdout, lineterminator="\n"), rng, people)


if __name__ == "__main__":
    main()
