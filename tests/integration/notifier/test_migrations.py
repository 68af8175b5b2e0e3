"""A database from before contacts were sealed: everything is sealed at the first start, and still works."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlmodel import select

from services.notifier.adapters.store import SqlStore
from services.notifier.bootstrap import MIGRATIONS
from services.notifier.domain.contacts import Contact
from services.notifier.domain.delivery import Mail, MailState
from services.notifier.domain.mentions import GONE, Mention
from shared.persistence.database import Database
from shared.persistence.migrations import upgrade
from shared.persistence.tables import AuditRow
from shared.security.sealing import Sealer
from tests.support.notifier import NOW, PEOPLE, a_mail
from tests.support.scanning import where_stored

SEALER = Sealer(bytes(range(32)))
NAMESAKE = Contact(
    "c4", PEOPLE.trainer.organisation, PEOPLE.trainer.role, "ander@school.example", "Al O'Neil", "010 765 43 21"
)
PERSONAL = ("Els Vos", "stage@vu", "765 43 21", "Bo de Wit", "opleider@", "Neil", "Weg Persoon", "weg@vu", "099 11")
LINE = "- Student s-1. Reden. Wat u kunt doen: overleg. {call}\n"


def _old_text(call: str) -> Mapping[str, str]:
    return {"text": LINE.format(call=call), "html": f"<li>{LINE.format(call=call.replace(chr(39), '&#39;'))}<br></li>"}


MAILS = (
    a_mail(id="m1", dedupe_key="1", **_old_text("Bel Bo de Wit, schoolopleider van Het Baken: 010 765 43 21.")),
    a_mail(id="m2", dedupe_key="2", state=MailState.SENT, **_old_text("Bel Al O'Neil, schoolopleider: 010 765 43 21.")),
    a_mail(id="m3", dedupe_key="3", **_old_text("Bel Weg Persoon, schoolopleider van Het Baken: 099 11 22 33.")),
    a_mail(id="m4", dedupe_key="4", contact="c9", email="weg@vu.example", name="Weg Persoon", **_old_text("Niemand.")),
    a_mail(id="m5", dedupe_key="5", **_old_text("Mail de schoolopleider van Het Baken: opleider@school.example.")),
)


async def _fill(database: Database) -> None:
    async with database.transaction() as tx:
        connection = await tx.connection()
        for each in (PEOPLE.coordinator, PEOPLE.trainer, NAMESAKE):
            values = {name: getattr(each, name) for name in ("id", "organisation", "role", "email", "name", "phone")}
            await _insert(connection, "contact", {**values, "version": 3})
        for mail in MAILS:
            fields = [
                "id",
                "dedupe_key",
                "kind",
                "region",
                "role",
                "organisation",
                "contact",
                "email",
                "name",
                "subject",
                "text",
                "html",
                "because",
                "thread",
                "students",
                "state",
                "attempts",
            ]
            moments = dict.fromkeys(("created_at", "next_try_at"), mail.created_at)
            await _insert(connection, "mail", {**{name: getattr(mail, name) for name in fields}, **moments})
        answer = {"scope": "POST /v1/contacts", "key": "k", "fingerprint": "f", "status": 201}
        body = {"headers": "{}", "body": '{"name": "Els Vos"}', "given_at": NOW}
        await _insert(connection, "given_answer", {**answer, **body})


async def _insert(connection: object, table: str, values: Mapping[str, object]) -> None:
    names = ", ".join(f'"{name}"' for name in values)
    places = ", ".join(f":{name}" for name in values)
    statement = text(f"INSERT INTO {table} ({names}) VALUES ({places})")
    await connection.execute(statement, values)  # type: ignore[attr-defined]


async def test_what_was_readable_is_sealed_and_mails_say_what_they_said(database_url: str) -> None:
    database = Database(database_url)
    await upgrade(database, MIGRATIONS, "0001")
    await _fill(database)
    assert await where_stored(database, PERSONAL) >= {"contact", "mail", "given_answer"}
    with pytest.raises(ValueError, match="no key"):
        await upgrade(database, MIGRATIONS)
    await upgrade(database, MIGRATIONS, parts={"sealer": SEALER})
    await database.close()  # SQLite then empties its log
    database = Database(database_url)
    assert await where_stored(database, PERSONAL) == set()
    async with database.transaction() as tx:
        store = SqlStore(tx, SEALER, NOW, "test")
        contacts = [await store.contact(each.id) for each in (PEOPLE.coordinator, PEOPLE.trainer, NAMESAKE)]
        assert [each.email for each in contacts if each] == [
            PEOPLE.coordinator.email,
            PEOPLE.trainer.email,
            NAMESAKE.email,
        ]
        found = {mail.id: mail for mid in MAILS if (mail := await store.mail(mid.id))}
    for mail in (MAILS[0], MAILS[1], MAILS[4]):
        assert _content(found[mail.id]) == (mail.email, mail.name, mail.text, mail.html.replace("&#39;", "&#x27;"))
    assert [[each.contact for each in found[mail.id].mentions] for mail in MAILS] == [["c2"], ["c4"], [], [], ["c2"]]
    assert GONE in found["m3"].full_text
    assert GONE in found["m3"].full_html
    assert (found["m4"].email, found["m4"].name) == ("", None)
    await database.close()


def _content(mail: Mail) -> tuple[str, str | None, str, str]:
    return mail.email, mail.name, mail.full_text, mail.full_html


async def test_a_name_from_before_names_were_searched_loses_what_tells_of_health_and_others_stay(
    database_url: str,
) -> None:
    told = "Bo de Wit (ziek tot mei)"
    mentioned = Mention("c2", f"Bel {told}, schoolopleider van Het Baken: 010 765 43 21.")
    database = Database(database_url)
    await upgrade(database, MIGRATIONS, "0014", parts={"sealer": SEALER})
    async with database.transaction() as tx:
        store = SqlStore(tx, SEALER, NOW, "test")
        for each in (PEOPLE.coordinator, replace(PEOPLE.trainer, name=told)):
            await store.save_contact(each)
        await store.add_mail(a_mail(mentions=(mentioned,)))
        await store.add_mail(a_mail(id="m2", dedupe_key="2", contact="c2", email=PEOPLE.trainer.email, name=told))
    with pytest.raises(ValueError, match="no key"):
        await upgrade(database, MIGRATIONS)
    await upgrade(database, MIGRATIONS, parts={"sealer": SEALER})
    async with database.transaction() as tx:
        store = SqlStore(tx, SEALER, NOW, "test")
        assert await store.contact("c1") == PEOPLE.coordinator
        assert await store.contact("c2") == replace(PEOPLE.trainer, name=None, version=PEOPLE.trainer.version + 1)
        mail, own = await store.mail(a_mail().id), await store.mail("m2")
        assert mail is not None
        assert own is not None
        assert [each.sentence for each in mail.mentions] == ["Bel de schoolopleider van Het Baken: 010 765 43 21."]
        assert (own.email, own.name) == (PEOPLE.trainer.email, None)
        rows = await tx.exec(select(AuditRow.aggregate).where(AuditRow.action == "contact.name-removed"))
        assert list(rows) == ["contact/c2"]
    await database.close()
