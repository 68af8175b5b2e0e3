"""What is logged of an error of either database: what went wrong, and never what somebody sent."""

from datetime import UTC, datetime

import pytest
import structlog
from sqlalchemy.exc import IntegrityError

from shared.observability.logging import hide_values
from shared.persistence.database import Database
from shared.persistence.tables import GivenAnswer
from tests.support.databases import open_database

SENT = "EIGEN-KENMERK-77"


async def send_twice(database: Database) -> None:
    """Writes two rows with one key."""
    now = datetime.now(UTC)
    async with database.transaction() as tx:
        for number in range(2):
            tx.add(
                GivenAnswer(
                    scope=SENT, key="k", fingerprint=str(number), status=200, headers={}, body=SENT, given_at=now
                )
            )
            await tx.flush()
            tx.expunge_all()


async def test_a_refused_row_is_logged_without_what_is_in_it(database_url: str) -> None:
    async with open_database(database_url) as database:
        with pytest.raises(IntegrityError) as refused:
            await send_twice(database)
    logged = hide_values(
        None, "error", structlog.processors.format_exc_info(None, "error", {"exc_info": refused.value})
    )
    text = str(logged["exception"])
    assert "given_answer" in text
    assert "IntegrityError" in text
    assert SENT not in text
