"""Who asks to be forgotten is forgotten by all of Leerplek: no table, and no file on disk, names them any more."""

import io
import random
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from deploy.demo import addresses_of
from deploy.launcher import Launcher
from shared.contracts.services import SERVICES
from simulator import requests
from simulator.client import Client, Request
from simulator.play import push_region, register_students, until_planned
from simulator.progress import Screen
from simulator.run import INVENTED
from simulator.schools import invent_schools
from simulator.watcher import Watcher
from simulator.world import Named, World, build_world, sites_wanted
from simulator.year import EXAMPLE_DAY, year_of
from tests.support.eventually import eventually

NAME, REFERENCE = "Kanariella Vogelzang", "KANARIE-4471"
STUDENTS = 12
HISTORY = {"audit", "outbox", "fact", "given_answer"}
"""The tables that say that something happened, to a number of whom nobody knows who it was."""


def small_world() -> World:
    rng = random.Random(3)
    return build_world(
        Named("NL-E01", INVENTED, year_of(EXAMPLE_DAY)), invent_schools(rng, sites_wanted(STUDENTS)), STUDENTS, rng
    )


async def test_no_file_names_whoever_was_erased(tmp_path: Path) -> None:
    world = small_world()
    world = replace(world, supervisors=[replace(world.supervisors[0], name=NAME), *world.supervisors[1:]])
    async with Launcher(tmp_path) as stack, Client(addresses_of(stack)) as client:
        screen = Screen(io.StringIO())
        async with Watcher(stack.bootstrap, world.region) as watcher:
            cast = await push_region(client, world, screen)
            await register_students(client, cast, screen)
            needs = next(iter(cast.students.values()))
            asked = requests.registration(world.region, needs)
            made = await client.send(replace(asked, body={**(asked.body or {}), "reference": REFERENCE}))
            student, supervisor = str(made.body["id"]), cast.supervisors[0]
            cast.students[student] = needs
            await until_planned(watcher, cast, screen)
        assert files_with(tmp_path, [NAME.encode()]) == []
        assert files_with(tmp_path, [REFERENCE.encode()]) != []
        key = wrapped_key(tmp_path, supervisor)
        assert files_with(tmp_path, [key]) != []

        await eventually(
            lambda: services_that_know(tmp_path, student) == set(SERVICES), within_s=30, what="all who know"
        )
        await client.send(requests.withdrawal(student))
        await client.send(Request("intake", "POST", f"/registrations/{student}/erasure"))
        await client.send(Request("capacity", "DELETE", f"/supervisors/{supervisor}"))
        await eventually(lambda: not services_that_know(tmp_path, student), within_s=30, what="nobody who knows")
        assert rows_about(tmp_path, student) == []
        await eventually(
            lambda: files_with(tmp_path, [REFERENCE.encode(), NAME.encode(), key]) == [],
            within_s=30,
            what="clean files",
        )
        assert (await client.get("matcher", f"/regions/{world.region}/plan")) is not None
    assert files_with(tmp_path, [REFERENCE.encode(), NAME.encode(), key]) == []


def services_that_know(directory: Path, student: str) -> set[str]:
    return {one.partition(".db")[0] for one in rows_about(directory, student)}


def rows_about(directory: Path, student: str) -> Sequence[str]:
    """Tables that hold the student's number."""
    found: list[str] = []
    for file in directory.rglob("*.db"):
        with sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10) as database:
            names = [name for (name,) in database.execute("select name from sqlite_master where type = 'table'")]
            tables = {name: database.execute(f'select * from "{name}"').fetchall() for name in names}
        database.close()
        found += [
            f"{file.name}: {name}" for name, rows in tables.items() if name not in HISTORY and student in str(rows)
        ]
    return found


def wrapped_key(directory: Path, supervisor: str) -> bytes:
    """The sealed key that opens the name."""
    for file in directory.rglob("capacity*.db"):
        with sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10) as database:
            key: Any = database.execute("select wrapped_key from person_key where person = ?", [supervisor]).fetchone()
        database.close()
        if key is not None:
            return bytes(key[0])
    raise AssertionError("there is no key")


def files_with(directory: Path, wanted: Sequence[bytes]) -> list[str]:
    """Every file that holds one of these: databases and their logs, Kafka's, mails, and what programs wrote."""
    return [
        str(file.relative_to(directory))
        for file in directory.rglob("*")
        if file.is_file() and any(one in file.read_bytes() for one in wanted)
    ]
