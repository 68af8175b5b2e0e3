"""The whole play: invent a region, bring it in, wait for the plan, play a week, and sum it up."""

import random
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from shared.dutch import dutch_date
from simulator.client import Addresses, Client
from simulator.play import Cast, push_region, register_students, until_best, until_planned
from simulator.progress import Screen
from simulator.report import Begin, Summary, sum_up
from simulator.schools import invent_schools, read_schools
from simulator.watcher import Watcher
from simulator.week import Week
from simulator.world import Named, World, build_world, sites_wanted
from simulator.year import EXAMPLE_DAY, year_of

INVENTED = "Regio Middenveld (verzonnen)"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What region is wanted; the same seed gives the same one, and the day only when it is."""

    students: int = 300
    seed: int = 1
    schools: Path | None = None
    area: str | None = None
    region: str = "NL-DEMO"
    today: date = EXAMPLE_DAY


def invent(wanted: Wanted) -> World:
    """A region as wanted; raises SchoolsFileError when the file with schools cannot be used."""
    rng = random.Random(wanted.seed)
    count = sites_wanted(wanted.students)
    if wanted.schools is None:
        name, schools = INVENTED, invent_schools(rng, count)
    else:
        area, schools = read_schools(wanted.schools, wanted.area, rng, count)
        name = f"Regio {area}"
    return build_world(Named(wanted.region, name, year_of(wanted.today)), schools, wanted.students, rng)


async def run(addresses: Addresses, world: World, screen: Screen) -> Summary:
    """Plays from an empty Leerplek to the end of the week; raises Refused, Unreachable or TooLate when that fails."""
    started = time.monotonic()
    screen.say(
        f"{world.name}: {len(world.students)} studenten, {len(world.schools)} vestigingen, "
        f"{len(world.supervisors)} begeleiders, {len(world.institutes)} opleidingen"
    )
    first, second = world.year.periods
    screen.say(
        f"Het is de week van {dutch_date(world.year.first_day)}. Studenten zoeken een plaats voor twee periodes: "
        f"vanaf {dutch_date(first.start)} en vanaf {dutch_date(second.start)}."
    )
    async with Client(addresses) as client, Watcher(addresses.kafka, world.region) as watcher:
        cast = await bring_in(client, watcher, world, screen)
        begin = Begin({each.placement.student: each for each in watcher.placed}, len(watcher.losses))
        screen.say(
            f"Eerste plan na {time.monotonic() - started:.0f} s: {len(begin.plan)} van {len(cast.students)} geplaatst."
        )
        week = Week(client, watcher, cast, screen)
        await week.play()
        return await sum_up(client, watcher, cast, week.happenings, begin)


async def bring_in(client: Client, watcher: Watcher, world: World, screen: Screen) -> Cast:
    """Brings a region in and waits until its plan has come to rest."""
    cast = await push_region(client, world, screen)
    await register_students(client, cast, screen)
    await until_planned(watcher, cast, screen)
    await until_best(client, watcher, cast, screen)
    return cast
