"""Pools of names, places and words to draw from, with weights. Given and family names are Faker's lists (PyPI)."""
import bisect
import importlib
import itertools

# Where customers live, with weights, and of which lists their names are, with weights.
COUNTRIES = {"US": 74, "GB": 11, "DE": 7, "FR": 4, "ES": 4}
HERITAGES = {
    "US": {"en_US": 62, "tail": 20, "es_MX": 9, "it_IT": 3, "de_DE": 2, "en_IN": 3, "sv_SE": 1},
    "GB": {"en_GB": 68, "tail": 18, "en_IN": 10, "it_IT": 2, "fr_FR": 2},
    "DE": {"de_DE": 84, "nl_NL": 5, "it_IT": 5, "tail": 6},
    "FR": {"fr_FR": 86, "it_IT": 7, "es_ES": 7},
    "ES": {"es_ES": 88, "es_MX": 9, "it_IT": 3},
}
HOME = {"US": "en_US", "GB": "en_GB", "DE": "de_DE", "FR": "fr_FR", "ES": "es_ES"}
LANGUAGES = {"US": "en-US", "GB": "en-GB", "DE": "de-DE", "FR": "fr-FR", "ES": "es-ES"}

# City, first digits of its postcodes, telephone area, weight.
CITIES = {
    "US": [("New York", "100", "212", 30), ("Brooklyn", "112", "718", 26), ("Los Angeles", "900", "213", 38), ("Chicago", "606", "312", 27),
           ("Houston", "770", "713", 23), ("Phoenix", "850", "602", 16), ("Philadelphia", "191", "215", 16), ("San Antonio", "782", "210", 14),
           ("San Diego", "921", "619", 14), ("Dallas", "752", "214", 13), ("Austin", "787", "512", 10), ("San Jose", "951", "408", 10),
           ("Columbus", "432", "614", 9), ("Charlotte", "282", "704", 9), ("Indianapolis", "462", "317", 9), ("Seattle", "981", "206", 8),
           ("Denver", "802", "303", 7), ("Boston", "021", "617", 7), ("Nashville", "372", "615", 7), ("Portland", "972", "503", 6),
           ("Detroit", "482", "313", 6), ("Memphis", "381", "901", 6), ("Milwaukee", "532", "414", 6), ("Albuquerque", "871", "505", 6),
           ("Tucson", "857", "520", 5), ("Sacramento", "958", "916", 5), ("Kansas City", "641", "816", 5), ("Atlanta", "303", "404", 5),
           ("Omaha", "681", "402", 5), ("Raleigh", "276", "919", 5), ("Miami", "331", "305", 4), ("Minneapolis", "554", "612", 4),
           ("Tulsa", "741", "918", 4), ("Tampa", "336", "813", 4), ("Cleveland", "441", "216", 4), ("Saint Louis", "631", "314", 3),
           ("Pittsburgh", "152", "412", 3), ("Cincinnati", "452", "513", 3), ("Boise", "837", "208", 2), ("Spokane", "992", "509", 2)],
    "GB": [("London", "SW", "20", 60), ("Birmingham", "B", "121", 11), ("Leeds", "LS", "113", 8), ("Glasgow", "G", "141", 6),
           ("Sheffield", "S", "114", 6), ("Manchester", "M", "161", 6), ("Edinburgh", "EH", "131", 5), ("Liverpool", "L", "151", 5),
           ("Bristol", "BS", "117", 5), ("Cardiff", "CF", "29", 4), ("Leicester", "LE", "116", 4), ("Nottingham", "NG", "115", 3)],
    "DE": [("Berlin", "10", "30", 36), ("Hamburg", "20", "40", 18), ("München", "80", "89", 15), ("Köln", "50", "221", 11),
           ("Frankfurt am Main", "60", "69", 8), ("Stuttgart", "70", "711", 6), ("Düsseldorf", "40", "211", 6), ("Leipzig", "04", "341", 6),
           ("Nürnberg", "90", "911", 5), ("Bremen", "28", "421", 5)],
    "FR": [("Paris", "750", "1", 22), ("Marseille", "130", "4", 9), ("Lyon", "690", "4", 5), ("Toulouse", "310", "5", 5),
           ("Nice", "060", "4", 3), ("Nantes", "440", "2", 3), ("Strasbourg", "670", "3", 3), ("Lille", "590", "3", 2)],
    "ES": [("Madrid", "280", "91", 33), ("Barcelona", "080", "93", 16), ("Valencia", "460", "96", 8), ("Sevilla", "410", "95", 7),
           ("Zaragoza", "500", "976", 7), ("Málaga", "290", "952", 6), ("Bilbao", "480", "94", 3)],
}
STREETS = {
    "US": ("Street St Avenue Ave Road Rd Drive Dr Lane Ln Boulevard Blvd Court Ct Place Pl Terrace Ter", ["{word} {kind}"]),
    "GB": ("Road Rd Street St Lane Ln Close Cl Avenue Ave Gardens Gdns Crescent Cres", ["{word} {kind}"]),
    "DE": ("straße str. weg weg platz pl. allee allee", ["{word}{kind}"]),
    "FR": ("rue r. avenue av. boulevard bd place pl.", ["{kind} de {word}", "{kind} {word}"]),
    "ES": ("Calle C/ Avenida Avda. Plaza Pza. Paseo Pº", ["{kind} de {word}", "{kind} {word}"]),
}
STREET_WORDS = {
    "US": "Alder Almond Amber Arbor Aster Bayview Bluff Brook Buckeye Cardinal Clover Copper Coral Crest Cross Dale Deer Ember Fern Field "
          "Foothill Garnet Ginger Glen Harvest Hazel Heron Horseshoe Indigo Island Jade Knoll Lantern Ledge Lilac Marble Marsh Mesa Mint "
          "Mulberry Nectar Oakwood Olive Orchid Otter Pebble Quarry Ranch Reed Sable Sage Shore Sierra Stonegate Tanager Thistle Trail Valley".split(),
    "GB": "Abbey Albion Alma Beech Bishops Castle Chapel Coronation Dene Farm George Grange Hawthorn Heath Manor Nelson Park Priory Queens "
          "Rectory School Station Vicarage Victoria Wharf Windmill".split(),
    "DE": "Ahorn Bach Bahnhof Berg Birken Buchen Dorf Eichen Feld Garten Goethe Haupt Kirch Linden Mühlen Ring Rosen Schiller Schul Wald Wiesen".split(),
    "FR": "Gaulle Foch Hugo Pasteur Verdun Moulins Écoles Tilleuls Lilas Jaurès Gambetta Fontaine Vignes Carnot Mairie".split(),
    "ES": "Mayor Cervantes Colón Goya Sol Iglesia Fuente Olivos Rosales Velázquez Constitución Estación Jardines Castilla".split(),
}
MAIL_HOSTS = {"gmail.com": 46, "yahoo.com": 15, "outlook.com": 11, "hotmail.com": 10, "icloud.com": 6, "aol.com": 4, "proton.me": 2, "comcast.net": 2}
LOCAL_HOSTS = {"GB": "btinternet.com", "DE": "gmx.de", "FR": "orange.fr", "ES": "telefonica.net"}
NICKNAMES = {
    "Alexander": "Alex Sasha", "Andrew": "Andy Drew", "Anthony": "Tony", "Benjamin": "Ben Benny", "Charles": "Charlie Chuck",
    "Christopher": "Chris Kit", "Daniel": "Dan Danny", "David": "Dave", "Donald": "Don", "Edward": "Ed Eddie Ted", "Eugene": "Gene",
    "Frederick": "Fred", "Gregory": "Greg", "Henry": "Hank Harry", "James": "Jim Jimmy Jamie", "Jeffrey": "Jeff", "John": "Jack Johnny",
    "Jonathan": "Jon", "Joseph": "Joe Joey", "Joshua": "Josh", "Kenneth": "Ken", "Lawrence": "Larry", "Matthew": "Matt",
    "Michael": "Mike Mick", "Nathaniel": "Nate", "Nicholas": "Nick", "Patrick": "Pat Paddy", "Peter": "Pete", "Philip": "Phil",
    "Raymond": "Ray", "Richard": "Rick Dick Rich", "Robert": "Bob Rob Bobby", "Ronald": "Ron", "Samuel": "Sam", "Stephen": "Steve",
    "Steven": "Steve", "Theodore": "Ted Theo", "Thomas": "Tom Tommy", "Timothy": "Tim", "Vincent": "Vince", "Walter": "Walt",
    "William": "Bill Will Billy", "Zachary": "Zach", "Abigail": "Abby", "Amanda": "Mandy", "Barbara": "Barb", "Catherine": "Cathy Kate",
    "Christina": "Tina Chris", "Cynthia": "Cindy", "Deborah": "Debbie Deb", "Dorothy": "Dot", "Elizabeth": "Liz Beth Betty",
    "Jacqueline": "Jackie", "Jennifer": "Jen Jenny", "Jessica": "Jess", "Judith": "Judy", "Katherine": "Kathy Kate Katie",
    "Kimberly": "Kim", "Margaret": "Maggie Peg Meg", "Melissa": "Missy", "Pamela": "Pam", "Patricia": "Pat Patty Trish",
    "Rebecca": "Becky", "Sandra": "Sandy", "Stephanie": "Steph", "Susan": "Sue", "Theresa": "Terry", "Valerie": "Val", "Victoria": "Vicky",
    "Maximilian": "Max", "Johannes": "Hans", "Francisco": "Paco", "José": "Pepe",
}
NICKNAMES = {name: short.split() for name, short in NICKNAMES.items()}
COMPANY_WORDS = ("Ardent Basalt Birchwood Bluestem Bramble Brightwater Cobalt Compass Copperfield Driftwood Easton Fairmont Fieldstone "
                 "Foxglove Greyhound Halcyon Ironwood Juniper Kestrel Larkspur Lodestar Marlow Northgate Oakhaven Palisade Parallel Pinnacle "
                 "Quarry Ravenwood Ridgeway Saffron Sandpiper Silverline Stonebridge Tamarack Tidewater Trellis Umber Westfield Zephyr").split()
COMPANY_TRADES = ("Advisors Appliances Auto Books Brewing Builders Cabinetry Catering Chemicals Cleaning Clinic Coffee Components Dairy "
                  "Distribution Drilling Events Fabrication Farms Freight Furniture Glass Hardware Hosting Imports Instruments Interiors Joinery "
                  "Laundry Metals Mills Optics Packaging Paper Printing Produce Rentals Seeds Shipping Staffing Studios Tools Toys Water").split()
COMPANY_FORMS = {"US": ["Inc", "LLC", "Corp", "Co"], "GB": ["Ltd", "PLC"], "DE": ["GmbH", "AG"], "FR": ["SARL", "SA"], "ES": ["SL", "SA"]}


class Pool:
    """Things to draw from, each as often as its weight says."""

    def __init__(self, weights):
        self.items = list(weights)
        self.sums = list(itertools.accumulate(weights.values()))

    def draw(self, random):
        """One of them; `random` gives a number from 0 to 1."""
        return self.items[bisect.bisect(self.sums, random() * self.sums[-1])]


def falling(names):
    """The frequencies of names whose list has none: the n-th is as common as Zipf says, flattened at the top."""
    return {name: 1 / (rank + 12) for rank, name in enumerate(dict.fromkeys(names))}


def made_surnames():
    """The long tail of rare names, which no list has: some 7,000 of two parts."""
    first = ("Ald Ash Bar Beck Black Brad Bran Brook Burn Cal Car Clay Cole Cran Dal Dar Dun East Ed El Fair Farn Gar Glad Good Green Had Hal "
             "Ham Har Hart Hay Haz High Hol Hurst Kel Ken Kirk Lang Law Lind Long Mar Mer Mid Mil Mor Nor Oak Old Os Pem Pen Rad Ray Red Rich "
             "Rock Ros Rush Sax Shel Stan Stock Sut Swin Thorn Til Tre Under Wain Wal War Wes Wet Whit Wil Win Wood Wy").split()
    last = ("beck berg berry bourne bridge brook burn bury by combe cott croft dale den don field ford gate grave ham hill holm house hurst kin "
            "land ley lock low man mere mont more nell ner ness ock ridge rick rop sett shaw son stead sted stein stock stone ston tham thorpe ton "
            "ville wald wall ward way well wick win wood worth wright").split()
    return [one + other for one in first for other in last]


def locale(name):
    """Faker's provider of people of a place: pools of male and female given names, and of family names."""
    provider = importlib.import_module(f"faker.providers.person.{name}").Provider
    lists = (provider.first_names_male, provider.first_names_female, provider.last_names)
    return tuple(Pool(dict(names) if isinstance(names, dict) else falling(names)) for names in lists)


def pools():
    """By list of names: male, female, family names."""
    found = {name: locale(name) for name in {name for lists in HERITAGES.values() for name in lists} - {"tail"}}
    found["tail"] = (*found["en_US"][:2], Pool({name: 1 / (rank + 400) for rank, name in enumerate(made_surnames())}))
    return found
