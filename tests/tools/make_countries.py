"""Makes mapper/data/countries.json: English country names in lower case -> ISO 3166 alpha-2 codes.

The names are those of ISO 3166 as pycountry has them (name, common name, official name), and the
aliases below, which people write and which were reviewed one by one. A name with letters beyond
ASCII is entered also with those in lower case, and without their accents.

Run it as `python -m tests.tools.make_countries`; a test compares the file with what it gives.
"""

import json
import unicodedata
from pathlib import Path

import pycountry

FILE = Path(__file__).resolve().parents[2] / "mapper" / "data" / "countries.json"

ALIASES = {
    "AE": ["UAE", "U.A.E."],
    "AG": ["Antigua & Barbuda"],
    "AX": ["Aland"],
    "BA": ["Bosnia", "Bosnia & Herzegovina", "Bosnia-Herzegovina"],
    "BN": ["Brunei"],
    "BQ": ["Bonaire", "Caribbean Netherlands"],
    "BS": ["The Bahamas"],
    "CC": ["Cocos Islands"],
    "CD": [
        "Congo (Kinshasa)",
        "Congo, Democratic Republic of the",
        "Democratic Republic of Congo",
        "Democratic Republic of the Congo",
        "DR Congo",
        "DRC",
    ],
    "CG": ["Congo (Brazzaville)", "Congo-Brazzaville", "Republic of Congo"],
    "CI": ["Ivory Coast"],
    "CN": ["PRC", "P.R. China", "Mainland China"],
    "CV": ["Cape Verde"],
    "FK": ["Falkland Islands", "Falklands"],
    "FM": ["Micronesia"],
    "GB": [
        "UK",
        "U.K.",
        "The United Kingdom",
        "Great Britain",
        "Britain",
        "England",
        "Scotland",
        "Wales",
        "Northern Ireland",
    ],
    "GM": ["Gambia, The", "The Gambia"],
    "HK": ["Hong Kong SAR", "Hong Kong SAR China"],
    "IE": ["Republic of Ireland", "Eire"],
    "IM": ["Isle of Mann"],
    "KN": ["St. Kitts and Nevis", "St Kitts and Nevis", "Saint Kitts & Nevis"],
    "KP": ["DPRK"],
    "KR": ["Korea", "Korea, South", "Republic of Korea"],
    "LC": ["St. Lucia", "St Lucia"],
    "MF": ["Saint Martin", "St. Martin"],
    "MK": ["Macedonia"],
    "MM": ["Burma", "Myanmar (Burma)"],
    "MO": ["Macau", "Macao SAR China"],
    "NL": ["Holland", "The Netherlands"],
    "PH": ["The Philippines"],
    "PM": ["St. Pierre and Miquelon", "Saint Pierre & Miquelon"],
    "PN": ["Pitcairn Islands"],
    "PS": ["Palestine", "Palestinian Territories"],
    "RU": ["Russia"],
    "SH": ["Saint Helena", "St. Helena"],
    "ST": ["Sao Tome & Principe", "São Tomé and Príncipe"],
    "SX": ["Sint Maarten"],
    "SZ": ["Swaziland"],
    "TC": ["Turks & Caicos Islands", "Turks and Caicos"],
    "TL": ["East Timor"],
    "TR": ["Turkey"],
    "TT": ["Trinidad", "Trinidad & Tobago"],
    "US": [
        "US",
        "U.S.",
        "USA",
        "U.S.A.",
        "U.S",
        "U.S.A",
        "The United States",
        "The United States of America",
        "United States (USA)",
    ],
    "VA": ["Vatican", "Vatican City", "Holy See"],
    "VC": ["St. Vincent and the Grenadines", "Saint Vincent & the Grenadines"],
    "VG": ["Virgin Islands (British)"],
    "VI": ["US Virgin Islands", "U.S. Virgin Islands", "Virgin Islands (U.S.)"],
    "WS": ["Western Samoa"],
}


def spellings(name: str) -> set[str]:
    """Return *name* with A to Z in lower case, all in lower case, and without accents.

    A reader of the file lowers A to Z only, so that every engine does it alike.
    """
    letters = unicodedata.normalize("NFKD", name)
    folded = "".join(letter for letter in letters if not unicodedata.combining(letter))
    ascii_lower = "".join(letter.lower() if letter.isascii() else letter for letter in name)
    return {ascii_lower, name.lower(), folded.lower()}


def countries() -> dict[str, str]:
    """Return the codes by name, sorted by name."""
    codes: dict[str, str] = {}
    for country in pycountry.countries:
        code = country.alpha_2
        names = {getattr(country, key, "") for key in ("name", "common_name", "official_name")}
        for name in names - {""} | set(ALIASES.get(code, ())):
            for spelling in spellings(name):
                if codes.setdefault(spelling, code) != code:
                    raise ValueError(f"{spelling} is both {codes[spelling]} and {code}")
    return dict(sorted(codes.items()))


def text() -> str:
    """Return the text of the file: one name a line."""
    return json.dumps(countries(), ensure_ascii=False, indent=0) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), "utf-8")
