"""What pydantic says, in plain Dutch."""

from typing import Any

_MESSAGES = {
    "missing": "dit veld ontbreekt",
    "extra_forbidden": "dit veld kennen we niet",
    "json_invalid": "het bericht is geen geldige JSON",
    "string_type": "hier hoort tekst",
    "string_pattern_mismatch": "deze waarde heeft niet de goede vorm (verwacht: {form})",
    "string_too_long": "te lang (hoogstens {max_length} tekens)",
    "string_too_short": "te kort (minstens {min_length} tekens)",
    "int_type": "hier hoort een geheel getal",
    "int_parsing": "hier hoort een geheel getal",
    "int_from_float": "hier hoort een geheel getal",
    "float_type": "hier hoort een getal",
    "float_parsing": "hier hoort een getal",
    "bool_type": "hier hoort true of false",
    "bool_parsing": "hier hoort true of false",
    "date_type": "hier hoort een datum (jjjj-mm-dd)",
    "date_parsing": "hier hoort een datum (jjjj-mm-dd)",
    "date_from_datetime_parsing": "hier hoort een datum (jjjj-mm-dd)",
    "date_from_datetime_inexact": "hier hoort een datum zonder tijd (jjjj-mm-dd)",
    "enum": "deze waarde kennen we niet (kies uit: {expected})",
    "literal_error": "deze waarde kennen we niet (kies uit: {expected})",
    "greater_than_equal": "te laag (minstens {ge})",
    "greater_than": "te laag (meer dan {gt})",
    "less_than_equal": "te hoog (hoogstens {le})",
    "less_than": "te hoog (minder dan {lt})",
    "too_short": "minstens {min_length} nodig",
    "too_long": "hoogstens {max_length} toegestaan",
    "list_type": "hier hoort een lijst",
    "tuple_type": "hier hoort een lijst",
    "dict_type": "hier hoort een object",
    "model_type": "hier hoort een object",
    "model_attributes_type": "hier hoort een object",
    "finite_number": "hier hoort een eindig getal",
}
FORMS = {
    r"^\d{2}[A-Z]{2}$": "twee cijfers en twee hoofdletters, zoals 01VU",
    r"^\d{2}[A-Z]{2}\d{2}$": "twee cijfers, twee hoofdletters en twee cijfers, zoals 01AB00",
    r"^(\*|\d{2}[A-Z]{2}\d{2})$": "een vestiging, zoals 01AB00, of * voor alle",
    r"^\d{5}$": "vijf cijfers, zoals 41234",
    r"^[A-Z0-9][A-Z0-9-]{1,31}$": "hoofdletters, cijfers en streepjes, zoals NL-R07",
    r"^[a-z0-9][a-z0-9-]{0,59}$": "kleine letters, cijfers en streepjes, zoals educatieve-minor",
    r"^(\*|[a-z0-9][a-z0-9-]{0,59})$": "kleine letters, cijfers en streepjes, of * voor alle",
    r"^[A-Za-z0-9][A-Za-z0-9-]{0,31}$": "letters, cijfers en streepjes, zoals 2026-S1",
    r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$": "letters, cijfers, punten en streepjes, hoogstens 64",
    r"^[A-Za-z0-9][A-Za-z0-9 _.:/-]*$": "letters, cijfers, spaties en . : / - _, en vooraan een letter of cijfer",
    r"^https?://[^\s<>]+$": "een heel adres, zoals https://opleiding.example/leerplek",
    r"^[^\x00-\x1f\x7f]*$": "leesbare tekens, op één regel",
    r"^[^\x00-\x1f\x7f<>]+$": "leesbare tekens, op één regel, zonder < en >",
    r"^(route|support|subject|institute|phase|sector)$": "route, support, subject, institute, phase of sector",
}
"""What a pattern asks, for somebody who does not read patterns."""
_OWN_RULES = {
    "a period ends on or after the day it starts": "een periode eindigt op of na de dag waarop zij begint",
    "an absence ends on or after the day it starts": "een afwezigheid eindigt op of na de dag waarop zij begint",
    "fairness.steps: prices must not fall": "de prijzen van fairness.steps lopen op of blijven gelijk",
    "costs.load: prices must not fall": "de prijzen van costs.load lopen op of blijven gelijk",
    "a shell site names its core site, and no other site does": "een schilschool noemt haar kernschool, een andere school niet",
}


def dutch_message(error: dict[str, Any]) -> str:
    """One error of pydantic as a Dutch phrase; the value itself is never repeated."""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "value_error":
        text = str(context.get("error", ""))
        return _OWN_RULES.get(text, text or "deze waarde klopt niet")
    template = _MESSAGES.get(kind)
    if template is None:
        return "deze waarde klopt niet"
    if kind == "string_pattern_mismatch":
        context = {"form": FORMS.get(context["pattern"], context["pattern"])}
        return template.format(**context)
    return template.format(**{name: str(value).replace(" or ", ", ") for name, value in context.items()})
