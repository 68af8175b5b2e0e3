"""What is sent by the forms of the pages."""

from datetime import date
from urllib.parse import parse_qsl

from fastapi import HTTPException, Request

from services.notifier.handlers.answering import Answer, Deed

MAX_FIELDS = 10
UNREADABLE = "Dit formulier is niet te lezen. Er is niets opgeslagen."


async def read_answer(request: Request) -> Answer:
    """What somebody does with an alert, from a form; raises HTTPException for what no form of ours sends."""
    body = await request.body()
    try:
        fields = dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS))
        until = date.fromisoformat(fields["tot"]) if fields.get("tot") else None
        return Answer(Deed(fields.get("actie", "")), fields.get("melding") or None, until, fields.get("aan") or None)
    except ValueError as problem:
        raise HTTPException(400, UNREADABLE) from problem
