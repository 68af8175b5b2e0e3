"""The audit and the log of reads are kept as long as the settings say, and no longer."""

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlmodel import SQLModel, select

from shared.persistence import retention
from shared.persistence.database import Database
from shared.persistence.retention import forget_logs
from shared.persistence.tables import AuditRow, ReadRow
from shared.settings import ServiceSettings
from tests.support.capacity import NOW


async def test_what_is_older_than_it_is_kept_goes_and_the_rest_stays(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "MOST", 3)
    database = Database(database_url)
    tables = [SQLModel.metadata.tables[name] for name in ("audit", "read_log")]
    async with database.engine.begin() as connection:
        await connection.run_sync(lambda sync: SQLModel.metadata.create_all(sync, tables))
    ages = [2000, 1900, 1827, 1826, 401, 400, 1]
    async with database.transaction() as tx:
        for days in ages:
            at = NOW - timedelta(days=days)
            tx.add(AuditRow(at=at, actor="a", action="b", aggregate="c", sequence=days))
            tx.add(ReadRow(at=at, activity="a", person="", position="b", site="", subject="", trace=f"{days}"))
            await tx.flush()
    assert await forget_logs(database, NOW, 1826, 400) == 3 + 5
    async with database.reading() as tx:
        assert [each.sequence for each in await tx.exec(select(AuditRow).order_by(AuditRow.id))] == [1826, 401, 400, 1]  # type: ignore[arg-type]
        assert [each.trace for each in await tx.exec(select(ReadRow).order_by(ReadRow.id))] == ["400", "1"]  # type: ignore[arg-type]
    assert await forget_logs(database, NOW, 1826, 400) == 0
    await database.close()


@pytest.mark.parametrize("early", [{"keep_audit_days": 364}, {"keep_reads_days": 179}])
def test_nobody_sets_them_to_be_lost_before_they_can_be_asked_for(early: dict[str, int], tmp_path: Path) -> None:
    given = {"database_url": f"sqlite+aiosqlite:///{tmp_path}/x.db", "kafka_bootstrap": "127.0.0.1:1", "http_port": 1}
    with pytest.raises(ValidationError):
        ServiceSettings.model_validate({**given, **early})
