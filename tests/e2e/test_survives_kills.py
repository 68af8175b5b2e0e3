"""Each service is killed once in mid-flow: nothing is lost, nothing is doubled, no mail is sent twice."""

import io
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

from deploy.demo import addresses_of
from deploy.launcher import Launcher
from deploy.launcher.launcher import Outside
from deploy.launcher.smtp_sink import Behaviour
from services.matcher.domain.assembling import assemble
from services.matcher.domain.checker import check
from services.matcher.domain.documents import placement_from_document
from services.matcher.domain.facts import RegionFacts
from services.matcher.domain.folding import fold
from services.matcher.domain.ids import RegionId
from services.matcher.domain.plan import Plan
from services.matcher.domain.told import fact_of
from shared.contracts.catalogue import (
    PLACEMENTS,
    REGION_SETTINGS,
    STUDENT_REGISTRATIONS,
    SUPERVISOR_AVAILABILITY,
)
from shared.contracts.placements import PlacementEvent
from shared.contracts.services import SERVICES
from shared.testing.kafka import RunningBroker
from simulator.client import Client
from simulator.play import push_region, register_students, until_planned, until_quiet
from simulator.progress import Screen, Track
from simulator.run import INVENTED
from simulator.schools import invent_schools
from simulator.watcher import Watcher
from simulator.week import Week
from simulator.world import Named, World, build_world, sites_wanted
from simulator.year import EXAMPLE_DAY, year_of
from tests.support.eventually import eventually
from tests.support.topics import Told, read_topic

STUDENTS = 60
DAYS = (("registration", "long_absence"), ("departure", "mismatch", "registration"), ("withdrawal", "change"))


class Ambush(Screen):
    """A screen that kills services when a share of something is done."""

    def __init__(self, kills: dict[str, list[tuple[float, Callable[[], object]]]]) -> None:
        super().__init__(io.StringIO())
        self._kills = kills

    @contextmanager
    def track(self, what: str, total: int) -> Iterator[Track]:
        yield _Trap([(round(share * total), kill) for share, kill in self._kills.pop(what, [])])
        assert what not in self._kills


class _Trap:
    def __init__(self, kills: list[tuple[int, Callable[[], object]]]) -> None:
        self._kills = kills

    def at(self, done: int) -> None:
        while self._kills and done >= self._kills[0][0]:
            self._kills.pop(0)[1]()


def world_of_its_own(region: str, unique: str) -> World:
    """A region whose schools no other test has: the log of the broker is everybody's."""
    rng = random.Random(7)
    letters = "".join(chr(ord("A") + int(digit, 16)) for digit in unique[:2])
    schools = [
        replace(each, id=f"{80 + number // 100}{letters}{number % 100:02d}")
        for number, each in enumerate(invent_schools(rng, sites_wanted(STUDENTS)))
    ]
    return build_world(Named(region, INVENTED, year_of(EXAMPLE_DAY)), schools, STUDENTS, rng)


async def test_a_kill_of_every_service_loses_nothing_and_doubles_nothing(
    kafka: RunningBroker, tmp_path: Path, unique: str
) -> None:
    world = world_of_its_own(f"NL-{unique.upper()}", unique)
    outside = Outside(kafka.bootstrap, is_embedded=kafka.kind == "embedded")
    async with Launcher(tmp_path, outside) as stack:
        screen = Ambush(
            {
                "Scholen en begeleiders": [(0.5, lambda: stack.kill("capacity"))],
                "Inschrijvingen": [(0.3, lambda: stack.kill("matcher")), (0.6, lambda: stack.kill("intake"))],
                "Plan": [(0.5, lambda: stack.kill("notifier"))],
            }
        )
        async with Client(addresses_of(stack)) as client, Watcher(stack.bootstrap, world.region) as watcher:
            cast = await push_region(client, world, screen)
            stack.mail_behaves(Behaviour(refuse="451 4.3.0 later"))  # a kill must not fall between "250" and its note
            accepted = await register_students(client, cast, screen)
            await until_planned(watcher, cast, screen)
            for name in SERVICES:
                await stack.until_ready(name)
            stack.mail_behaves(Behaviour())
            await until_quiet(client, world.region)
            await Week(client, watcher, cast, screen).play(DAYS)

            assert {name: stack.restarts[name] for name in SERVICES} == dict.fromkeys(SERVICES, 1)
            plan = await client.get("matcher", f"/regions/{world.region}/plan?limit=500")
            in_plan = Counter([each["student"] for each in plan["items"]])
            assert in_plan == Counter(list(cast.students))
            assert {each.placement.student for each in watcher.placed} == {
                each["student"] for each in plan["items"] if each["status"] == "placed"
            }
            await eventually(
                lambda: _unmailed(stack, watcher) == [], within_s=30, what="a mail about everyone unplaced"
            )
            _no_mail_twice(stack)

            registrations = await read_topic(stack.bootstrap, STUDENT_REGISTRATIONS, world.region)
            availability = await read_topic(stack.bootstrap, SUPERVISOR_AVAILABILITY, world.region)
            placements = await read_topic(stack.bootstrap, PLACEMENTS, world.region)
            settings = await read_topic(stack.bootstrap, REGION_SETTINGS, world.region)
    _each_accepted_event_is_there_once(registrations, {f"student/{each.body['id']}" for each in accepted})
    _each_accepted_event_is_there_once(availability, {f"supervisor/{each}" for each in cast.supervisors})
    _each_accepted_event_is_there_once(placements, {f"student/{each}" for each in cast.students})
    _the_published_plan_is_allowed([settings, availability, registrations], placements)


def _each_accepted_event_is_there_once(told: Told, subjects: set[str]) -> None:
    assert subjects <= {event.subject for event in told.events}
    assert {key: ids for key, ids in told.ids_by_version().items() if len(ids) > 1} == {}
    for subject, sequences in told.sequences().items():
        assert sequences == list(range(1, len(sequences) + 1)), subject


def _the_published_plan_is_allowed(facts: Sequence[Told], placements: Told) -> None:
    """The log alone says who is where: the independent checker finds no limit exceeded and nobody placed twice."""
    region_id = RegionId(placements.events[0].region)
    known = fold(RegionFacts(region_id), (fact_of(event) for told in facts for event in told.events))
    last = {event.subject: event.data for event in sorted(placements.events, key=lambda each: each.sequence)}
    held = tuple(
        placement_from_document(data.placement.model_dump(mode="json"))
        for data in last.values()
        if isinstance(data, PlacementEvent)
    )
    region = assemble(known, held)
    assert region is not None
    assert held
    assert check(region, Plan(region.id, region.today, held)) == []


def _unmailed(stack: Launcher, watcher: Watcher) -> list[str]:
    """Students without a place of whom no mail tells."""
    texts = "\n".join(
        str(part.get_content()) for mail in stack.mails() for part in mail.walk() if not part.is_multipart()
    )
    return [each.student for each in watcher.unplaced if each.student not in texts]


def _no_mail_twice(stack: Launcher) -> None:
    mails = stack.mails()
    assert mails
    assert max(Counter(mail["Message-ID"] for mail in mails).values()) == 1
    contents = Counter((mail["To"], mail["Subject"], _without_links(mail)) for mail in mails)
    assert max(contents.values()) == 1


def _without_links(mail: EmailMessage) -> str:
    """What a mail says; its links lead to itself, so two that say the same differ in them."""
    body = mail.get_body(("plain",))
    assert body is not None
    return re.sub(r"https?://\S+", "", str(body.get_content()))
