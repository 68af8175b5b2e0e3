"""A region with a plan in a database, and the application that answers about it, with its work done in a thread."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx

from services.matcher.adapters.store import SqlStore
from services.matcher.adapters.workroom.jobs import JOBS
from services.matcher.adapters.workroom.library import Library
from services.matcher.bootstrap import GROUP, MIGRATIONS, AnswersParts, build_answers
from services.matcher.config import AnswersSettings
from services.matcher.domain.assembling import assemble
from services.matcher.domain.capacity import capacity
from services.matcher.domain.facts import Document, Fact, RegionFacts, Touched
from services.matcher.domain.folding import fold
from services.matcher.domain.places import changes
from services.matcher.domain.region import Region
from services.matcher.domain.signals.helping import Helping
from services.matcher.domain.signals.looking import look
from services.matcher.domain.signals.scene import Scene
from services.matcher.domain.signals.scope import News
from services.matcher.entrypoints.http import build_matcher_api
from services.matcher.ports import Commit, NewPlan, RegionState, Snapshot
from services.matcher.ports.answering import Job
from shared.messaging.inbox import Inbox
from shared.messaging.outbox import Outbox
from shared.messaging.record import Partition
from shared.persistence.database import Database
from shared.persistence.migrations import upgrade
from shared.security.issuing import issue, prepare_keys, public_file
from shared.web.api import Readiness, build_app
from tests.support import matcher as told
from tests.support.matcher import NOW
from tests.support.planning import planned_anew

STREAM = Partition("student.registrations", 3)


class ThreadWorkshop:
    """Does the work in a thread, one job at a time; `asked` were asked for, and `before` is called before each."""

    def __init__(self, database_url: str) -> None:
        self._library, self._turn = Library(database_url), asyncio.Lock()
        self.asked: list[Job] = []
        self.before: Callable[[Job], None] = lambda _: None

    async def do(self, job: Job, step: Callable[[Document], None] = lambda _: None) -> Document:
        self.asked.append(job)
        self.before(job)
        async with self._turn:
            return await asyncio.to_thread(JOBS[job.name], self._library, job.about, step)

    def warm_up(self) -> None:
        """The thread is there already."""

    async def rest(self) -> None:
        """Waits for what nobody waited for."""
        async with self._turn:
            return

    def close(self) -> None:
        closing = threading.Thread(target=self._library.close)  # where no other event loop runs
        closing.start()
        closing.join()


@dataclass
class Answered:
    """The application, its parts, and tokens for whoever asks."""

    http: httpx.AsyncClient
    parts: AnswersParts
    workshop: ThreadWorkshop
    keys: Path
    plan: NewPlan | None = None
    """What a test has published."""

    def token(self, org: str, scopes: Sequence[str] = ("plan:read",)) -> dict[str, str]:
        """A header for an organisation."""
        return {"Authorization": f"Bearer {issue(self.keys, org, scopes, 1)}"}


async def publish(
    database: Database,
    region: Region,
    version: int = 1,
    facts: Sequence[Fact] | None = None,
    stream: Partition = STREAM,
) -> NewPlan:
    """Puts a region with a plan in the database, as the matcher does, or its next version with these facts."""
    store = SqlStore(database, Outbox("urn:test"), Inbox(GROUP))
    given = told.facts_of(told.events_of(region)) if facts is None else facts
    state = await store.load(region.id)
    state = replace(state, facts=fold(state.facts if version > 1 else RegionFacts(region.id), given))
    model = assemble(state.facts, state.placements(), state.had())
    assert model is not None
    found = planned_anew(model)
    made = changes(state.places, model, found.outcome, state.places, version)
    places = {**state.places, **{one.place.student: one.place for one in made}}
    scene = Scene(state.facts, places, {})
    signals = look(state.signals, scene, News(Touched(everything=True), {}, ()), Helping(scene))
    plan = NewPlan(region.id, version, model.today, found, made, covers={stream: version}, signals=signals)
    before = {} if version == 1 else {stream: version - 1}
    after = RegionState(state.facts, places)
    as_planned = assemble(after.facts, after.placements(), after.had())
    assert as_planned is not None
    snapshot = Snapshot(region.id, model.today, capacity(as_planned))
    await store.commit(Commit(before, {stream: version}, given, (), [plan], [snapshot]), NOW)
    return plan


@asynccontextmanager
async def answered(database_url: str, folder: Path, *, signs_in: bool = True) -> AsyncIterator[Answered]:
    """The application on this database."""
    keys = folder / "keys.json"
    prepare_keys(keys)
    settings = AnswersSettings(database_url=database_url, jwks_file=public_file(keys) if signs_in else None)
    workshop = ThreadWorkshop(database_url)
    parts = build_answers(settings, workshop)
    await upgrade(parts.database, MIGRATIONS)

    async def check() -> Readiness:
        return Readiness()

    transport = httpx.ASGITransport(build_app(build_matcher_api(parts), check))
    async with httpx.AsyncClient(transport=transport, base_url="http://leerplek.test/v1", timeout=60) as client:
        yield Answered(client, parts, workshop, keys)
    await workshop.rest()
    workshop.close()
    await parts.database.close()
