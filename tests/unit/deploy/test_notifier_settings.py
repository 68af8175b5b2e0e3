"""What who runs Leerplek sets for the notifier in .env reaches it."""

from ruamel.yaml import YAML

from deploy.static_checks import ROOT

COMPOSE = YAML(typ="safe").load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))


def test_the_alarms_and_the_school_holidays_are_passed_on() -> None:
    given = COMPOSE["services"]["notifier"]["environment"]
    for name in ("ALARM_FILE", "ALARM_SMTP_HOST", "ALARM_SMTP_PORT", "ALARM_TO"):
        assert f"${{NOTIFIER_{name}:-" in given[f"LEERPLEK_NOTIFIER_{name}"]
    assert given["LEERPLEK_NOTIFIER_SCHOOL_HOLIDAYS_FILE"] == "/run/secrets/school-holidays"
    assert "school-holidays" in COMPOSE["services"]["notifier"]["secrets"]


def test_without_another_file_the_school_holidays_are_those_that_come_with_the_notifier() -> None:
    named = COMPOSE["secrets"]["school-holidays"]["file"]
    own = named.removeprefix("${NOTIFIER_SCHOOL_HOLIDAYS_FILE:-").removesuffix("}")
    assert (ROOT / own).is_file()
