"""The tables of webhooks, in the database of each service that has them."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, Text
from sqlmodel import JSON, Column, Field, SQLModel

from shared.persistence.tables import UtcDateTime


class WebhookRow(SQLModel, table=True):
    """An address that is told; its secrets are sealed under `wrapped_key`."""

    __tablename__ = "webhook"

    id: str = Field(primary_key=True)
    owner: str | None = Field(default=None, index=True)
    url: str
    types: list[str] = Field(sa_column=Column(JSON, nullable=False))
    is_active: bool = True
    version: int = 1
    wrapped_key: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    secret: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    previous: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    previous_until: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class DeliveryRow(SQLModel, table=True):
    """A message to one webhook; `next_at` while it waits."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        Index("ix_webhook_delivery_webhook", "webhook", "id"),
        Index("ix_webhook_delivery_due", "webhook", "next_at"),
    )

    id: str = Field(primary_key=True)
    webhook: str = Field(foreign_key="webhook.id")
    type: str
    body: str = Field(sa_column=Column(Text, nullable=False))
    status: str
    tries: int = 0
    next_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True))
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    ended_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime, nullable=True, index=True))


class TryRow(SQLModel, table=True):
    """One try to deliver a message."""

    __tablename__ = "webhook_try"

    delivery: str = Field(foreign_key="webhook_delivery.id", primary_key=True)
    number: int = Field(primary_key=True)
    at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    status: int | None = None
    error: str = ""
    ms: int = 0
