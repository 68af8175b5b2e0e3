"""A mail server that keeps each mail as an .eml file and sends nothing on: `python -m deploy.launcher.smtp_sink`.

For tests it can be made to refuse or to be slow: it reads `behaviour.json` beside the mails before every answer.
"""

import asyncio
import itertools
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

BEHAVIOUR = "behaviour.json"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How the sink answers: a refusal such as "451 4.3.0 later", and how long it takes its time."""

    refuse: str | None = None
    delay_s: float = 0.0


def set_behaviour(directory: Path, behaviour: Behaviour) -> None:
    """From now on the sink that keeps its mails here answers like this."""
    _write_whole(directory / BEHAVIOUR, json.dumps(asdict(behaviour)).encode())


class KeepEachMail:
    """Writes a mail whole before it is acknowledged; the envelope goes in front of it, as mail servers do."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._numbers = itertools.count(1 + sum(1 for _ in directory.glob("*.eml")))

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Keeps the mail, or refuses it when told to."""
        behaviour = _behaviour(self._directory)
        if behaviour.delay_s:
            await asyncio.sleep(behaviour.delay_s)
        if behaviour.refuse is not None:
            return behaviour.refuse
        head = [f"Return-Path: <{envelope.mail_from}>", *(f"Delivered-To: {to}" for to in envelope.rcpt_tos)]
        content = "\r\n".join([*head, ""]).encode() + envelope.content
        _write_whole(self._directory / f"{next(self._numbers):05d}.eml", content)
        return "250 2.0.0 Kept"


def _behaviour(directory: Path) -> Behaviour:
    path = directory / BEHAVIOUR
    return Behaviour(**json.loads(path.read_bytes())) if path.exists() else Behaviour()


def _write_whole(path: Path, content: bytes) -> None:
    partial = path.with_suffix(".partial")
    partial.write_bytes(content)
    partial.replace(path)
