"""What the pages behind the links of a mail share: whose link it is, and an answer that nothing keeps."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Path
from fastapi.responses import Response

from services.notifier.bootstrap import Parts
from services.notifier.domain.links import LinkPurpose
from services.notifier.entrypoints.pages.link_words import DUTCH, LinkWords
from services.notifier.ports import Store

Token = Annotated[str, Path(max_length=400)]
PRIVATE = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}
"""The address is a key: it goes nowhere, and nothing keeps the page."""


@asynccontextmanager
async def acting(parts: Parts, mail: str) -> AsyncIterator[Store]:
    """A transaction whose audit names the mail by whose link it was done."""
    async with parts.runtime.database.transaction() as tx:
        yield parts.store(tx, f"mail/{mail}")


def mail_of(parts: Parts, purpose: LinkPurpose, token: str) -> str:
    """The mail that a link belongs to; raises TokenRefused."""
    return parts.links.signer.read(purpose, token, parts.clock())


def private(answer: Response, words: LinkWords = DUTCH) -> Response:
    """An answer in the language of these words that nothing keeps."""
    answer.headers.update({**PRIVATE, "Content-Language": words.phrases.language})
    return answer
