"""Brings an invented region to Leerplek over its public interfaces, and waits until everybody is planned."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from shared.contracts.registrations import StudentNeeds
from simulator import requests
from simulator.client import Accepted, Client, Refused, Request
from simulator.progress import Screen, Track
from simulator.watcher import Watcher
from simulator.world import World

KNOWN_WITHIN_S = 60.0
PLANNED_WITHIN_S = 300.0
QUIET_S = 1.5
LONGEST_QUIET_S = 12.0
"""Improving a whole region takes longer the larger it is."""
SETTLED_WITHIN_S = 20.0
POLL_S = 0.2


@dataclass(slots=True)
class Cast:
    """The region as Leerplek knows it now: who is registered under which number."""

    world: World
    students: dict[str, StudentNeeds] = field(default_factory=dict)
    supervisors: list[str] = field(default_factory=list)


async def push_region(client: Client, world: World, screen: Screen) -> Cast:
    """Sends the region, its schools and everybody who guides; students come after."""
    await client.send(requests.region(world))
    await client.send(requests.day(world.region, world.year.first_day))
    cast = Cast(world)
    stages = requests.everything_before_students(world)
    people = [requests.supervisor(world, each) for each in world.supervisors]
    with screen.track("Scholen en begeleiders", sum(map(len, stages)) + len(people)) as track:
        done = 0
        for stage in stages:
            await _send_all(client, stage, track, done)
            done += len(stage)
        answers = await _send_all(client, people, track, done)
    cast.supervisors = [str(answer.body["id"]) for answer in answers]
    return cast


async def register_students(client: Client, cast: Cast, screen: Screen) -> list[Accepted]:
    """Registers every student of the region, as soon as intake has heard of it."""
    world = cast.world
    wanted = [requests.registration(world.region, needs) for needs in world.students]
    with screen.track("Inschrijvingen", len(wanted)) as track:
        first = await _when_region_is_known(client, wanted[0])
        answers = [first, *await _send_all(client, wanted[1:], track, 1)]
    cast.students.update((str(answer.body["id"]), needs) for answer, needs in zip(answers, world.students, strict=True))
    return answers


async def until_planned(watcher: Watcher, cast: Cast, screen: Screen, within_s: float = PLANNED_WITHIN_S) -> None:
    """Waits until the plan has a place or a reason for every student."""
    total = len(cast.students)
    with screen.track("Plan", total) as track:

        def is_complete() -> bool:
            known = sum(student in watcher.last for student in cast.students)
            track.at(known)
            return known == total

        await watcher.until(is_complete, within_s, "een plaats of een reden voor elke student")


async def until_best(client: Client, watcher: Watcher, cast: Cast, screen: Screen) -> None:
    """Waits while the plan of a new region still gets better: at first everybody is placed as they come."""
    quiet_s = min(LONGEST_QUIET_S, 3 + len(cast.students) / 30)
    with screen.track("Geplaatst", len(cast.students)) as track:
        await until_quiet(client, cast.world.region, quiet_s, lambda: track.at(len(watcher.placed)))


async def until_quiet(
    client: Client, region: str, quiet_s: float = QUIET_S, looked: Callable[[], None] = lambda: None
) -> None:
    """Waits until the plan has not changed for a moment; a plan that keeps getting better is not waited for long."""
    until = time.monotonic() + SETTLED_WITHIN_S
    version, since = None, time.monotonic()
    while time.monotonic() < until:
        plan = await client.get("matcher", f"/regions/{region}/plan")
        now = time.monotonic()
        looked()
        if plan is not None and plan["version"] != version:
            version, since = plan["version"], now
        if version is not None and now - since >= quiet_s:
            return
        await asyncio.sleep(POLL_S)


async def _send_all(client: Client, wanted: Sequence[Request], track: Track, done: int) -> list[Accepted]:
    counted = done

    async def send(request: Request) -> Accepted:
        nonlocal counted
        answer = await client.send(request)
        counted += 1
        track.at(counted)
        return answer

    tasks = [asyncio.create_task(send(request)) for request in wanted]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()


async def _when_region_is_known(client: Client, request: Request) -> Accepted:
    """Intake hears of a region through Kafka: a moment after capacity has accepted it."""
    until = time.monotonic() + KNOWN_WITHIN_S
    while True:
        try:
            return await client.send(request)
        except Refused as no:
            if "onbekende-regio" not in str(no) or time.monotonic() > until:
                raise
        await asyncio.sleep(POLL_S)
