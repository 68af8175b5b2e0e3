"""The pages for institutes over HTTP, in this process: what tests send to them and read of them."""

import re
from dataclasses import dataclass

import httpx
from sqlmodel import col, select

from services.intake.bootstrap import Parts
from shared.persistence.tables import OutboxRow
from tests.support.office_world import PAGE

OWN = {"Origin": "http://leerplek.test", "Sec-Fetch-Site": "same-origin"}


@dataclass
class World:
    """Intake in this process with the institute in it."""

    parts: Parts
    http: httpx.AsyncClient
    students: dict[str, str]

    def of(self, reference: str) -> str:
        """The page of a student."""
        return f"{PAGE}/studenten/{self.students[reference]}"

    async def post(
        self, path: str, key: str = "k", headers: dict[str, str] | None = None, **fields: str
    ) -> httpx.Response:
        return await self.http.post(path, data={"sleutel": key, **fields}, headers=OWN if headers is None else headers)

    async def told(self) -> list[str]:
        """Which events wait in the outbox, in order."""
        async with self.parts.runtime.database.reading() as tx:
            rows = (await tx.exec(select(OutboxRow).order_by(col(OutboxRow.id)))).all()
        return [row.headers["ce_type"].split(".")[3] for row in rows]


def text_of(page: httpx.Response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).split())
