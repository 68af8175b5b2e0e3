"""What is left of a mail once a student in it is erased: their lines go, and nothing in it names them any more."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from shared.short_code import short_code

GONE = "gewist"
_ROW = re.compile(r"<tr\b[^>]*>(?:(?!<tr\b).)*?</tr>", re.DOTALL)
"""An innermost row: one alert in full, or several in short."""
_HEADING = re.compile(r'<p class="what"[^>]*>.*?</p>', re.DOTALL)
_LINE = re.compile(r"<(p|li)\b[^>]*>(?:(?!<\1\b).)*?</\1>\n?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Written:
    """What a mail says; `names_others`: it is not about this one student alone."""

    id: str
    text: str
    html: str
    invitation: str
    names_others: bool


def without_student(written: Written, student: str) -> Written:
    """The mail without the lines about a student; a calendar file that names them goes as a whole."""
    names = {student, short_code(student)}

    def is_named(text: str) -> bool:
        return any(name in text for name in names)

    text = "".join(line for line in written.text.splitlines(keepends=True) if not is_named(line))
    html = _cut(_ROW, written.html, lambda row: any(is_named(each) for each in _HEADING.findall(row)))
    html = _cut(_LINE, html, is_named)
    for name in names:  # wherever else it may stand
        html = html.replace(name, GONE)
    return replace(written, text=text, html=html, invitation="" if is_named(_unfolded(written)) else written.invitation)


def _cut(pattern: re.Pattern[str], html: str, is_wanted: Callable[[str], bool]) -> str:
    return pattern.sub(lambda found: "" if is_wanted(found[0]) else found[0], html)


def _unfolded(written: Written) -> str:
    """Lines of a calendar file are folded anywhere."""
    return written.invitation.replace("\r\n ", "")
