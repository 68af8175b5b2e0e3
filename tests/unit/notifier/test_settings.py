"""Settings that would send mails twice, or a password in the clear, are refused at the start."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from services.notifier.config import Settings

FIELDS: dict[str, object] = {
    "database_url": "sqlite+aiosqlite:///x.db",
    "kafka_bootstrap": "127.0.0.1:9092",
    "public_url": "https://leerplek.example",
    "smtp_host": "mail.example",
    "mail_from": "Leerplek <meldingen@leerplek.example>",
}


def _settings(**changes: object) -> Settings:
    return Settings(**{**FIELDS, **changes})  # type: ignore[arg-type]


def test_the_sender_has_a_name_and_an_address() -> None:
    sender = _settings().sender()
    assert (sender.display_name, sender.addr_spec) == ("Leerplek", "meldingen@leerplek.example")


def test_the_password_comes_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("geheim\n")
    assert _settings(smtp_password_file=file).smtp_password() == "geheim"
    assert _settings(smtp_password_file=Path("/dev/null")).smtp_password() == ""
    assert _settings().smtp_password() == ""


@pytest.mark.parametrize(
    "changes",
    [
        {"mail_from": "geen adres"},
        {"mail_from": "a@b.example\nBcc: c@d.example"},
        {"smtp_username": "leerplek", "smtp_security": "none"},
        {"lease_s": 30, "smtp_timeout_s": 20},
        {"public_url": "ftp://leerplek.example"},
        {"smtp_host": ""},
        {"smtp_security": "maybe"},
    ],
)
def test_settings_that_cannot_be_meant_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        _settings(**changes)


def test_the_master_key_lies_beside_the_database_in_development_and_is_named_in_production() -> None:
    assert _settings(database_url="sqlite+aiosqlite:////tmp/nowhere/notifier.db").key_file == Path(
        "/tmp/nowhere/notifier-master.key"
    )
    named = _settings(mode="production", master_key_file=Path("/run/secrets/key"), jwks_file="x")
    assert named.key_file == Path("/run/secrets/key")
    for changes in ({"mode": "production"}, {"database_url": "postgresql+asyncpg://a@b/c"}):
        with pytest.raises(ValidationError, match="MASTER_KEY_FILE"):
            _settings(jwks_file="x", **changes)
