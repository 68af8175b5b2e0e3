"""People, sessions, links, mails and the log of reads on SQL."""

import json
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, func, or_, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.capacity.adapters.organisations import SqlOrganisations
from services.capacity.adapters.people_tables import (
    AccessMailRow,
    AccountRow,
    LinkRow,
    PositionRow,
    SessionRow,
)
from services.capacity.adapters.stamp import Stamp
from services.capacity.domain.people import Person
from services.capacity.domain.sessions import Session
from services.capacity.ports.people import AccessMail, MailKind, Noted, Read
from shared.errors import Conflict, DomainError
from shared.persistence.statements import changed_rows
from shared.persistence.tables import AuditRow, ReadRow
from shared.security.roles import Position, position_of
from shared.security.sealing import Sealer, WrappedKey

WHO, MAIL, ID_TOKEN = "who", "mail", "id-token"
LINKS_COUNT_FOR = timedelta(hours=1)


class SqlAccounts(SqlOrganisations):
    """One transaction's view of people and what they are."""

    _tx: AsyncSession
    _sealer: Sealer
    _stamp: Stamp

    async def person(self, person: str) -> Person | None:
        row = await self._tx.get(AccountRow, person)
        return None if row is None else (await self._people([row]))[0]

    async def with_address(self, email: str) -> Person | None:
        return await self._found(col(AccountRow.address) == self._address(email))

    async def with_identity(self, issuer: str, subject: str) -> Person | None:
        return await self._found(col(AccountRow.identity) == self._identity(issuer, subject))

    async def names(self, people: Collection[str]) -> Mapping[str, str]:
        rows = await self._tx.exec(select(AccountRow).where(col(AccountRow.id).in_(people)))
        return {each.id: each.called for each in await self._people(list(rows))}

    async def people_at(self, positions: Collection[Position] | None, limit: int) -> Sequence[Person]:
        wanted = select(AccountRow).order_by(col(AccountRow.id)).limit(limit)
        if positions is not None:
            names = [each.name for each in positions]
            theirs = select(PositionRow.account).where(col(PositionRow.position).in_(names))
            wanted = wanted.where(col(AccountRow.id).in_(theirs))
        return await self._people(list(await self._tx.exec(wanted)))

    async def add(self, person: Person, identity: tuple[str, str] | None = None) -> None:
        key = self._sealer.new_key(person.id)
        row = AccountRow(
            id=person.id,
            wrapped_key=key,
            sealed=self._seal(key, person),
            address=None if identity else self._address(person.email),
            identity=self._identity(*identity) if identity else None,
            created_at=self._stamp.now,
        )
        self._tx.add(row)
        try:
            await self._tx.flush()
        except IntegrityError as raced:
            raise Conflict("bestaat-al", "Iemand anders voegde deze persoon op hetzelfde moment toe.") from raced

    async def rename(self, person: Person) -> None:
        row = await self._tx.get_one(AccountRow, person.id)
        row.sealed = self._seal(WrappedKey(row.wrapped_key), person)
        self._tx.add(row)

    async def give(self, person: str, position: Position) -> None:
        await self._tx.merge(PositionRow(account=person, position=position.name))
        await self._tx.flush()

    async def take(self, person: str, position: Position) -> None:
        row = (col(PositionRow.account) == person, col(PositionRow.position) == position.name)
        await self._tx.exec(delete(PositionRow).where(*row))

    async def set_positions(self, person: str, positions: Collection[Position]) -> None:
        await self._tx.exec(delete(PositionRow).where(col(PositionRow.account) == person))
        self._tx.add_all([PositionRow(account=person, position=each.name) for each in sorted(set(positions))])
        await self._tx.flush()

    async def erase(self, person: str) -> None:
        for table in (PositionRow, SessionRow, LinkRow):
            await self._tx.exec(delete(table).where(col(table.account) == person))
        await self._tx.exec(delete(AccountRow).where(col(AccountRow.id) == person))

    async def note(self, action: str, person: str, position: Position | None = None) -> None:
        about = f"person/{person}" + (f"/{position.name}" if position is not None else "")
        self._tx.add(AuditRow(at=self._stamp.now, actor=self._stamp.actor, action=action, aggregate=about, sequence=0))

    async def noted(self, actions: Collection[str], limit: int) -> Sequence[Noted]:
        about = col(AuditRow.aggregate)
        is_meant = (about > "person/", about < "person0", col(AuditRow.action).in_(actions))
        found = await self._tx.exec(select(AuditRow).where(*is_meant).order_by(col(AuditRow.id).desc()).limit(limit))
        return [_noted(row) for row in found if row.aggregate.count("/") > 1]

    def mark(self, secret: str) -> str:
        return self._sealer.fingerprint(b"link\0" + secret.encode())[:32]

    def fingerprint(self, subject: str) -> str:
        return self._sealer.fingerprint(b"read\0" + subject.encode())

    async def _found(self, condition: object) -> Person | None:
        row = (await self._tx.exec(select(AccountRow).where(condition))).first()  # type: ignore[arg-type]
        return None if row is None else (await self._people([row]))[0]

    async def _people(self, rows: Sequence[AccountRow]) -> list[Person]:
        ids = [row.id for row in rows]
        held = await self._tx.exec(select(PositionRow).where(col(PositionRow.account).in_(ids)))
        positions: dict[str, list[Position]] = {each: [] for each in ids}
        for each in held:
            with suppress(DomainError):  # a role that only a newer process beside this one knows
                positions[each.account].append(position_of(each.position))
        return [self._person(row, tuple(sorted(positions[row.id]))) for row in rows]

    def _person(self, row: AccountRow, positions: tuple[Position, ...]) -> Person:
        who = json.loads(self._sealer.unseal(WrappedKey(row.wrapped_key), row.id, WHO, row.sealed))
        return Person(row.id, who["name"], who["email"], positions, row.identity is not None, row.seen_at)

    def _seal(self, key: WrappedKey, person: Person) -> bytes:
        who = json.dumps({"name": person.name, "email": person.email}, ensure_ascii=False)
        return self._sealer.seal(key, person.id, WHO, who)

    def _address(self, email: str) -> str:
        return self._sealer.fingerprint(b"address\0" + email.casefold().encode())

    def _identity(self, issuer: str, subject: str) -> str:
        return self._sealer.fingerprint(f"identity\0{issuer}\0{subject}".encode())


class SqlPeople(SqlAccounts):
    """The same with sessions, links, mails and the log of reads."""

    def __init__(self, tx: AsyncSession, sealer: Sealer, stamp: Stamp) -> None:
        self._tx = tx
        self._sealer = sealer
        self._stamp = stamp

    async def add_session(self, session: Session) -> None:
        account = await self._tx.get_one(AccountRow, session.person)
        account.seen_at = session.seen_at
        sealed = None
        if session.id_token:
            sealed = self._sealer.seal(WrappedKey(account.wrapped_key), account.id, ID_TOKEN, session.id_token)
        row = SessionRow(
            id=session.id,
            account=session.person,
            position=session.position.name,
            begun_at=session.begun_at,
            seen_at=session.seen_at,
            device=session.device,
            id_token=sealed,
        )
        self._tx.add_all([account, row])

    async def session(self, session: str) -> Session | None:
        row = await self._tx.get(SessionRow, session)
        if row is None:
            return None
        id_token = ""
        if row.id_token is not None:
            account = await self._tx.get_one(AccountRow, row.account)
            id_token = self._sealer.unseal(WrappedKey(account.wrapped_key), account.id, ID_TOKEN, row.id_token)
        return _session(row, id_token)

    async def sessions_of(self, person: str) -> Sequence[Session]:
        found = select(SessionRow).where(col(SessionRow.account) == person).order_by(col(SessionRow.begun_at).desc())
        return [_session(row) for row in await self._tx.exec(found)]

    async def seen(self, session: Session, now: datetime) -> None:
        await self._tx.exec(update(SessionRow).where(col(SessionRow.id) == session.id).values(seen_at=now))
        await self._tx.exec(update(AccountRow).where(col(AccountRow.id) == session.person).values(seen_at=now))

    async def end_session(self, session: str) -> None:
        await self._tx.exec(delete(SessionRow).where(col(SessionRow.id) == session))

    async def end_sessions(self, person: str) -> None:
        await self._tx.exec(delete(SessionRow).where(col(SessionRow.account) == person))

    async def add_link(self, link: str, person: str, expires_at: datetime) -> None:
        self._tx.add(LinkRow(id=link, account=person, created_at=self._stamp.now, expires_at=expires_at))

    async def link(self, link: str, now: datetime) -> Person | None:
        row = await self._tx.get(LinkRow, link)
        works = row is not None and row.used_at is None and row.expires_at > now
        return await self.person(row.account) if row is not None and works else None

    async def use_link(self, link: str, now: datetime) -> Person | None:
        unused = (col(LinkRow.id) == link, col(LinkRow.used_at).is_(None), col(LinkRow.expires_at) > now)
        if await changed_rows(self._tx, update(LinkRow).where(*unused).values(used_at=now)) != 1:
            return None
        row = await self._tx.get_one(LinkRow, link)
        return await self.person(row.account)

    async def links_since(self, person: str, since: datetime) -> int:
        made = (col(LinkRow.account) == person, col(LinkRow.created_at) > since)
        return (await self._tx.exec(select(func.count()).select_from(LinkRow).where(*made))).one()

    async def add_mail(self, mail: AccessMail) -> None:
        key = self._sealer.new_key(mail.id)
        about = json.dumps({"email": mail.email, "name": mail.name, "position": mail.position}, ensure_ascii=False)
        self._tx.add(
            AccessMailRow(
                id=mail.id,
                kind=mail.kind,
                wrapped_key=key,
                sealed=self._sealer.seal(key, mail.id, MAIL, about),
                created_at=mail.created_at,
                next_try_at=mail.created_at,
            )
        )

    async def take_mail(self, now: datetime, lease_until: datetime) -> AccessMail | None:
        known = col(AccessMailRow.kind).in_(list(MailKind))  # a newer process beside this one may send more
        due = select(AccessMailRow).where(known, col(AccessMailRow.next_try_at) <= now)
        for row in await self._tx.exec(due.order_by(col(AccessMailRow.next_try_at)).limit(5)):
            mine = (col(AccessMailRow.id) == row.id, col(AccessMailRow.next_try_at) == row.next_try_at)
            attempts = row.attempts
            leased = {"next_try_at": lease_until, "attempts": attempts + 1}
            if await changed_rows(self._tx, update(AccessMailRow).where(*mine).values(**leased)) == 1:
                about = json.loads(self._sealer.unseal(WrappedKey(row.wrapped_key), row.id, MAIL, row.sealed))
                return AccessMail(row.id, MailKind(row.kind), **about, created_at=row.created_at, attempts=attempts)
        return None

    async def postpone_mail(self, mail: str, until: datetime) -> None:
        await self._tx.exec(update(AccessMailRow).where(col(AccessMailRow.id) == mail).values(next_try_at=until))

    async def forget_mail(self, mail: str) -> None:
        await self._tx.exec(delete(AccessMailRow).where(col(AccessMailRow.id) == mail))

    async def log_read(self, read: Read) -> None:
        self._tx.add(
            ReadRow(
                at=read.at,
                activity=read.activity,
                person=read.person,
                position=read.position,
                site=read.site,
                subject=read.subject,
                trace=read.trace,
            )
        )

    async def reads(self, sites: Collection[str] | None, limit: int, systems: Collection[str] = ()) -> Sequence[Read]:
        wanted = select(ReadRow).order_by(col(ReadRow.id).desc()).limit(limit)
        if sites is not None:
            by_system = and_(col(ReadRow.person) == "", col(ReadRow.position).in_(systems))
            wanted = wanted.where(or_(col(ReadRow.site).in_(sites), by_system))
        return [
            Read(row.at, row.activity, row.person, row.position, row.site, row.subject, row.trace)
            for row in await self._tx.exec(wanted)
        ]

    async def forget_old(self, now: datetime, sessions_before: datetime, people_before: datetime) -> None:
        await self._tx.exec(delete(LinkRow).where(col(LinkRow.expires_at) < now - LINKS_COUNT_FOR))
        await self._tx.exec(delete(SessionRow).where(col(SessionRow.seen_at) < sessions_before))
        gone = (col(AccountRow.identity).is_not(None), col(AccountRow.seen_at) < people_before)
        for person in list(await self._tx.exec(select(AccountRow.id).where(*gone))):
            await self.erase(person)


def _noted(row: AuditRow) -> Noted:
    _, person, position = row.aggregate.split("/", 2)
    return Noted(row.at, row.actor, row.action, person, position_of(position))


def _session(row: SessionRow, id_token: str = "") -> Session:
    position = position_of(row.position)
    return Session(row.id, row.account, position, row.begun_at, row.seen_at, row.device, id_token)
