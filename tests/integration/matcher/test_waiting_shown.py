"""`leerplek matcher waiting` shows what waits, also in a region that has no settings and so no days."""

import asyncio
import json
from datetime import UTC, datetime

from typer.testing import CliRunner

from deploy.cli import app
from services.matcher.adapters.own_process import OwnProcess
from services.matcher.adapters.store import SqlStore
from services.matcher.bootstrap import GROUP, MIGRATIONS
from services.matcher.handlers.matcher import Matcher
from shared.messaging.inbox import Inbox
from shared.messaging.outbox import Outbox
from shared.persistence.database import Database
from shared.persistence.migrations import upgrade
from tests.support import matcher as told
from tests.support.matcher import Log
from tests.support.regions import student


async def told_of_a_student_only(url: str) -> None:
    database = Database(url)
    await upgrade(database, MIGRATIONS)
    inbox = Inbox(GROUP)
    matcher = Matcher(SqlStore(database, Outbox("urn:test"), inbox), OwnProcess(), inbox, lambda: None)
    await matcher.handle_batch(Log().records([told.student_event(student(1))]))
    await database.close()


def test_a_region_without_settings_is_shown_with_since_when_it_waits(sqlite_url: str) -> None:
    before = datetime.now(UTC).date()
    asyncio.run(told_of_a_student_only(sqlite_url))
    environment = {
        "LEERPLEK_MATCHER_DATABASE_URL": sqlite_url,
        "LEERPLEK_MATCHER_KAFKA_BOOTSTRAP": "127.0.0.1:1",
        "COLUMNS": "200",
    }
    shown = CliRunner().invoke(app, ["matcher", "waiting", "--json"], env=environment)
    (one,) = json.loads(shown.stdout)["waiting"]
    since = one.pop("since")
    assert before.isoformat() <= since <= datetime.now(UTC).date().isoformat()
    assert one == {"region": told.REGION, "subject": f"region/{told.REGION}", "names": "settings", "told": False}
    table = CliRunner().invoke(app, ["matcher", "waiting"], env=environment).output
    assert all(word in table for word in (f"regio {told.REGION}", "instellingen")), table
