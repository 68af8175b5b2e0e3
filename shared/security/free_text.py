"""What people type freely (a name, a subject, a phase) is searched for what is never stored: health, and citizen service numbers."""

import re
from datetime import date

from shared.errors import DomainError
from shared.security.refused import holds_bsn, is_bsn
from shared.slug import unaccented

NEVER_A_NAME = (
    "burn-?out", "overspannen(?:heid)?", "zwanger(?:schap)?", "zwangerschaps?-?verlof", "bevallings?-?verlof", "ziekte-?verlof", "ziekteverzuim",
    "ziek-?melding", "ziek-?gemeld", "ziekmelden", "langdurig-ziek", "re-?integratie", "arbeidsongeschikt(?:heid)?", "depressief", "depressie",
    "psychose", "psychisch", "ptss", "adhd", "chemo(?:therapie)?", "bestraling", "hartaanval", "herseninfarct", "hersenschudding", "miskraam",
    "long-?covid", "diagnose", "mantelzorg", "rouwverlof", "zorgverlof", "pregnant", "pregnancy", "maternity-leave", "sick-leave", "depression",
)  # fmt: skip
"""Of health or of a reason for an absence wherever it stands: nobody is called so, and no school teaches it by this name."""

MAYBE_A_NAME = (
    "ziek", "ziekte", "griep", "kanker", "corona", "covid", "hernia", "operatie", "geopereerd", "migraine", "reuma", "autisme", "autistisch",
    "handicap", "gehandicapt", "verzuim", "verlof", "ziekenhuis", "revalidatie", "sick", "ill", "cancer", "flu",
)  # fmt: skip
"""Of health where it stands as a remark: between brackets, after a comma or dash, without a capital, or alone; Piet Griep is a name."""

TAUGHT = frozenset({"autisme", "autistisch", "handicap", "gehandicapt", "ziekenhuis", "revalidatie"})
"""Of those what a class or a school can be called by, alone: a workplace may be for it."""

_APART = r"(?<![a-z0-9]){}(?![a-z0-9])"
_NEVER = re.compile(_APART.format(f"(?:{'|'.join(NEVER_A_NAME)})"))
_MAYBE = re.compile(_APART.format(f"(?:{'|'.join(MAYBE_A_NAME)})"))
_ALONE = frozenset(MAYBE_A_NAME) - TAUGHT
_REMARK = re.compile(r"[(\[{].*|\s[-–—/|].*|[,:;].*")
_SMALL_WORDS = re.compile(r"(?<![^\s])[^\W\d_A-Z][\w]*")
_EIGHT_DIGITS = re.compile(r"(?<!\d)(?<!\d[ .-])(\d{8}|\d{2}([ .-])\d{3}\2\d{3})(?![ .-]?\d)")
_MOBILE = re.compile(r"(?<!\d)(?:\+31|0031|0)[ -]?(?:\(0\)[ -]?)?6[ -]?\d{8}(?!\d)")

HEALTH_IN_TEXT = "Hier staat iets over gezondheid of over de reden van een afwezigheid. Leerplek bewaart dat niet. Laat het weg; er is niets opgeslagen."
BSN_IN_TEXT = "Hier staat een burgerservicenummer. Leerplek bewaart dat niet. Laat het weg; er is niets opgeslagen."


def check_free_text(text: str, pointer: str) -> None:
    """Raises DomainError when a word of a list, or the name of a school or region, holds what is never stored."""
    _check(text, pointer, tells_of_health(text))


def check_person_name(text: str, pointer: str) -> None:
    """As check_free_text, for what a person is called: there a remark on health is refused too."""
    _check(text, pointer, tells_of_health(text) or remarks_on_health(text))


def _check(text: str, pointer: str, is_of_health: bool) -> None:
    """The text itself is not repeated in what is raised."""
    if holds_bsn(text) or holds_short_bsn(text):
        raise DomainError("geweigerd-burgerservicenummer", BSN_IN_TEXT, pointer=pointer)
    if is_of_health:
        raise DomainError("geweigerd-gezondheidsgegeven", HEALTH_IN_TEXT, pointer=pointer)


def tells_of_health(text: str) -> bool:
    """Whether a text has a word that is always of health, or is nothing but a word that may be."""
    words = _joined(text)
    return _NEVER.search(words) is not None or words in _ALONE


def remarks_on_health(text: str) -> bool:
    """Whether something is added to a name that says why somebody is away."""
    remarks = [found[0] for found in _REMARK.finditer(text)]
    small = _SMALL_WORDS.findall(text) if " " in text.strip() else []
    return any(_MAYBE.search(_joined(each)) for each in (*remarks, *small))


def holds_short_bsn(text: str) -> bool:
    """Whether a citizen service number stands in a text without its zero in front; a day (20261124) and a mobile number are none."""
    found = _EIGHT_DIGITS.finditer(_MOBILE.sub(" ", text))
    digits = [re.sub(r"\D", "", each[0]) for each in found]
    return any(is_bsn("0" + each) and not _is_day(each) for each in digits)


def _joined(text: str) -> str:
    """Without accents, in lower case, with one dash for whatever stands between words."""
    return re.sub(r"[^a-z0-9]+", "-", unaccented(text)).strip("-")


def _is_day(digits: str) -> bool:
    for year, month, day in ((digits[:4], digits[4:6], digits[6:]), (digits[4:], digits[2:4], digits[:2])):
        try:
            if 1900 <= date(int(year), int(month), int(day)).year <= 2100:
                return True
        except ValueError:
            continue
    return False
