"""Who a contact is, to whom mails go and whom they say to call, is sealed under a key of each contact."""

import json
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from html import unescape
from typing import Any

import sqlalchemy as sa
from alembic import context, op

from shared.persistence.tables import UtcDateTime
from shared.security.sealing import Sealer, WrappedKey

revision = "0002"
down_revision = "0001"

CALL = re.compile(r"\b(?:Bel|Mail) [^\n<>]*?: (\+?[0-9][0-9 ()-]{5,20}|[^\s<>]+@[^\s<>]+?)\.(?=[\s<]|$)")
"""The sentence in a mail that says whom to call or to mail."""
NOBODY = ""

Keys = dict[str, WrappedKey]


def upgrade() -> None:
    _add_what_is_sealed()
    contacts = op.get_bind().execute(sa.text("SELECT id, email, name, phone FROM contact ORDER BY id")).mappings().all()
    sealer: Sealer | None = context.config.attributes.get("sealer")
    mails = op.get_bind().execute(sa.text("SELECT id, contact, email, name, text, html FROM mail")).mappings().all()
    if contacts or mails:
        if sealer is None:
            raise ValueError("there are contacts to seal and no key to do it with")
        keys = _seal_contacts(sealer, contacts)
        for mail in mails:
            _seal_mail(sealer, keys, mail, contacts)
    op.execute("DELETE FROM given_answer WHERE scope LIKE '%/contacts%'")
    _drop_what_was_readable()


def _add_what_is_sealed() -> None:
    op.add_column("contact", sa.Column("sealed", sa.LargeBinary()))
    op.add_column("mail", sa.Column("sealed_addressee", sa.LargeBinary()))
    op.create_table(
        "contact_key",
        sa.Column("contact", sa.String(), primary_key=True),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
    )
    op.create_table(
        "mention",
        sa.Column("mail", sa.String(), primary_key=True),
        sa.Column("contact", sa.String(), primary_key=True, index=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "unwritten",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("contact", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("alerts", sa.JSON(), nullable=False),
        sa.Column("students", sa.JSON(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("next_try_at", UtcDateTime(), nullable=False),
    )


def _seal_contacts(sealer: Sealer, contacts: Iterable[Any]) -> Keys:
    keys: Keys = {}
    key_table = sa.table(
        "contact_key", sa.column("contact"), sa.column("wrapped_key"), sa.column("created_at", UtcDateTime())
    )
    for each in contacts:
        key = keys[each["id"]] = sealer.new_key(each["id"])
        row = {"contact": each["id"], "wrapped_key": key, "created_at": datetime.now(UTC)}
        op.get_bind().execute(sa.insert(key_table).values(row))
        person = json.dumps({name: each[name] for name in ("email", "name", "phone")}, ensure_ascii=False)
        _update("contact", each["id"], sealed=sealer.seal(key, each["id"], "contact", person))
    return keys


def _seal_mail(sealer: Sealer, keys: Keys, mail: Any, contacts: Iterable[Any]) -> None:
    """A mail to somebody who was deleted keeps no address; one that was still to go is cancelled when its turn comes."""
    said: dict[str, str] = {}

    def marked(found: re.Match[str], read: Callable[[str], str]) -> str:
        sentence = read(found[0])
        contact = _who(sentence, read(found[1]), contacts)
        if contact != NOBODY:
            said.setdefault(contact, sentence)
        return f"\ue000{contact}\ue001"

    text = CALL.sub(lambda found: marked(found, str), mail["text"])
    html = CALL.sub(lambda found: marked(found, unescape), mail["html"])
    values: dict[str, object] = {"text": text, "html": html}
    if mail["contact"] in keys and mail["email"]:
        addressee = json.dumps({"email": mail["email"], "name": mail["name"]}, ensure_ascii=False)
        values["sealed_addressee"] = sealer.seal(
            keys[mail["contact"]], mail["contact"], f"mail/{mail['id']}/addressee", addressee
        )
    _update("mail", mail["id"], **values)
    mention = sa.table("mention", sa.column("mail"), sa.column("contact"), sa.column("sealed"))
    for contact, sentence in said.items():
        content = json.dumps({"sentence": sentence}, ensure_ascii=False)
        sealed = sealer.seal(keys[contact], contact, f"mail/{mail['id']}/mention", content)
        row = {"mail": mail["id"], "contact": contact, "sealed": sealed}
        op.get_bind().execute(sa.insert(mention).values(row))


def _who(sentence: str, reached_at: str, contacts: Iterable[Any]) -> str:
    """The contact whom a sentence is about; several may share a phone."""
    reached = [each for each in contacts if reached_at in (each["phone"], each["email"])]
    named = [each for each in reached if each["name"] and each["name"] in sentence]
    return str((named or reached)[0]["id"]) if reached else NOBODY


def _update(table: str, identifier: str, **values: object) -> None:
    made = sa.table(table, sa.column("id"), *(sa.column(name) for name in values))
    op.get_bind().execute(sa.update(made).where(made.c.id == identifier).values(values))


def _drop_what_was_readable() -> None:
    """Blanked first: PostgreSQL keeps a dropped column in its rows until they are written anew."""
    op.execute("UPDATE contact SET email = '', name = NULL, phone = NULL")
    op.execute("UPDATE mail SET email = '', name = NULL")
    with op.batch_alter_table("contact") as contact:
        for name in ("email", "name", "phone"):
            contact.drop_column(name)
        contact.alter_column("sealed", existing_type=sa.LargeBinary(), nullable=False)
    with op.batch_alter_table("mail") as mail:
        for name in ("email", "name"):
            mail.drop_column(name)
