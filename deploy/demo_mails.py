"""The mails of a played week for whoever watches: who was told what and when, a page to click through, and three pictures."""

import base64
import html
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

from shared.dutch import AMSTERDAM

SHOWN = 12
PICTURES = 3
PICTURE_WITHIN_S = 30
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
LIST = re.compile(r"<([a-z-]+)\.")
"""The List-Id begins with the kind of a mail."""
FIRST = ("lost", "unplaced", "mismatch", "digest", "weekly")
"""What is drawn, when there is one of it."""
PAGE = """<!doctype html>
<html lang="nl"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>Berichten van deze week</title>
<style>
:root {{ color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }}
body {{ display: grid; grid-template-columns: minmax(16rem, 24rem) 1fr; gap: 1rem; height: 100vh; margin: 0; }}
nav {{ overflow: auto; padding: 1rem; }} li {{ margin-bottom: .75rem; }} small {{ display: block; opacity: .8; }}
iframe {{ width: 100%; height: 100%; border: 0; }}
@media (max-width: 45rem) {{ body {{ grid-template-columns: 1fr; height: auto; }} main {{ height: 80vh; }} }}
</style></head>
<body><nav aria-label="Berichten"><h1>Berichten van deze week</h1><p>{count} berichten, in volgorde van versturen.</p><ol>
{items}
</ol></nav><main><iframe name="bericht" title="Het gekozen bericht" src="{first}"></iframe></main></body></html>
"""


def who_was_told(mails: Sequence[EmailMessage]) -> list[str]:
    """When, whom and what: a line for each of the first mails."""
    lines = [f"    {_when(mail)}  {mail['To']}: {mail['Subject']}" for mail in mails[:SHOWN]]
    more = len(mails) - SHOWN
    return ["  Wie hoorde wat, en wanneer", *lines, *([f"    en nog {more}"] if more > 0 else [])] if mails else []


def write_pages(mails: Sequence[EmailMessage], directory: Path) -> Path | None:
    """A page with all mails, each beside the list as its reader sees it; None when there is none."""
    if not mails:
        return None
    directory.mkdir(parents=True, exist_ok=True)
    items = []
    for number, mail in enumerate(mails, 1):
        name = f"{number:04}.html"
        (directory / name).write_text(as_page(mail), encoding="utf-8")
        what, to = html.escape(str(mail["Subject"])), html.escape(str(mail["To"]))
        items.append(f'<li><a href="{name}" target="bericht">{what}</a><small>{_when(mail)}, {to}</small></li>')
    page = directory / "index.html"
    page.write_text(PAGE.format(count=len(mails), items="\n".join(items), first="0001.html"), encoding="utf-8")
    return page


def draw(mails: Sequence[EmailMessage], directory: Path) -> list[Path]:
    """Pictures of three mails of different kinds; none where there is no browser to draw them."""
    browser = _browser()
    if browser is None:
        return []
    drawn = []
    for number in _different(mails):
        picture = directory / f"{number + 1:04}.png"
        if _screenshot(browser, directory / f"{number + 1:04}.html", picture):
            drawn.append(picture)
    return drawn


def as_page(mail: EmailMessage) -> str:
    """The HTML of a mail with its pictures in it; its text where it has no HTML."""
    body = mail.get_body(("html", "plain"))
    content = str(body.get_content()) if body is not None else ""
    if body is None or body.get_content_subtype() != "html":
        return f"<!doctype html><meta charset='utf-8'><pre>{html.escape(content)}</pre>"
    for part in mail.walk():
        name = str(part["Content-ID"] or "").strip("<>")
        if name and part.get_content_maintype() == "image":
            picture = part.get_payload(decode=True)
            assert isinstance(picture, bytes)
            address = f"data:{part.get_content_type()};base64,{base64.b64encode(picture).decode()}"
            content = content.replace(f"cid:{name}", address)
    return content


def _when(mail: EmailMessage) -> str:
    return f"{parsedate_to_datetime(str(mail['Date'])).astimezone(AMSTERDAM):%H:%M:%S}"


def _different(mails: Sequence[EmailMessage]) -> list[int]:
    """The places of the first mail of each kind, those that say most first."""
    kinds: dict[str, int] = {}
    for number, mail in enumerate(mails):
        found = LIST.search(str(mail["List-Id"] or ""))
        kinds.setdefault(found[1] if found else "", number)
    ordered = sorted(kinds, key=lambda kind: FIRST.index(kind) if kind in FIRST else len(FIRST))
    return [kinds[kind] for kind in ordered[:PICTURES]]


def _browser() -> str | None:
    return os.environ.get("LEERPLEK_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)


def _screenshot(browser: str, page: Path, picture: Path) -> bool:
    """Whether the picture was made; a browser that does not answer is no reason to stop the demo."""
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    command = [browser, "--headless", *sandbox, "--disable-gpu", "--hide-scrollbars", "--window-size=680,1200"]
    try:
        subprocess.run(  # noqa: S603 - a browser on the path, and a page that we wrote
            [*command, f"--screenshot={picture}", page.as_uri()],
            capture_output=True,
            timeout=PICTURE_WITHIN_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return picture.exists()
