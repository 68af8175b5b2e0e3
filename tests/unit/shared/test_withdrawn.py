"""A token that leaked is good no more once a line of a file says so, without a restart."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest

from shared.errors import Misconfigured, NotSignedIn
from shared.security.issuing import issue, prepare_keys, public_file
from shared.security.keys import FileKeys
from shared.security.tokens import Verifier
from shared.security.withdrawn import Withdrawn

SOON, LONG_AGO = (datetime.now(UTC) + timedelta(days=delta) for delta in (1, -1))


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    path = tmp_path / "keys.json"
    prepare_keys(path)
    return path


async def is_good(verifier: Verifier, token: str) -> bool:
    try:
        await verifier.caller(token)
    except NotSignedIn as refused:
        return refused.code != "token-ingetrokken"
    return True


async def test_a_line_takes_back_what_was_issued_before_to_an_organisation_a_name_or_one_token(
    keys: Path, tmp_path: Path
) -> None:
    file = tmp_path / "withdrawn"
    file.write_text("# nobody yet\n\n")
    verifier = Verifier(FileKeys(public_file(keys)), "leerplek", "leerplek", Withdrawn(file))
    named, other, elsewhere = (
        issue(keys, "institute/01VU", [], 1, "osiris"),
        issue(keys, "institute/01VU", [], 1, "dashboard"),
        issue(keys, "institute/02HU", [], 1),
    )
    number = jwt.decode(other, options={"verify_signature": False})["jti"]
    for line, good in (
        ("", [True, True, True]),
        (f"osiris {SOON.isoformat()}", [False, True, True]),
        (f"{number} {SOON.isoformat()}  # found in a repository", [True, False, True]),
        (f"institute/01VU {SOON.isoformat()}", [False, False, True]),
        (f"institute/01VU {LONG_AGO.isoformat()}", [True, True, True]),
    ):
        file.write_text(f"# {len(line)}\n{line}\n")
        assert [await is_good(verifier, each) for each in (named, other, elsewhere)] == good, line


async def test_a_spoilt_file_gives_nothing_back(keys: Path, tmp_path: Path) -> None:
    file = tmp_path / "withdrawn"
    file.write_text(f"institute/01VU {SOON.isoformat()}\n")
    verifier = Verifier(FileKeys(public_file(keys)), "leerplek", "leerplek", Withdrawn(file))
    token = issue(keys, "institute/01VU", [], 1)
    assert not await is_good(verifier, token)
    file.write_text("institute/01VU gisteren\n")
    assert not await is_good(verifier, token)
    file.unlink()
    assert not await is_good(verifier, token)


@pytest.mark.parametrize(
    "line", ["institute/01VU", "institute/01VU gisteren", "institute/01VU 2026-11-30T08:00", "a b c"]
)
def test_a_line_that_says_something_else_is_refused_at_the_start(tmp_path: Path, line: str) -> None:
    file = tmp_path / "withdrawn"
    file.write_text(f"\n{line}\n")
    with pytest.raises(Misconfigured, match="regel 2"):
        Withdrawn(file)
    with pytest.raises(Misconfigured):
        Withdrawn(tmp_path / "none")


def test_a_token_that_does_not_say_when_it_was_issued_counts_as_old(tmp_path: Path) -> None:
    file = tmp_path / "withdrawn"
    file.write_text(f"operator {LONG_AGO.isoformat()}\n")
    assert Withdrawn(file).holds({"org": "operator"})
    assert not Withdrawn(file).holds({"org": "operator", "iat": LONG_AGO.timestamp() + 1})
