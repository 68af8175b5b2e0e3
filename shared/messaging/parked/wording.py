"""What the commands about parked messages show and do."""

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable, Collection
from typing import TypeVar

from shared.errors import DomainError, TransientError
from shared.messaging.parked.topic import ParkedRecord, list_parked, replay

T = TypeVar("T")
_ADDRESSES = re.compile(r"[^\s:,]+:\d{1,5}(,[^\s:,]+:\d{1,5})*")


class ParkedError(Exception):
    """It cannot be done; the text is Dutch and says why."""


def list_lines(topic: str, kafka: str) -> list[str]:
    """One line per parked message, or one that says that there is none."""
    parked = _answer(kafka, lambda: list_parked(kafka, topic))
    return [_line(each) for each in parked] or [f"Van {topic} staat niets opzij."]


def replayed(topic: str, kafka: str, positions: Collection[str] | None) -> str:
    """Sends parked messages again and says how many; without positions all that were not offered before."""
    count = _answer(kafka, lambda: replay(kafka, topic, positions))
    return f"{count} {'bericht' if count == 1 else 'berichten'} opnieuw aangeboden aan {topic}."


def list_json(topic: str, kafka: str) -> str:
    """The parked messages as a document."""
    parked = _answer(kafka, lambda: list_parked(kafka, topic))
    return json.dumps({"topic": topic, "parked": [_plain(each) for each in parked]}, ensure_ascii=False, indent=2)


def replayed_json(topic: str, kafka: str, positions: Collection[str] | None) -> str:
    """Sends parked messages again and gives how many as a document."""
    count = _answer(kafka, lambda: replay(kafka, topic, positions))
    return json.dumps({"topic": topic, "replayed": count}, ensure_ascii=False)


def _plain(each: ParkedRecord) -> dict[str, object]:
    return {
        "position": each.position,
        "parked_at": each.parked_at.isoformat(),
        "origin": each.origin,
        "parked_by": each.parked_by,
        "reason": each.reason,
        "content_kept": not each.is_fingerprint,
        "replayed_at": None if each.replayed_at is None else each.replayed_at.isoformat(),
    }


def _line(each: ParkedRecord) -> str:
    kept = "  (inhoud niet bewaard)" if each.is_fingerprint else ""
    again = "" if each.replayed_at is None else f"  (opnieuw aangeboden op {each.replayed_at:%Y-%m-%d %H:%M})"
    where = f"{each.position:<9} {each.parked_at:%Y-%m-%d %H:%M}  uit {each.origin}"
    return f"{where}  door {each.parked_by}: {each.reason}{kept}{again}"


def _answer(kafka: str, ask: Callable[[], Awaitable[T]]) -> T:
    if not _ADDRESSES.fullmatch(kafka):
        raise ParkedError(f"{kafka} is geen adres van Kafka; verwacht wordt HOST:POORT, bijvoorbeeld 127.0.0.1:9092.")
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what goes wrong is said once, below

    async def asked() -> T:
        return await ask()

    try:
        return asyncio.run(asked())
    except DomainError as problem:
        raise ParkedError(problem.detail) from problem
    except TransientError as problem:
        raise ParkedError(f"Kafka antwoordt niet op {kafka}: {problem}") from problem
