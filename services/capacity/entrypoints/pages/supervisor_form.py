"""A supervisor's hours and details as a form: from what is held to fields, and from fields to what is held."""

import re

from services.capacity.entrypoints.pages.words import words_of
from shared.contracts.availability import Supervisor, SupervisorProfile
from shared.contracts.vocabulary import SupervisorKind, Tier, Weekday
from shared.dutch import written_hours
from shared.web.forms import Form

NAME_SEEN = "naam-was"
"""What somebody was called when the form was shown."""
FIELDS = frozenset({"naam", NAME_SEEN, "rol", "soort", "vakken", "hoogstens", "starter", "uitlenen"})
PREFIXES = ("uren-", "dag-")
MOST_STUDENTS = 1_000
NAME = re.compile(r"[^\x00-\x1f\x7f<>]{1,120}")


def filled(held: Supervisor, name: str) -> dict[str, str]:
    """The fields as they are now."""
    values = {
        "naam": name,
        "rol": held.tier.value,
        "soort": held.kind.value,
        "vakken": ", ".join(map(words_of, held.subjects)),
        "hoogstens": "" if held.max_students is None else str(held.max_students),
        **{f"uren-{period}": written_hours(qh) for period, qh in held.qh.items()},
        **{f"dag-{day.value}": "ja" for day in held.days},
    }
    return values | ({"starter": "ja"} if held.starter else {}) | ({"uitlenen": "ja"} if held.lendable else {})


def profile_from(form: Form, held: Supervisor | None, site: str) -> SupervisorProfile:
    """What the fields say, on top of what is held where the form has no field for it; what is wrong is in `form.errors`."""
    qh = {name.removeprefix("uren-"): form.quarter_hours(name) for name in form.values if name.startswith("uren-")}
    for name in [each for each in form.values if each.startswith("uren-")]:
        if qh[name.removeprefix("uren-")] > MOST_STUDENTS:
            form.errors[name] = "Vul hoogstens 250 uur per week in."
    if form.text("naam") and not NAME.fullmatch(form.text("naam")):
        form.errors["naam"] = "Een naam is hoogstens 120 tekens, op één regel, zonder < en >."
    before = held.qh if held else {}
    hours = {period: amount for period, amount in {**before, **qh}.items() if amount or period in before}
    return SupervisorProfile.model_construct(
        tier=_tier(form),
        kind=_kind(form),
        sites=held.sites if held else (site,),
        institutes=held.institutes if held else (),
        subjects=form.slugs("vakken"),
        qh=hours,
        max_students=form.number("hoogstens", MOST_STUDENTS),
        max_support=held.max_support if held else 3,
        starter=form.is_on("starter"),
        lendable=form.is_on("uitlenen"),
        days=tuple(day for day in Weekday if form.is_on(f"dag-{day.value}")),
    )


def _tier(form: Form) -> Tier:
    """A school registers its own people: nobody of an institute."""
    own = (Tier.WORKPLACE_SUPERVISOR, Tier.SCHOOL_TRAINER)
    found = next((each for each in own if each.value == form.text("rol")), None)
    if found is None:
        form.errors["rol"] = "Kies een rol."
    return found or Tier.WORKPLACE_SUPERVISOR


def _kind(form: Form) -> SupervisorKind:
    found = next((each for each in SupervisorKind if each.value == form.text("soort")), None)
    if found is None:
        form.errors["soort"] = "Kies wat iemand is."
    return found or SupervisorKind.TEACHER
