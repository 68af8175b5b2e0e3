"""`leerplek matcher rebuild`: a region's facts, places and plan made anew, while no matcher reads it."""

import asyncio
from collections.abc import Mapping
from typing import Any

from services.matcher.bootstrap.operating import Rebuilding, build_rebuilding
from services.matcher.config import Settings
from services.matcher.domain.ids import RegionId
from services.matcher.entrypoints.cli_operation import Cannot, asked
from services.matcher.entrypoints.cli_output import WRONG_USE, print_json, say
from services.matcher.ports import NoAllowedPlan
from shared.errors import Conflict

HELD = (
    "Een matcher leest deze regio nu. Stop hem eerst, of gebruik --fence: dan merkt hij dat zijn plan vervangen is, stopt "
    "en begint opnieuw uit de database."
)
TRIES, PAUSE_S = 20, 0.5


NOT_BACK = (
    "Niet terug te halen zijn: de lijst van plannen van vroeger en hoe zij tot stand kwamen, de capaciteit per dag, proefberekeningen, "
    "sinds wanneer iets op iets onbekends wacht, en wat al besloten was maar nog niet verstuurd. Wat is aangeboden als andere plaats, "
    "eindigt; dat wordt verteld. Berichten die opzij stonden en nog in het logboek staan, tellen mee."
)


class NotNow(Exception):
    """It cannot be done at this moment, and perhaps at the next; the text is Dutch."""


def rebuild(region: str, *, fence: bool, as_json: bool) -> int:
    """Rebuild, tell what changed, and give the code for the process."""
    found = asked(lambda settings: _rebuilt(settings, RegionId(region), fence=fence), as_json=as_json)
    if as_json:
        print_json({"region": region, **found})
        return 0
    if found.get("lost"):
        _tell_lost(found)
        return 0
    say(
        f"{region}: {found['facts']} gegevens, waarvan {found['changed_facts']} anders dan in de database; "
        f"{found['places']} plaatsen, waarvan {found['changed_places']} anders. Ook {found['changed_signals']} signalen en "
        f"{found['changed_switches']} zoektochten naar een andere plaats waren anders."
    )
    if found["version"] is None:
        say("De regio heeft nog geen instellingen of dag; er is dus nog geen plan.")
    else:
        say(f"Plan {found['version']} geldt nu; {found['events']} berichten gaan uit zodra de matcher draait.")
    return 0


def _tell_lost(found: Mapping[str, object]) -> None:
    regions: Any = found["regions"]
    say(
        f"De database was leeg. Uit het logboek zijn alle regio's opnieuw opgebouwd ({', '.join(regions)}): {found['facts']} gegevens, "
        f"{found['places']} plaatsen, {found['signals']} signalen. {found['events']} berichten gaan uit zodra de matcher draait."
    )
    say(NOT_BACK)


async def _rebuilt(settings: Settings, region: RegionId, *, fence: bool) -> Mapping[str, object]:
    parts = build_rebuilding(settings)
    try:
        await parts.prepare()
        if await parts.is_lost():
            return await _all(parts, region)
        if not fence and await parts.is_read(region):
            raise Cannot(HELD)
        return await _tried(parts, region, TRIES if fence else 1)
    finally:
        await parts.close()


async def _all(parts: Rebuilding, region: RegionId) -> Mapping[str, object]:
    """All regions at once: a matcher that starts would begin those that are not there at 1, and the other services take no number twice."""
    if not (await parts.log(region)).names(region):
        raise Cannot(f"Van {region} is niets bekend.", WRONG_USE)
    if await parts.is_anything_read():
        raise Cannot(
            f"De database is leeg, en een matcher leest {region} of een andere regio nu. Stop eerst elke matcher."
        )
    try:
        return await parts.rebuild_all()
    except NoAllowedPlan as refusal:
        raise Cannot(f"Er is een regio zonder plan dat mag; er is niets veranderd. De reden: {refusal}.") from refusal
    except Conflict as first:
        raise Cannot("Een matcher was net iets eerder; er is niets veranderd. Stop hem eerst.") from first


async def _tried(parts: Rebuilding, region: RegionId, tries: int) -> Mapping[str, object]:
    """Again and again where a matcher is at work: between two of its plans there is a moment."""
    for left in reversed(range(tries)):
        try:
            return await _once(parts, region)
        except NotNow as reason:
            if not left:
                raise Cannot(str(reason)) from reason
            await asyncio.sleep(PAUSE_S)
    raise AssertionError("the last try ended in one way or the other")


async def _once(parts: Rebuilding, region: RegionId) -> Mapping[str, object]:
    waiting = await parts.unpublished()
    if waiting:
        raise NotNow(
            f"Er wachten nog {waiting} berichten op verzending: start de matcher, wacht tot leerplek_outbox_waiting 0 is, "
            "en probeer het dan opnieuw."
        )
    known, log = await parts.known(region), await parts.log(region)
    if not known.facts and not log.names(region):
        raise Cannot(f"Van {region} is niets bekend.", WRONG_USE)
    if not known.positions:
        raise Cannot(
            "De database weet niet tot waar het logboek is gelezen, en is niet leeg: zij is van een ander, of beschadigd. Er is niets "
            "veranderd. Zet eerst een back-up terug, of maak een lege database: die wordt uit het logboek opgebouwd."
        )
    behind = [one for one, at in known.positions.items() if log.ends[one] < at]
    if behind:
        raise Cannot(
            "Het logboek in Kafka is korter dan wat de matcher las: dit is een ander logboek. Er is niets veranderd."
        )
    try:
        return await parts.rebuild(region, known, log)
    except NoAllowedPlan as refusal:
        raise Cannot(
            f"Met deze gegevens is er geen plan dat mag; er is niets veranderd. De reden: {refusal}."
        ) from refusal
    except Conflict as first:
        raise NotNow("Een matcher was net iets eerder; er is niets veranderd. Probeer het opnieuw.") from first
