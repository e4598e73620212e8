"""What the sample roster is drawn from: countries, languages, fields of work, employers, sentences. All invented."""

from __future__ import annotations

from dataclasses import dataclass

# country -> (weight, mother tongues to choose from); the weights give a plausible spread, no statistic is behind them
EU: dict[str, tuple[int, str]] = {
    "BE": (12, "fr nl"), "FR": (14, "fr"), "ES": (14, "es"), "DE": (9, "de"), "IT": (9, "it"), "PT": (6, "pt"),
    "PL": (6, "pl"), "RO": (4, "ro"), "NL": (5, "nl"), "SE": (5, "sv"), "FI": (5, "fi sv"), "DK": (3, "da"),
    "AT": (4, "de"), "IE": (4, "en"), "GR": (3, "el"), "HU": (3, "hu"), "CZ": (3, "cs"), "SK": (2, "sk"),
    "SI": (2, "sl"), "HR": (3, "hr"), "BG": (3, "bg"), "EE": (3, "et"), "LV": (2, "lv"), "LT": (2, "lt"),
    "LU": (2, "fr de"), "MT": (1, "mt"), "CY": (1, "el"),
}  # fmt: skip
BEYOND: dict[str, tuple[int, str]] = {
    "CO": (3, "es"), "PE": (3, "es"), "CL": (3, "es"), "CR": (2, "es"), "UY": (2, "es"), "MX": (3, "es"),
    "EC": (2, "es"), "BR": (3, "pt"), "MA": (3, "ar"), "TN": (3, "ar"), "SN": (2, "fr"), "CI": (2, "fr"),
    "GH": (2, "en"), "KE": (2, "en"), "ZA": (2, "en"), "CV": (1, "pt"), "GE": (2, "ka"), "MD": (2, "ro"),
    "RS": (2, "sr"), "AL": (2, "sq"), "UA": (2, "uk"), "MK": (1, "mk"), "BA": (1, "bs"), "AM": (1, "hy"),
    "JO": (1, "ar"), "VN": (1, "vi"), "KH": (1, "km"), "TH": (1, "th"),
}  # fmt: skip

# country -> languages often learnt there besides the mother tongue
NEIGHBOUR_LANGUAGES: dict[str, str] = {
    "BE": "fr nl de", "LU": "fr de", "MA": "fr es", "TN": "fr", "IT": "fr es", "PT": "es fr", "ES": "fr pt",
    "FR": "es de it", "RO": "fr it", "MD": "ru fr", "GE": "ru", "UA": "ru pl", "AM": "ru", "EE": "ru fi",
    "LV": "ru", "LT": "ru pl", "BR": "es", "CV": "fr", "BG": "ru de", "GR": "de fr", "AT": "it", "FI": "sv de",
    "SE": "fi de", "CI": "en", "SN": "ar", "RS": "ru de", "BA": "hr de", "MT": "it", "CY": "tr", "JO": "fr",
}  # fmt: skip
WIDELY_LEARNT = "fr es de pt it ar ru"

DESTINATIONS: dict[str, str] = {
    "SSA": "SN ML CI GH KE RW CM BJ BF MG TZ ET ZM GM NE",
    "LAC": "PE CO CR EC BO MX BR PY UY DO GT HN",
    "NEIGH_SOUTH": "MA TN JO LB EG",
    "NEIGH_EAST": "MD GE AM AZ UA",
    "ENLARGEMENT": "AL BA ME MK RS XK TR",
    "ASIA_PACIFIC": "VN KH TH KG UZ MN ID",
}
SELDOM_ACCEPTED = ("NE", "ML", "UA", "LB", "NG", "ET")


@dataclass(frozen=True)
class Field:
    """A field of work: its themes (first ones most often), the public bodies found there, and job titles."""

    weight: int
    themes: str
    employers: tuple[tuple[str, str], ...]  # (name, institution type)
    titles: tuple[str, ...]
    skills: str = "training facilitation peer_review coaching"


_SOCIAL = ("Ministry of Social Affairs", "ministry")
_LABOUR = ("Ministry of Labour", "ministry")
_PES = ("Public Employment Service", "public_employment_service")
_CITY = ("City Social Services", "local_authority")
_PENSION = ("Pension Institute", "social_security_body")
_FUND = ("Social Security Fund", "social_security_body")
_STATISTICS = ("Social Statistics Agency", "agency")

FIELDS: dict[str, Field] = {
    "pensions": Field(10, "A01 A03 F01 A02 F03 A08 E02 B03", (_PENSION,), ("Actuary", "Head of pension policy"),
                      "actuarial data legal_drafting"),
    "benefits": Field(8, "A07 A04 A06 A05 E03 E06 I07", (_FUND,), ("Benefit manager", "Legal adviser"),
                      "training legal_drafting"),
    "assistance": Field(12, "B01 B08 E05 B02 F05 D05 B07 B04", (_SOCIAL, _FUND), ("Programme manager", "Adviser")),
    "health": Field(8, "C01 C02 C03 C06 C04 C05", (("Health Insurance Fund", "social_security_body"),),
                    ("Health economist", "Head of unit"), "data training"),
    "services": Field(12, "D07 D01 D03 D05 D04 D06 D08 B08", (_CITY, _SOCIAL), ("Head of social work", "Supervisor")),
    "disability": Field(8, "D02 I03 E01 F06 D08 B05 C04", (("Disability Agency", "agency"), _SOCIAL),
                        ("Head of unit", "Rights officer")),
    "administration": Field(12, "E01 E02 E03 E04 E06 D05 E05 E07", (_FUND, _SOCIAL), ("Director", "Organiser"),
                            "facilitation data coaching"),
    "evidence": Field(8, "F05 F04 F06 F02 G02 E05 B01", (_STATISTICS,), ("Evaluator", "Analyst"), "data training"),
    "outreach": Field(6, "E07 J05 C06 D07 B08 E08", (_SOCIAL, ("Public Communication Agency", "agency")),
                      ("Head of communication", "Senior trainer"), "training facilitation coaching"),
    "employment": Field(10, "G01 G02 G04 G05 G03 G08 G07 G06", (_LABOUR,), ("Policy officer", "Adviser")),
    "pes": Field(14, "H01 H02 H03 H04 H06 H05 I07 G08", (_PES,), ("Regional manager", "Senior counsellor")),
    "measures": Field(8, "I01 I02 I03 I05 I04 I07 L06", (_PES, _LABOUR), ("Programme manager", "Evaluator")),
    "skills": Field(10, "J01 J02 J08 J04 J05 J07 J06 J03", (("Vocational Training Agency", "agency"),),
                    ("Training adviser", "Assessor")),
    "labour": Field(12, "K03 K04 K01 K06 K02 K07 K05 K08", (("Labour Inspectorate", "inspectorate"), _LABOUR),
                    ("Inspector", "Legal adviser"), "legal_drafting training facilitation"),
    "mobility": Field(7, "L01 L03 L04 L02 L05 E08", (_LABOUR, ("Migration Agency", "agency")), ("Adviser", "Analyst")),
    "funds": Field(5, "L08 L07 L06 F05 L04", (("Social Fund Authority", "managing_authority"),), ("Fund manager",)),
}  # fmt: skip

# other categories -> (weight inside the EU, weight beyond, employer's name, institution type)
OTHER_EMPLOYERS: dict[str, tuple[int, int, str, str]] = {
    "social_partner": (6, 4, "Trade Union Federation", "trade_union"),
    "academic": (8, 8, "Institute for Social Research", "academic"),
    "international_organisation": (4, 8, "International Social Office", "international_organisation"),
    "private": (8, 4, "Consultancy", "private_body"),
    "retired_official": (5, 2, "Retired official, self-employed", "private_body"),
}
MANDATED_EMPLOYERS: tuple[tuple[str, str], ...] = (
    _PENSION,
    _FUND,
    ("Family Allowance Fund", "social_security_body"),
    ("Sector Training Fund", "agency"),
)

SUMMARIES: dict[str, tuple[str, ...]] = {
    "en": (
        "{title} with {years} years of practice. Main work: {first}; also {second}. {trips} {skill}",
        "Has spent {years} years on {first}. Knows {second} from inside and has advised on {third}. {trips} {skill}",
        "Works on {first} and {second}. Before that: {third}. {skill} {trips}",
        "{title}. Led a team on {first}, wrote guidance on {second}, and advised on {third}. {trips}",
    ),
    "fr": (
        "{years} ans de pratique. Travaille sur {first} ; connaît aussi {second}. {trips} {skill}",
        "A dirigé des travaux sur {first}, puis sur {second}. Conseille également sur {third}. {trips} {skill}",
    ),
    "es": (
        "{years} años de práctica. Trabaja en {first}; conoce también {second}. {trips} {skill}",
        "Ha dirigido trabajos sobre {first} y después sobre {second}. Asesora además sobre {third}. {trips} {skill}",
    ),
}
TRIPS: dict[str, tuple[str, str]] = {
    "en": ("Short assignments in {countries}.", "No assignment abroad yet."),
    "fr": ("Missions courtes : {countries}.", "Pas encore de mission à l'étranger."),
    "es": ("Misiones cortas: {countries}.", "Todavía sin misiones en el extranjero."),
}
SKILLS: dict[str, str] = {
    "en": "Method: {skills}.",
    "fr": "Méthodes : {skills}.",
    "es": "Métodos: {skills}.",
}
ROLES = ("principal expert", "expert", "expert", "trainer", "peer reviewer")
