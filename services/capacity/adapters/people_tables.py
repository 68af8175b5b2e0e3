"""Tables of the people who sign in."""

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlmodel import Column, Field, SQLModel

from shared.persistence.tables import UtcDateTime


class AccountRow(SQLModel, table=True):
    """Somebody who may sign in: name and address sealed under a key of their own, found by fingerprints under the master key."""

    __tablename__ = "account"

    id: str = Field(primary_key=True)
    wrapped_key: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    address: str | None = Field(default=None, unique=True)
    identity: str | None = Field(default=None, unique=True)
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    seen_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))


class PositionRow(SQLModel, table=True):
    """What somebody is of an organisation."""

    __tablename__ = "account_position"

    account: str = Field(primary_key=True, foreign_key="account.id")
    position: str = Field(primary_key=True, index=True)


class SessionRow(SQLModel, table=True):
    """Somebody at one browser; `id` is a hash of what the browser holds."""

    __tablename__ = "web_session"

    id: str = Field(primary_key=True)
    account: str = Field(foreign_key="account.id", index=True)
    position: str
    begun_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    seen_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False, index=True))
    device: str
    id_token: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))


class LinkRow(SQLModel, table=True):
    """A link by which somebody can sign in once; `id` is a hash of it."""

    __tablename__ = "sign_in_link"

    id: str = Field(primary_key=True)
    account: str = Field(foreign_key="account.id", index=True)
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    expires_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False, index=True))
    used_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))


class AccessMailRow(SQLModel, table=True):
    """A mail about access until it was sent; whom to is sealed under a key that goes with the row."""

    __tablename__ = "access_mail"

    id: str = Field(primary_key=True)
    kind: str
    wrapped_key: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    next_try_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False, index=True))
    attempts: int = 0
