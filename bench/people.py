"""The truth: households of customers, and what was so about each of them when. Nothing in here is dirty."""
import dataclasses
import random

from names import (CITIES, COMPANY_FORMS, COMPANY_TRADES, COMPANY_WORDS, COUNTRIES, HERITAGES, HOME, LOCAL_HOSTS, MAIL_HOSTS, STREETS,
                   STREET_WORDS, Pool, pools)
from text import plain

# Days since 1970 between which records were written: 2017-01-01 to 2024-12-31.
FIRST_DAY, LAST_DAY = 17167, 20088


@dataclasses.dataclass(slots=True)
class Person:
    """A customer. What changes in life is a list of (first day, value), oldest first."""
    given: str
    middle: str
    suffix: str
    family: list
    born: tuple
    country: str
    emails: list
    phones: list
    addresses: list
    company: object = None


@dataclasses.dataclass(slots=True)
class Company:
    """An employer, with one main number."""
    name: str
    form: str
    domain: str
    phone: str
    address: tuple
    country: str


class World:
    """Draws people. What all chunks share (companies) is drawn from the seed alone, so that chunks can be made in any order."""

    def __init__(self, seed, customers):
        self.pools = pools()
        self.countries = Pool(COUNTRIES)
        self.heritages = {country: Pool(weights) for country, weights in HERITAGES.items()}
        self.cities = {country: Pool({city[:3]: city[3] for city in cities}) for country, cities in CITIES.items()}
        self.hosts = Pool(MAIL_HOSTS)
        self.streets = {country: (kinds.split()[::2], forms) for country, (kinds, forms) in STREETS.items()}
        self.reseed(f"{seed} companies")
        self.companies = [self.company() for _ in range(max(2, customers // 40))]

    def reseed(self, seed):
        """From here on everything depends on this seed alone."""
        self.source = random.Random(seed)
        self.random = self.source.random

    def pick(self, items):
        """One of them, all alike."""
        return items[int(self.random() * len(items))]

    def chance(self, share):
        """True in this share of cases."""
        return self.random() < share

    def between(self, low, high):
        """A whole number from low to high."""
        return low + int(self.random() * (high - low + 1))

    def company(self):
        country = self.countries.draw(self.random)
        owner = self.pools[HOME[country]][2].draw(self.random)
        stem = f"{owner if self.chance(.5) else self.pick(COMPANY_WORDS)} {self.pick(COMPANY_TRADES)}"
        city = self.cities[country].draw(self.random)
        domain = plain(stem).replace(" ", "").replace("'", "").lower() + {"US": ".com", "GB": ".co.uk", "DE": ".de", "FR": ".fr", "ES": ".es"}[country]
        return Company(stem, self.pick(COMPANY_FORMS[country]), domain, self.phone(country, city[2]), self.address(country, city), country)

    def phone(self, country, area=None):
        """The full international number: of the place, or mobile."""
        digits = self.source.getrandbits(40)
        if country == "US":
            return f"+1{area or self.cities['US'].draw(self.random)[2]}{200 + digits % 790}{digits // 790 % 10000:04}"
        code, mobile, total = {"GB": ("44", "7", 10), "DE": ("49", "17", 10), "FR": ("33", "6", 9), "ES": ("34", "6", 9)}[country]
        start = area or mobile
        return f"+{code}{start}{digits % 10 ** (total - len(start)):0{total - len(start)}}"

    def address(self, country, city=None):
        """Street with its number, city, postcode."""
        name, post, _ = city or self.cities[country].draw(self.random)
        kinds, forms = self.streets[country]
        word = self.pools[HOME[country]][2].draw(self.random) if self.chance(.45) else self.pick(STREET_WORDS[country])
        street = self.pick(forms).format(word=word, kind=self.pick(kinds))
        number = self.between(1, 180 if country != "US" or self.chance(.3) else 9900)
        flat = f" {self.pick(('Apt', 'Unit', '#'))} {self.between(1, 40)}" if country == "US" and self.chance(.15) else ""
        street = f"{number} {street}{flat}" if country in ("US", "GB", "FR") else f"{street} {number}"
        if country == "GB":
            letters = "ABDEFGHJLNPQRSTUWXYZ"
            code = f"{post}{self.between(1, 20)} {self.between(1, 9)}{self.pick(letters)}{self.pick(letters)}"
        else:
            code = f"{post}{self.source.getrandbits(20) % 10 ** (5 - len(post)):0{5 - len(post)}}"
        return street, name, code

    def mailbox(self, person, family, host=None):
        """A mailbox as people choose them."""
        given, family = (plain(part).lower().replace(" ", "").replace("'", "") for part in (person.given, family))
        dice = self.random()
        local = (f"{given}.{family}" if dice < .34 else f"{given[0]}{family}" if dice < .52 else f"{given}{family}" if dice < .66
                 else f"{given}{person.born[0] % 100:02}" if dice < .74 else f"{family}.{given[0]}" if dice < .82
                 else f"{given}_{self.pick(STREET_WORDS['US']).lower()}" if dice < .88
                 else f"{self.pick(STREET_WORDS['US']).lower()}{self.pick(COMPANY_WORDS).lower()}")
        if host:
            return f"{local}@{host}"
        # The plain ones are taken.
        if self.chance(.72):
            local += str(self.pick((person.born[0], person.born[0] % 100, self.between(1, 999), self.between(1, 9999))))
        if person.country in LOCAL_HOSTS and self.chance(.4):
            return f"{local}@{LOCAL_HOSTS[person.country]}"
        return f"{local}@{self.hosts.draw(self.random)}"

    def household(self):
        """The customers of one address, one to six, with what they share."""
        country = self.countries.draw(self.random)
        heritage = self.heritages[country].draw(self.random)
        family = self.pools[heritage][2].draw(self.random)
        if country == "ES" and self.chance(.6):
            family += " " + self.pools["es_ES"][2].draw(self.random)
        home = self.cities[country].draw(self.random)
        shared = (family, self.address(country, home), self.phone(country, home[2]) if self.chance(.45) else None)
        dice, year = self.random(), self.between(1938, 2003)
        first = self.person(country, heritage, shared, year, self.chance(.5))
        if dice < .72:
            return [first]
        other_family = self.pools[self.heritages[country].draw(self.random)][2].draw(self.random) if self.chance(.2) else family
        second = self.person(country, heritage, (other_family, *shared[1:]), year + self.between(-6, 6), self.chance(.5))
        members = [first, second]
        if dice > .89 and year < 1982:
            for _ in range(self.between(1, 3)):
                born = year + self.between(20, 34)
                members.append(self.person(country, heritage, shared, born, self.chance(.5)))
                if self.chance(.08):
                    twin = self.person(country, heritage, shared, born, self.chance(.5))
                    twin.born = members[-1].born
                    members.append(twin)
            if self.chance(.10):
                # Named after the parent.
                members[2].given, members[2].suffix, first.suffix = first.given, "Jr", self.pick(("Sr", ""))
        if self.chance(.07):
            # One mailbox for all.
            mailbox = f"{plain(family).lower().replace(' ', '').replace(chr(39), '')}{self.between(1, 9999)}@{self.hosts.draw(self.random)}"
            for member in members:
                if self.chance(.7):
                    member.emails = [(0, mailbox)]
        return members

    def person(self, country, heritage, shared, year, male):
        """One customer of a household (family name, address, landline)."""
        family, address, landline = shared
        names = self.pools[heritage if self.chance(.6) else HOME[country]][0 if male else 1]
        person = Person(names.draw(self.random), chr(65 + self.between(0, 25)) if self.chance(.35) else "", "", [(0, family)],
                        (year, self.between(1, 12), self.between(1, 28)), country, [], [], [(0, address)])
        person.phones.append((0, landline if landline and self.chance(.4) else self.phone(country)))
        if self.chance(.22):
            person.phones.append((self.day(), self.phone(country)))
        if self.chance(.02 if male else .10):
            name = self.pools[self.heritages[country].draw(self.random)][2].draw(self.random)
            person.family.append((self.day(), f"{family}-{name}" if self.chance(.15) else name))
        if self.chance(.20):
            person.addresses.append((self.day(), self.address(country)))
        person.emails.append((0, self.mailbox(person, family)))
        if self.chance(.18):
            person.emails.append((self.day(), self.mailbox(person, person.family[-1][1])))
        if self.chance(.14):
            # Big employers have many customers among their people.
            person.company = self.companies[int(len(self.companies) * self.random() ** 2.2)]
        return person

    def day(self):
        """When something changed."""
        return self.between(FIRST_DAY, LAST_DAY)


def at(values, day):
    """The value of that day."""
    found = values[0][1]
    for since, value in values[1:]:
        if since <= day:
            found = value
    return found
