"""What the five systems keep of a customer, and how they spoil it."""
import dataclasses
import datetime

from names import LANGUAGES, NICKNAMES
from people import at
from text import plain, typo

COLUMNS = ("systemName", "sourceId", "email", "phoneNumber", "firstName", "lastName", "preferredLanguage", "lastPurchaseDate",
           "dateOfBirth", "street", "city", "postcode", "country", "company", "timestamp")


@dataclasses.dataclass(frozen=True)
class System:
    """A system: its share of records, how often it mistypes a field, and how often it has one at all."""
    name: str
    share: float
    slips: float
    email: float
    phone: float
    first: float
    last: float
    birth: float
    address: float
    company: float
    language: float
    purchase: float


SYSTEMS = (
    System("Salesforce_CRM", 25, .020, .88, .85, .98, .99, .50, .80, .85, .60, .50),
    System("Web_App", 30, .035, .98, .60, .96, .96, .45, .45, .20, .95, .75),
    System("Telephony_Logs", 13, .050, .08, .98, .82, .92, .06, .05, .08, .20, .00),
    System("ERP_System", 19, .025, .75, .78, .97, .99, .35, .95, .90, .30, .95),
    System("Support_Desk", 13, .045, .93, .58, .92, .90, .12, .15, .30, .55, .10),
)
JUNK = {
    "email": ("none@none.com", "test@example.com", "noreply@example.com", "n/a", "x@x.xx", "nomail@nomail.com"),
    "phone": ("0000000000", "1234567890", "+1 555 555 5555", "999999999", "n/a", "-"),
    "name": ("UNKNOWN", "n/a", "test", "Customer", "-", "Guest"),
}
LANGUAGE_SPELLINGS = {"en": ("en", "English", "EN_us"), "de": ("de", "Deutsch", "German"), "fr": ("fr", "Français", "French"),
                      "es": ("es", "Español", "Spanish")}
COUNTRY_SPELLINGS = {"US": ("US", "USA", "United States"), "GB": ("GB", "UK", "United Kingdom"), "DE": ("DE", "Germany", "Deutschland"),
                     "FR": ("FR", "France"), "ES": ("ES", "Spain", "España")}
EPOCH = datetime.date(1970, 1, 1)
DAYS = [(EPOCH + datetime.timedelta(day)).isoformat() for day in range(20500)]


def source_id(system, number):
    """An id as the system makes them; different numbers, different ids."""
    # A bijection of the numbers below a prime: neighbours look unrelated.
    mixed = number * 48_271_111 % 2_147_483_647
    return {"Salesforce_CRM": f"003{mixed:012X}", "Web_App": f"u{mixed}", "Telephony_Logs": f"call-{mixed:010}",
            "ERP_System": f"{4_000_000_000 + mixed}", "Support_Desk": f"SD{mixed:X}"}[system]


class Clerk:
    """Writes records of people, with the world's random numbers."""

    def __init__(self, world):
        self.world = world
        self.random, self.pick, self.chance = world.random, world.pick, world.chance
        self.total = sum(system.share for system in SYSTEMS)

    def reseeded(self):
        """After the world was reseeded."""
        self.random = self.world.random
        return self

    def system(self):
        """One of the systems, by its share."""
        dice = self.random() * self.total
        for system in SYSTEMS:
            dice -= system.share
            if dice < 0:
                return system
        return SYSTEMS[-1]

    def record(self, person, system, number, day):
        """The columns of what the system holds of the person since that day."""
        r, chance = self.random, self.chance
        given, family = self.names(person, system, day)
        business = person.company is not None and r() < .5
        email = self.email(person, system, family, day, business) if r() < system.email else ""
        phone = self.phone(person, system, day, business) if r() < system.phone else ""
        street = city = postcode = country = ""
        if r() < system.address:
            street, city, postcode = self.address(person, system, day, business)
            country = person.country if r() < .8 else self.pick(COUNTRY_SPELLINGS[person.country])
        elif chance(.25):
            country = person.country
        company = self.company(person.company, system) if person.company and r() < system.company else ""
        language = purchase = ""
        if r() < system.language:
            language = LANGUAGES[person.country]
            if r() < .25:
                language = self.pick(LANGUAGE_SPELLINGS[language[:2]])
        if r() < system.purchase:
            purchase = f"{DAYS[day - int(r() * 400)]}T{int(r() * 24):02}:{int(r() * 60):02}:00Z"
        born = self.birth(person, system) if r() < system.birth else ""
        second = int(r() * 86400)
        stamp = f"{DAYS[day]}T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z"
        return (system.name, source_id(system.name, number), email, phone, given, family, language, purchase, born, street, city, postcode,
                country, company, stamp)

    def slip(self, system, text):
        """The text as typed into this system."""
        if self.random() < system.slips:
            text = typo(self.random, text)
            if self.random() < .12:
                text = typo(self.random, text)
        return text

    def names(self, person, system, day):
        """Given and family name as the system has them."""
        r = self.random
        given, family = person.given, at(person.family, day)
        dice = r()
        if dice < .12 and given in NICKNAMES:
            given = self.pick(NICKNAMES[given])
        elif dice < .15:
            given = given[0] + ("." if r() < .5 else "")
        elif dice < .20 and person.middle:
            given = f"{given} {person.middle}{'.' if r() < .5 else ''}"
        if r() < .45:
            given, family = plain(given), plain(family)
        given, family = self.slip(system, given), self.slip(system, family)
        if " " in family or "-" in family:
            # Of two family names, often one.
            cut = r()
            if cut < .30:
                family = family.replace("-", " ").split()[0]
            elif cut < .45:
                family = family.replace("-", " ")
        if person.suffix and r() < .5:
            family = f"{family} {person.suffix}" if r() < .6 else f"{family}, {person.suffix}."
        if r() >= system.first:
            given = ""
        if r() >= system.last:
            family = ""
        dice = r()
        if dice < .012 or (system.name == "Telephony_Logs" and dice < .05):
            given, family = family, given
        elif dice > .995:
            given = self.pick(JUNK["name"])
        elif dice > .991:
            given, family = self.pick(JUNK["name"]), self.pick(JUNK["name"])
        elif dice > .98 and given and family:
            given, family = "", f"{given} {family}" if dice > .985 else f"{family}, {given}"
        case = r()
        if system.name in ("ERP_System", "Telephony_Logs") and case < .35:
            return given.upper(), family.upper()
        if system.name in ("Web_App", "Support_Desk") and case < .12:
            return given.lower(), family.lower()
        return (f" {given}", f"{family} ") if case > .98 else (given, family)

    def email(self, person, system, family, day, business):
        r = self.random
        if r() < .012:
            return self.pick(JUNK["email"])
        if business and r() < .75:
            email = self.work_mail(person, day)
        else:
            email = at(person.emails, day) if r() < .94 else person.emails[0][1]
        local, host = email.split("@")
        if r() < system.slips:
            if r() < .35:
                host = typo(r, host)
            else:
                local = typo(r, local)
        if r() < .03:
            local += "+" + self.pick(("shop", "news", "orders", "promo", "web"))
        elif host == "gmail.com" and r() < .04 and len(local) > 5:
            local = local.replace(".", "") if "." in local else f"{local[:4]}.{local[4:]}"
        email = f"{local}@{host}"
        case = r()
        return email.upper() if case < .04 else email.capitalize() if case < .10 else f" {email}" if case > .99 else email

    def work_mail(self, person, day):
        """One mailbox at work, and now and then that of the firm."""
        given, family = plain(person.given).lower().replace(" ", ""), plain(at(person.family, day)).lower().replace(" ", "").replace("'", "")
        host = person.company.domain
        # By the house's rule, which its name decides.
        rule = len(host) % 3
        if self.random() < .06:
            return f"{self.pick(('info', 'sales', 'office'))}@{host}"
        return f"{given}.{family}@{host}" if rule == 0 else f"{given[0]}{family}@{host}" if rule == 1 else f"{given}@{host}"

    def phone(self, person, system, day, business):
        r = self.random
        if r() < .010:
            return self.pick(JUNK["phone"])
        if business and r() < .6:
            number, extension = person.company.phone, r() < .3
        else:
            number, extension = at(person.phones, day) if r() < .95 else person.phones[0][1], False
        if r() < system.slips * .8:
            cut = 4 + int(r() * (len(number) - 4))
            number = number[:cut] + str(int(r() * 10)) + number[cut + 1:]
        written = self.format(number, person.country)
        return f"{written}{self.pick((' x', ' ext. ', ' ext '))}{int(r() * 900) + 100}" if extension else written

    def format(self, number, country):
        """One of the ways to write a number."""
        way = self.random()
        if country != "US" or not number.startswith("+1"):
            code = {"G": 3, "D": 3, "F": 3, "E": 3, "U": 2}[country[0]]
            national = number[code:]
            trunk = "" if country == "ES" else "0"
            if way < .35:
                return number
            if way < .6:
                return f"{trunk}{national[:4]} {national[4:]}"
            if way < .8:
                return f"{number[:code]} {national[:3]} {national[3:6]} {national[6:]}"
            return f"00{number[1:]}" if way < .9 else f"{trunk}{national}"
        area, exchange, line = number[2:5], number[5:8], number[8:]
        if way < .25:
            return number
        if way < .45:
            return f"({area}) {exchange}-{line}"
        if way < .62:
            return f"{area}-{exchange}-{line}"
        if way < .75:
            return number[2:]
        if way < .85:
            return f"{area}.{exchange}.{line}"
        return f"1-{area}-{exchange}-{line}" if way < .92 else f"+1 {area} {exchange} {line}" if way < .99 else f"{exchange}-{line}"

    def address(self, person, system, day, business):
        r = self.random
        street, city, postcode = person.company.address if business and r() < .5 else at(person.addresses, day)
        if person.country in ("US", "GB") and r() < .4:
            for whole, short in ((" Street", " St"), (" Avenue", " Ave"), (" Road", " Rd"), (" Drive", " Dr."), (" Lane", " Ln"),
                                 (" Boulevard", " Blvd"), (" Court", " Ct"), (" Close", " Cl."), (" Gardens", " Gdns")):
                if whole in street:
                    street = street.replace(whole, short)
                    break
        elif person.country == "DE" and r() < .4:
            street = street.replace("straße", "str." if r() < .6 else "strasse")
        if r() < .2:
            street, city = plain(street), plain(city)
        street, city = self.slip(system, street), self.slip(system, city)
        if r() < system.slips * .6:
            postcode = typo(r, postcode)
        if person.country == "US" and r() < .15:
            postcode += f"-{int(r() * 9000) + 1000}"
        elif person.country == "GB" and r() < .15:
            postcode = postcode.replace(" ", "")
        if r() < .08:
            street = ""
        if r() < .06:
            postcode = ""
        return (street.upper(), city.upper(), postcode) if system.name == "ERP_System" and r() < .3 else (street, city, postcode)

    def company(self, company, system):
        name, r = company.name, self.random
        if r() < .6:
            name = f"{name}{', ' if r() < .2 else ' '}{company.form}{'.' if r() < .2 else ''}"
        name = self.slip(system, name)
        return name.upper() if r() < .12 else name

    def birth(self, person, system):
        year, month, day = person.born
        dice = self.random()
        if dice < system.slips:
            if dice < system.slips * .3 and day < 13:
                month, day = day, month
            elif dice < system.slips * .6:
                day = 1 + (day + int(self.random() * 27)) % 28
            elif dice < system.slips * .8:
                year += self.pick((-10, -1, 1, 10))
            else:
                month = 1 + int(self.random() * 12)
        elif dice > .99:
            month = day = 1
        return f"{year:04}-{month:02}-{day:02}"
