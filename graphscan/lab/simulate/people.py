"""Where ordinary customers live, and what everybody there has in common. Constants only.

The shares are made up; what matters is their shape: one language of 60 %, two dozen others of .3 to 6 %, each
with its own carriers, mail provider and hours. Names of companies are invented, mail domains end in the
reserved `.example`.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Country:
    """`share` of all accounts in per cent, `offset` from UTC in minutes, `carriers` by market share."""

    code: str
    language: str
    share: float
    offset: int
    mail: str
    carriers: tuple[float, ...] = (0.5, 0.3, 0.2)


COUNTRIES = (
    Country("US", "en", 30.0, -360, "postbox-us.example", (0.3, 0.25, 0.2, 0.15, 0.1)),
    Country("IN", "en", 10.0, 330, "daakmail.example", (0.45, 0.35, 0.2)),
    Country("GB", "en", 9.5, 0, "royalpost.example", (0.4, 0.35, 0.25)),
    Country("CA", "en", 6.0, -300, "maplemail.example"),
    Country("AU", "en", 4.5, 600, "outbackpost.example"),
    Country("MX", "es", 5.5, -360, "correo-mx.example"),
    Country("BR", "pt", 5.0, -180, "correio-br.example"),
    Country("DE", "de", 4.0, 60, "briefkasten.example"),
    Country("FR", "fr", 3.5, 60, "facteur.example"),
    Country("JP", "ja", 3.0, 540, "yubin.example"),
    Country("IT", "it", 2.0, 60, "cassetta.example"),
    Country("ID", "id", 2.0, 420, "suratku.example"),
    Country("KR", "ko", 1.7, 540, "pyeonji.example"),
    Country("RU", "ru", 1.6, 180, "pochta.example"),
    Country("TR", "tr", 1.5, 180, "postaci.example", (0.6, 0.4)),
    Country("PL", "pl", 1.3, 60, "listonosz.example"),
    Country("VN", "vi", 1.2, 420, "thudientu.example", (0.6, 0.4)),
    Country("NL", "nl", 1.1, 60, "brievenbus.example"),
    Country("EG", "ar", 1.0, 120, "barid.example", (0.7, 0.3)),
    Country("UA", "uk", 0.8, 120, "lyst.example"),
    Country("TH", "th", 0.8, 420, "praisani.example", (0.6, 0.4)),
    Country("BD", "bn", 0.7, 360, "chithi.example", (0.7, 0.3)),
    Country("SE", "sv", 0.6, 60, "brevlada.example"),
    Country("SG", "zh", 0.6, 480, "youxiang.example", (0.6, 0.4)),
    Country("CZ", "cs", 0.5, 60, "schranka.example"),
    Country("GR", "el", 0.5, 120, "grammata.example", (0.6, 0.4)),
    Country("RO", "ro", 0.5, 120, "scrisoare.example"),
    Country("IL", "he", 0.4, 120, "doar.example", (0.6, 0.4)),
    Country("HU", "hu", 0.4, 60, "levelada.example"),
    Country("FI", "fi", 0.3, 120, "posti.example"),
)

# Share of the accounts of other countries that write English all the same.
SHARE_ENGLISH_ABROAD = 0.06

# How people get on line: fixed line with a daily address, fixed line with a lasting one, IPv6 at home, phone,
# server.
ACCESS = (0.45, 0.15, 0.17, 0.15, 0.08)
ACCOUNTS_A_REGION = 150  # a carrier's fixed-line pool (4,096 addresses) serves so many of the log's accounts
REGION_SIZE = 4096
ACCOUNTS_A_PHONE_POOL = 400  # carrier-grade NAT: 64 public addresses for so many of the log's accounts
PHONE_POOL_SIZE = 64
SHARE_SECOND_PHONE = 0.5  # accounts that also come over a phone
SHARE_VPN = 0.04  # accounts that also come through one of a few commercial VPNs
VPNS = 4
VPN_SIZE = 64
CLOUDS = 5
HOSTS = 8  # cheap hosting firms, where rings rent as well
SHARE_HOSTED = 0.3  # of customers' servers
HOSTING_SIZE = 65536

GLOBAL_MAIL = (
    ("quickmail.example", 0.55),
    ("lookoutmail.example", 0.18),
    ("cloudpost.example", 0.12),
    ("yonder.example", 0.1),
    ("tinfoil.example", 0.05),
)
SHARE_LOCAL_MAIL = 0.3  # outside the English-speaking countries
SHARE_OWN_DOMAIN = 0.05

PLANS = (("free", 0.55), ("plus", 0.25), ("api", 0.12), ("team", 0.04), ("pro", 0.03), ("education", 0.01))

# Requests of an account over two weeks: log-normal, so that two in five send one or two and a few send
# thousands.
REQUESTS_MU = 1.05
REQUESTS_SIGMA = 1.55
MOST_REQUESTS = 20_000

# Weight of each local hour of the day, for people at large and for offices.
HUMAN_HOURS = (2, 1, 1, 1, 1, 1, 2, 4, 6, 8, 9, 9, 8, 8, 9, 9, 9, 8, 8, 9, 10, 9, 7, 4)
OFFICE_HOURS = (0, 0, 0, 0, 0, 0, 1, 3, 8, 10, 10, 9, 6, 9, 10, 10, 9, 6, 2, 1, 1, 0, 0, 0)
WEEKEND = 0.65  # traffic of a Saturday or Sunday beside a weekday

SIGN_UP_DAYS = 500  # how far back sign-ups go
NEWS = (
    (12.0, 5.0),
    (45.0, 3.0),
    (100.0, 6.0),
    (210.0, 4.0),
    (330.0, 8.0),
)  # days before the end, times as many

SHARE_SYSTEM = 0.5  # of accounts on an API plan that send a system text of their own
TOPICS = 40

BROWSERS = tuple(
    f"Mozilla/5.0 ({place}) {engine}{version}.0{tail}"
    for place in (
        "Windows NT 10.0; Win64; x64",
        "Macintosh; Intel Mac OS X 10_15_7",
        "X11; Linux x86_64",
        "Linux; Android 10; K",
        "iPhone; CPU iPhone OS 18_5 like Mac OS X",
    )
    for engine, tail, versions in (
        ("AppleWebKit/537.36 (KHTML, like Gecko) Chrome/", " Safari/537.36", range(136, 147)),
        ("Gecko/20100101 Firefox/", "", range(138, 146)),
    )
    for version in versions
)
CLIENTS = tuple(
    f"{name}/{version}"
    for name, versions in (
        ("meridian-python", ("1.40.0", "1.42.1", "1.43.0", "1.45.2", "1.46.0")),
        ("meridian-node", ("0.30.1", "0.31.0", "0.33.2")),
        ("python-requests", ("2.31.0", "2.32.3", "2.32.5")),
        ("curl", ("8.5.0", "8.7.1", "8.11.0")),
        ("axios", ("1.7.9", "1.8.4")),
        ("Go-http-client", ("1.1", "2.0")),
        ("okhttp", ("4.12.0", "5.0.0")),
        ("langgraph-client", ("0.9.2", "1.0.1")),
        ("Meridian-iOS", ("4.18.2", "4.19.0")),
        ("Meridian-Android", ("4.17.9", "4.19.1")),
    )
    for version in versions
)

MODELS = (("meridian-4-small", 0.45), ("meridian-4-large", 0.4), ("meridian-3-large", 0.15))
NEW_MODEL = "meridian-5-large"
RELEASED_AT = 0.6  # of the window
