"""The bodies of requests and answers about webhooks."""

import json
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, HttpUrl, ValidationError, create_model

from shared.contracts.vocabulary import Contract, EntityId
from shared.errors import DomainError
from shared.webhooks.messages import Delivery, DeliveryStatus, Try, Webhook

WebhookUrl = Annotated[str, Field(max_length=2000, pattern=r"^https?://[^\s<>]+$")]
Next = Annotated[EntityId | None, Field(description="Stuur dit als `cursor` mee voor de volgende bladzijde.")]


class WebhookBody(Contract):
    """An address to tell; `types` are the only messages it wants (none: all)."""

    url: Annotated[WebhookUrl, Field(description="Waar het heen moet, met https.")]
    types: Annotated[tuple[str, ...], Field(description="Alleen deze berichten; leeg is alle.")] = ()
    active: bool = True

    def allowed_url(self, *, may_be_private: bool) -> str:
        """The address; raises DomainError for one that nothing is sent to."""
        wrong = DomainError("ongeldig-adres", "Geef een heel adres, zonder wachtwoord en zonder #.", pointer="/url")
        try:
            found = HttpUrl(self.url)  # as it goes over the line: a name in other letters is written in ours
        except ValidationError:
            raise wrong from None
        if found.username is not None or found.password is not None or found.fragment is not None:
            raise wrong
        if found.scheme != "https" and not may_be_private:
            raise DomainError("ongeldig-adres", "Het adres begint met https://.", pointer="/url")
        return str(found)


def body_of(told: Collection[str]) -> Callable[..., WebhookBody]:
    """A dependency that reads the body where these types are told: another is refused."""

    def known(type_name: str) -> str:
        if type_name not in told:
            raise ValueError("dit bericht kennen we niet")
        return type_name

    one = Annotated[str, AfterValidator(known), Field(json_schema_extra={"enum": list(told)})]
    types = Annotated[tuple[one, ...], WebhookBody.model_fields["types"]]
    model = create_model("WebhookBody", __base__=WebhookBody, __doc__=WebhookBody.__doc__, types=(types, ()))

    def asked(body: model) -> WebhookBody:
        return body

    return asked


class WebhookAnswer(Contract):
    """Een adres waar berichten heen gaan."""

    id: EntityId
    url: str
    types: list[str]
    active: bool
    created_at: datetime


class WebhookPage(Contract):
    """Een bladzijde met adressen."""

    items: list[WebhookAnswer]
    next: Next


class SecretAnswer(Contract):
    """Waarmee berichten ondertekend zijn: na een wisseling tot `previous_until` ook met het vorige geheim."""

    secret: str
    previous: str | None
    previous_until: datetime | None


class TryAnswer(Contract):
    """Een poging: wat er geantwoord werd, of wat er misging."""

    number: Annotated[int, Field(ge=1)]
    at: datetime
    status: int | None
    error: Literal["address", "connect", "timeout", "answer"] | None
    ms: Annotated[int, Field(ge=0)]


class DeliveryAnswer(Contract):
    """Een bericht aan een adres; `body` en `log` staan er alleen bij als u dat ene bericht leest."""

    id: EntityId
    type: str
    status: DeliveryStatus
    tries: Annotated[int, Field(ge=0)]
    next_at: datetime | None
    created_at: datetime
    ended_at: datetime | None
    body: dict[str, Any] | None = None
    log: list[TryAnswer] | None = None


class DeliveryPage(Contract):
    """Een bladzijde met berichten."""

    items: list[DeliveryAnswer]
    next: Next


def webhook_body(webhook: Webhook) -> dict[str, object]:
    """A webhook as it is answered: without its secret."""
    return {
        "id": webhook.id,
        "url": webhook.url,
        "types": list(webhook.types),
        "active": webhook.is_active,
        "created_at": webhook.created_at.isoformat(),
    }


def delivery_body(delivery: Delivery, tries: Iterable[Try] | None = None) -> dict[str, object]:
    """A message to a webhook as it is answered, with every try where those were asked for."""
    body: dict[str, object] = {
        "id": delivery.id,
        "type": delivery.type,
        "status": delivery.status,
        "tries": delivery.tries,
        "next_at": None if delivery.next_at is None else delivery.next_at.isoformat(),
        "created_at": delivery.created_at.isoformat(),
        "ended_at": None if delivery.ended_at is None else delivery.ended_at.isoformat(),
    }
    if tries is None:
        return body
    log = [
        {"number": one.number, "at": one.at.isoformat(), "status": one.status, "error": one.error or None, "ms": one.ms}
        for one in tries
    ]
    return {**body, "body": json.loads(delivery.body), "log": log}
