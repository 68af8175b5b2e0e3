"""`leerplek access`: invites, lists, withdraws and erases on the service's own database, and says what is wrong in one line."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from services.capacity.entrypoints.cli import access


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """The command, with settings of an installation where people sign in."""
    for name, value in {
        "DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/capacity.db",
        "KAFKA_BOOTSTRAP": "127.0.0.1:1",
        "PUBLIC_URL": "https://leerplek.test",
        "SMTP_HOST": "127.0.0.1",
        "MAIL_FROM": "leerplek@leerplek.test",
    }.items():
        monkeypatch.setenv(f"LEERPLEK_CAPACITY_{name}", value)
    return CliRunner()


def run(command: CliRunner, *words: str, code: int = 0) -> Result:
    done = command.invoke(access, list(words))
    assert done.exit_code == code, done.output
    return done


def test_somebody_is_invited_listed_withdrawn_and_gone(command: CliRunner) -> None:
    assert "nog niemand" in run(command, "list").output
    shown = run(
        command, "invite", "kim@regio.example", "programme-manager", "NL-R07", "--name", "Kim Bos", "--show-link"
    )
    assert shown.output.startswith("https://leerplek.test/aanmelden/link?t=")
    run(command, "invite", "kim@regio.example", "operator")
    listed = run(command, "list").output
    assert "Kim Bos <kim@regio.example>  operator, programme-manager/NL-R07" in listed.replace(
        "programme-manager/NL-R07, operator", "operator, programme-manager/NL-R07"
    )
    run(command, "withdraw", "kim@regio.example", "operator")
    assert "operator" not in run(command, "list").output
    run(command, "withdraw", "kim@regio.example", "programme-manager", "NL-R07")
    assert "nog niemand" in run(command, "list").output
    run(command, "invite", "els@school.example", "school-trainer", "01AB")
    run(command, "erase", "els@school.example")
    assert "nog niemand" in run(command, "list").output


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("invite", "x@school.example", "board", "12"), "vijf cijfers"),
        (("withdraw", "x@school.example", "operator"), "heeft geen toegang"),
        (("erase", "x@school.example"), "heeft geen toegang"),
        (("invite", "geen adres", "operator"), "e-mailadres"),
    ],
)
def test_what_is_wrong_is_told_in_a_line(command: CliRunner, words: tuple[str, ...], told: str) -> None:
    done = run(command, *words, code=1)
    assert told in done.output
    assert "Traceback" not in done.output


def test_keys_of_passes_are_made_once(command: CliRunner, tmp_path: Path) -> None:
    path = tmp_path / "pass-keys.json"
    run(command, "keys", str(path))
    made = path.read_bytes()
    run(command, "keys", str(path))
    assert path.read_bytes() == made
    assert '"d"' not in (tmp_path / "pass-keys.public.json").read_text()
