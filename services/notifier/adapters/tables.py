"""The notifier's tables."""

from datetime import date, datetime

from sqlalchemy import Index, LargeBinary
from sqlmodel import JSON, Column, Field, SQLModel

from shared.persistence import tables as messaging_tables
from shared.persistence.tables import UtcDateTime
from shared.webhooks import tables as webhook_tables

__all__ = [
    "AlertRow",
    "ContactKeyRow",
    "ContactRow",
    "DeadLetterRow",
    "ErasedRow",
    "HandedRow",
    "KnownRegionRow",
    "KnownSiteRow",
    "MailRow",
    "MentionRow",
    "ModeRow",
    "NoticeRow",
    "PlaceRow",
    "RoundRow",
    "UnwrittenRow",
    "messaging_tables",
    "webhook_tables",
]


class ContactRow(SQLModel, table=True):
    """Somebody with a role in an organisation; name, address and phone are sealed and open only with the row in `contact_key`."""

    __tablename__ = "contact"
    __table_args__ = (Index("ix_contact_organisation", "organisation", "role"),)

    id: str = Field(primary_key=True)
    organisation: str
    role: str
    version: int
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class ContactKeyRow(SQLModel, table=True):
    """A contact's data key, wrapped by the master key; deleting the row erases the contact, in mails too."""

    __tablename__ = "contact_key"

    contact: str = Field(primary_key=True)
    wrapped_key: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class AlertRow(SQLModel, table=True):
    """One alert per kind and subject."""

    __tablename__ = "alert"
    __table_args__ = (
        Index("ix_alert_of_region", "region", "kind"),
        Index("ix_alert_shelf", "shelf", "opened_at", "id", "kind", "level"),
        Index("ix_alert_shelf_region", "region", "shelf", "opened_at", "id", "kind", "level"),
        Index("ix_alert_shelf_institute", "institute", "shelf", "opened_at", "id", "kind", "level"),
        Index("ix_alert_shelf_site", "site", "shelf", "opened_at", "id"),
        Index("ix_alert_ended", "state", "ended_at"),
    )

    id: str = Field(primary_key=True)
    kind: str
    region: str
    student: str = Field(index=True)
    institute: str
    site: str
    case: dict[str, object] = Field(sa_column=Column(JSON, nullable=False))
    state: str
    shelf: str
    level: str
    revision: int
    sequence: int
    news: str
    care: dict[str, object] = Field(sa_column=Column(JSON, nullable=False))
    turns: list[str] = Field(sa_column=Column(JSON, nullable=False))
    opened_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    news_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))
    told_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))
    look_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True, index=True))
    escalate_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))
    ended_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))


class NoticeRow(SQLModel, table=True):
    """A contact was told in a role of one revision of an alert: by this mail, or (no mail) for this reason otherwise."""

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_contact", "contact", "alert"),)

    alert: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    role: str = Field(primary_key=True)
    contact: str = Field(primary_key=True)
    mail: str | None = Field(default=None, index=True)
    reason: str
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class MailRow(SQLModel, table=True):
    """One mail as it was written, and how far it has come; in its text marks stand for the rows in `mention`."""

    __tablename__ = "mail"
    __table_args__ = (
        Index("ix_mail_due", "state", "rank", "next_try_at", "id"),
        Index("ix_mail_person", "person", "created_at"),
        Index("ix_mail_created", "created_at"),
    )

    id: str = Field(primary_key=True)
    dedupe_key: str = Field(unique=True)
    kind: str
    channel: str
    region: str
    role: str
    organisation: str
    contact: str = Field(index=True)
    person: str
    sealed_addressee: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    subject: str
    text: str
    html: str
    invitation: str = ""
    because: str
    thread: str
    students: int
    state: str
    rank: int
    attempts: int
    reason: str | None = None
    claim: str | None = None
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    next_try_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    lease_until: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))
    sent_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))
    fell_back_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))


class MentionRow(SQLModel, table=True):
    """What a mail says of a contact whom its reader may call, sealed under the key of that contact."""

    __tablename__ = "mention"

    mail: str = Field(primary_key=True)
    contact: str = Field(primary_key=True, index=True)
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class DeadLetterRow(SQLModel, table=True):
    """A mail that was given up, until the operator has heard of it; `gone` are the roads by which they have."""

    __tablename__ = "dead_letter"

    mail: str = Field(primary_key=True)
    kind: str
    channel: str
    region: str
    role: str
    organisation: str
    attempts: int
    reason: str
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    gone: list[str] = Field(sa_column=Column(JSON, nullable=False))


class UnwrittenRow(SQLModel, table=True):
    """A mail that could not be written, and when it is tried again."""

    __tablename__ = "unwritten"

    id: str = Field(primary_key=True)
    contact: str
    role: str
    organisation: str
    kind: str
    region: str
    alerts: list[str] = Field(sa_column=Column(JSON, nullable=False))
    students: list[str] = Field(sa_column=Column(JSON, nullable=False))
    attempts: int
    since: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    next_try_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class HandedRow(SQLModel, table=True):
    """By which message to a system of an organisation it was told what this mail says."""

    __tablename__ = "handed_mail"

    mail: str = Field(primary_key=True)
    organisation: str = Field(primary_key=True)
    message: str = Field(primary_key=True)


class RoundRow(SQLModel, table=True):
    """The last day on which a round, such as the digest, was done."""

    __tablename__ = "notifier_round"

    name: str = Field(primary_key=True)
    day: date


class ModeRow(SQLModel, table=True):
    """What happens with the mails of an organisation; the test address is sealed."""

    __tablename__ = "organisation_mode"

    organisation: str = Field(primary_key=True)
    mode: str
    sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    version: int


class ErasedRow(SQLModel, table=True):
    """A student who was erased, as a keyed fingerprint of their number: nobody hears of them, whatever comes later."""

    __tablename__ = "erased_student"

    student_key: str = Field(primary_key=True)
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class KnownRegionRow(SQLModel, table=True):
    """Read model of `region.changed` and `day.started`."""

    __tablename__ = "notifier_region"

    id: str = Field(primary_key=True)
    name: str
    starts: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    sequence: int
    day: date | None = None
    day_sequence: int
    heard_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))


class KnownSiteRow(SQLModel, table=True):
    """Read model of `site.changed`."""

    __tablename__ = "notifier_site"

    id: str = Field(primary_key=True)
    name: str
    town: str
    sequence: int
    board: str | None = Field(default=None, index=True)
    region: str = Field(default="", index=True)


class PlaceRow(SQLModel, table=True):
    """Read model of `placements` and of withdrawn registrations."""

    __tablename__ = "notifier_student"

    student: str = Field(primary_key=True)
    site: str | None = None
    periods: list[str] = Field(sa_column=Column(JSON, nullable=False))
    sequence: int
    is_withdrawn: bool
    registration_sequence: int
