"""Writes MIME: headers in ASCII, text as quoted-printable, files as base64, and parts side by side (RFC 2045 to 2047).

The standard library's `EmailMessage` parses every header that it is given, which costs ten times what sending does: see `bench mails`.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.header import Header

NEWLINE = "\r\n"
SHORT = 76
Headers = Sequence[tuple[str, str]]
"""Names and values, in order; a value that is long has its line breaks already."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part: what its headers say, and its body as it travels, or the parts that it consists of."""

    content_type: str
    headers: Headers = ()
    body: bytes = b""
    parts: Sequence["Part"] = field(default=())


def readable(subtype: str, text: str) -> Part:
    """Text in UTF-8, in lines that no mail server breaks."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n")
    body = binascii.b2a_qp(f"{NEWLINE.join(lines)}{NEWLINE}".encode(), istext=True)
    return Part(f'text/{subtype}; charset="utf-8"', [("Content-Transfer-Encoding", "quoted-printable")], body)


def attached(content_type: str, content: bytes, headers: Headers) -> Part:
    """A file."""
    body = base64.encodebytes(content).replace(b"\n", NEWLINE.encode())
    return Part(content_type, [("Content-Transfer-Encoding", "base64"), *headers], body)


def many(subtype: str, parts: Sequence[Part]) -> Part:
    """Parts in order."""
    return Part(f"multipart/{subtype}", parts=parts)


def folded(header: str, text: str) -> str:
    """The value of a header, in lines that are short enough; encoded (RFC 2047) where it is no plain ASCII."""
    if text.isascii() and text.isprintable() and len(header) + len(text) < SHORT:
        return text
    charset = "us-ascii" if text.isascii() else "utf-8"
    return Header(text, charset, header_name=header).encode(linesep=NEWLINE)


def written(headers: Headers, body: Part, identifier: str) -> bytes:
    """The whole message; its boundaries hold the identifier, so that they are the same at every try."""
    return _lines([*headers, ("MIME-Version", "1.0")]) + _part(body, identifier, "0")


def _part(part: Part, identifier: str, place: str) -> bytes:
    if not part.parts:
        return _lines([("Content-Type", part.content_type), *part.headers]) + b"\r\n" + part.body
    boundary = f"=_{place}_{identifier}"
    head = _lines([("Content-Type", f'{part.content_type};{NEWLINE} boundary="{boundary}"'), *part.headers])
    opens, closes = f"{NEWLINE}--{boundary}{NEWLINE}".encode(), f"{NEWLINE}--{boundary}--{NEWLINE}".encode()
    inner = (opens + _part(each, identifier, f"{place}{number}") for number, each in enumerate(part.parts))
    return head + b"".join(inner) + closes


def _lines(headers: Headers) -> bytes:
    return "".join(f"{name}: {value}{NEWLINE}" for name, value in headers).encode("ascii")
