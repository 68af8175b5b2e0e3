"""Names of contacts from before names were searched: what tells of somebody's health is taken out, wherever it was kept."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import context, op

from shared.errors import DomainError
from shared.persistence.tables import UtcDateTime
from shared.security.free_text import check_person_name
from shared.security.sealing import Sealer, WrappedKey

revision = "0015"
down_revision = "0014"

CONTACTS = """
SELECT contact.id, contact.sealed, contact.version, contact_key.wrapped_key
FROM contact JOIN contact_key ON contact_key.contact = contact.id ORDER BY contact.id
"""


def upgrade() -> None:
    contacts = op.get_bind().execute(sa.text(CONTACTS)).mappings().all()
    sealer: Sealer | None = context.config.attributes.get("sealer")
    if contacts and sealer is None:
        raise ValueError("there are names to search and no key to do it with")
    for each in contacts:
        assert sealer is not None
        person = _opened(sealer, each, "contact", each["sealed"])
        if _may_stay(person.get("name") or ""):
            continue
        nameless = _sealed(sealer, each, "contact", {**person, "name": None})
        _update("contact", {"id": each["id"]}, sealed=nameless, version=each["version"] + 1)
        _take_out_of_mails(sealer, each, person["name"])
        _note(each)


def _may_stay(name: str) -> bool:
    try:
        check_person_name(name, "/name")
    except DomainError:
        return False
    return True


def _take_out_of_mails(sealer: Sealer, contact: Any, name: str) -> None:
    """Of mails to this contact, and where others were told to call them: then by their role alone."""
    own = sa.text("SELECT id, sealed_addressee FROM mail WHERE contact = :contact AND sealed_addressee IS NOT NULL")
    for mail in op.get_bind().execute(own, {"contact": contact["id"]}).mappings().all():
        field = f"mail/{mail['id']}/addressee"
        addressee = {**_opened(sealer, contact, field, mail["sealed_addressee"]), "name": None}
        _update("mail", {"id": mail["id"]}, sealed_addressee=_sealed(sealer, contact, field, addressee))
    mentions = sa.text("SELECT mail, sealed FROM mention WHERE contact = :contact")
    for mention in op.get_bind().execute(mentions, {"contact": contact["id"]}).mappings().all():
        field = f"mail/{mention['mail']}/mention"
        sentence = _opened(sealer, contact, field, mention["sealed"])["sentence"]
        article = "de " if sentence.startswith(("Bel ", "Mail ")) else "the "
        sentence = sentence.replace(f"{name}, ", article)
        where = {"mail": mention["mail"], "contact": contact["id"]}
        _update("mention", where, sealed=_sealed(sealer, contact, field, {"sentence": sentence}))


def _note(contact: Any) -> None:
    audit = sa.table(
        "audit",
        sa.column("at", UtcDateTime()),
        *(sa.column(name) for name in ("actor", "action", "aggregate", "sequence")),
    )
    row = {"at": datetime.now(UTC), "actor": "notifier", "action": "contact.name-removed"}
    where = {"aggregate": f"contact/{contact['id']}", "sequence": contact["version"] + 1}
    op.get_bind().execute(sa.insert(audit).values(row | where))


def _opened(sealer: Sealer, contact: Any, field: str, sealed: bytes) -> dict[str, Any]:
    opened: dict[str, Any] = json.loads(sealer.unseal(WrappedKey(contact["wrapped_key"]), contact["id"], field, sealed))
    return opened


def _sealed(sealer: Sealer, contact: Any, field: str, personal: Mapping[str, Any]) -> bytes:
    text = json.dumps(personal, ensure_ascii=False)
    return sealer.seal(WrappedKey(contact["wrapped_key"]), contact["id"], field, text)


def _update(table: str, where: Mapping[str, str], **values: object) -> None:
    made = sa.table(table, *(sa.column(name) for name in (*where, *values)))
    wanted = sa.update(made).where(*(made.c[name] == value for name, value in where.items()))
    op.get_bind().execute(wanted.values(values))
