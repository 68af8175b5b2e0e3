"""`leerplek matcher replay`: every plan of a region made again from the log, and what came out otherwise."""

import sys
import tempfile
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

from services.matcher.bootstrap.operating import Replaying, build_replaying
from services.matcher.config import Settings
from services.matcher.domain.ids import RegionId
from services.matcher.entrypoints.cli_operation import Cannot, asked
from services.matcher.entrypoints.cli_output import WRONG_USE, print_json, print_table, say
from services.matcher.handlers.replaying import Difference, UnlikeTheRecords
from services.matcher.ports import NoAllowedPlan

MOST_SHOWN = 40
SHORT = 100
KINDS = {"plan_version": "versie", "place": "plaats", "region_plan": "plan dat geldt", "event": "bericht"}


@dataclass(frozen=True, slots=True)
class Found:
    """How much was replayed, what is no longer in the log, where it broke off, and what differs."""

    versions: int
    records: int
    compacted: int
    broke_off: str
    differences: list[Difference]


def replay(region: str, into: str | None, *, as_json: bool) -> int:
    """Replay, tell, and give the code for the process."""
    with tempfile.TemporaryDirectory(prefix="leerplek-replay-") as directory:
        target = into or f"sqlite+aiosqlite:///{Path(directory) / 'again.db'}"
        found = asked(lambda settings: _replayed(settings, RegionId(region), target), as_json=as_json)
    is_same = not found.differences and not found.broke_off
    if as_json:
        print_json({"region": region, "same": is_same, **asdict(found)})
    else:
        _tell(region, found)
    return 0 if is_same else 1


async def _replayed(settings: Settings, region: RegionId, target: str) -> Found:
    parts = build_replaying(settings, target)
    try:
        return await _with(parts, region)
    finally:
        await parts.close()


async def _with(parts: Replaying, region: RegionId) -> Found:
    if not await parts.prepare():
        raise Cannot("De database om in na te spelen is niet leeg.", WRONG_USE)
    cuts = await parts.cuts(region)
    if not cuts:
        raise Cannot(f"Van {region} is geen enkel plan bekend.", WRONG_USE)
    if cuts[0].version > 1:
        raise Cannot(
            f"De plannen van {region} vóór versie {cuts[0].version} zijn opgeruimd (KEEP_PLANS_DAYS). Naspelen begint bij het eerste plan."
        )
    log = await parts.log(region)
    records = sum(len(one) for one in log.records.values())
    print(f"{len(cuts)} plannen, {records} berichten.", file=sys.stderr)
    broke_off = ""
    try:
        await (await parts.replay(region, log)).run(cuts)
    except (UnlikeTheRecords, NoAllowedPlan) as problem:
        broke_off = str(problem)
    differences = await parts.differences(region, log)
    return Found(len(cuts), records, log.missing(cuts[-1].covers), broke_off, differences)


def _tell(region: str, found: Found) -> None:
    if found.compacted:
        say(
            f"Let op: {found.compacted} berichten van vóór de laatste versie zijn niet meer in Kafka (samengevat). "
            "Plannen die daarop rustten kunnen anders uitkomen."
        )
    if found.broke_off:
        say(f"Het naspelen is afgebroken: {found.broke_off}.")
    if not found.differences and not found.broke_off:
        say(
            f"{region}: alle {found.versions} plannen zijn byte voor byte gelijk ({found.records} berichten nagespeeld)."
        )
        return
    counts = Counter(KINDS[one.kind] for one in found.differences)
    shown = [
        (KINDS[one.kind], one.key, one.field, _short(one.recorded), _short(one.again))
        for one in found.differences[:MOST_SHOWN]
    ]
    print_table(f"{region}: wat anders uitkomt", ("wat", "welke", "veld", "vastgelegd", "nagespeeld"), shown)
    if len(found.differences) > MOST_SHOWN:
        say(f"… en nog {len(found.differences) - MOST_SHOWN}; --json geeft ze allemaal.")
    say("Verschillen: " + (", ".join(f"{number} × {kind}" for kind, number in counts.items()) or "geen") + ".")


def _short(text: str) -> str:
    return text if len(text) <= SHORT else text[: SHORT - 1] + "…"
