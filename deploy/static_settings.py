"""Checks that what compose file, images and documents call a setting is one that its service reads."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from services.capacity.config import Settings as CapacitySettings
from services.intake.config import Settings as IntakeSettings
from services.matcher.config import AnswersSettings
from services.matcher.config import Settings as MatcherSettings
from services.notifier.config import Settings as NotifierSettings
from shared.settings import WebSettings

SETTINGS: Mapping[str, type[WebSettings]] = {
    "intake": IntakeSettings,
    "capacity": CapacitySettings,
    "matcher": MatcherSettings,
    "answers": AnswersSettings,
    "notifier": NotifierSettings,
}
NAMING = ("docker-compose.yml", ".env.example", "*.md", "docs/**/*.md", "deploy/images/*", ".ci/*", ".github/**/*.yml")
SOURCES = Path(__file__).resolve().parents[1]
MANUAL = "docs/beheer.md"
PLACEHOLDERS = {"NOTIFIER_MAIL_FROM": "leerplek@example.org", "NOTIFIER_PUBLIC_URL": "https://example.org"}
"""Values of the form that is asked where .env.example leaves a variable open; any other becomes `x`."""

_NAME = re.compile(r"\bLEERPLEK_[A-Z0-9_]*")
_READ = re.compile(r"(?:environ(?:\.get)?[\[(]|getenv\(|=\s?)[\"'](LEERPLEK_[A-Z0-9_]*[A-Z0-9])[\"']")
_VARIABLE = re.compile(r"\$\{(\w+)(?::-([^}]*)|[^}]*)\}")
_SETTINGS_SECTION = re.compile(r"^## Instellingen$(.*?)^## ", re.MULTILINE | re.DOTALL)
_IN_MANUAL = re.compile(r"`([A-Z][A-Z0-9]+(?:_[A-Z0-9]+)*)`")


def setting_problems(root: Path) -> Iterator[str]:
    """Every name is read by somebody, the compose file gives each service what it needs, and the manual names all."""
    yield from name_problems(root)
    yield from compose_setting_problems((root / "docker-compose.yml").read_text(encoding="utf-8"))
    yield from manual_problems((root / MANUAL).read_text(encoding="utf-8"))


def name_problems(root: Path) -> Iterator[str]:
    """Every LEERPLEK_… is a field of its service's settings, or stands in code that reads it."""
    known = {
        f"LEERPLEK_{service}_{name}".upper() for service in SETTINGS for name in _fields(service)
    } | _read_by_code()
    paths = sorted({path for pattern in NAMING for path in root.glob(pattern) if path.is_file()})
    for path in paths:
        named = set(_NAME.findall(path.read_text(encoding="utf-8")))
        for name in sorted(each for each in named - known if not each.endswith("_")):
            yield f"{path.relative_to(root)}: {name} is no setting of any service"


def compose_setting_problems(text: str) -> Iterator[str]:
    """Each service's settings accept the environment that the compose file gives it."""
    try:
        services = YAML(typ="safe").load(text).get("services", {})
    except YAMLError:
        return  # the check of the compose file itself tells
    for service, settings in SETTINGS.items():
        prefix = f"LEERPLEK_{service.upper()}_"
        given = services.get(service, {}).get("environment", {})
        try:
            settings(**_values(given, prefix))
        except ValidationError as refused:
            for error in refused.errors():
                name = prefix + "".join(str(part) for part in error["loc"]).upper()
                what = "is missing" if error["type"] == "missing" else error["msg"]
                yield f"docker-compose.yml: services/{service}: {name.removesuffix('_')}: {what}"


def manual_problems(text: str) -> Iterator[str]:
    """The manual's section on settings names every setting, and nothing that is none."""
    section = _SETTINGS_SECTION.search(text)
    told = set(_IN_MANUAL.findall(section.group(1))) if section else set()
    real = {name.upper() for service in SETTINGS for name in _fields(service)}
    for name in sorted(told - real):
        yield f"{MANUAL}: {name} is no setting of any service"
    for name in sorted(real - told):
        yield f"{MANUAL}: {name} is missing under Instellingen"


def _fields(service: str) -> Iterator[str]:
    yield from SETTINGS[service].model_fields


def _read_by_code() -> set[str]:
    """Names outside the settings of services: literals in the code of tests and tools."""
    files = [path for folder in ("shared", "tests", "deploy", "bench") for path in (SOURCES / folder).rglob("*.py")]
    return {found for path in files for found in _READ.findall(path.read_text(encoding="utf-8"))}


def _values(environment: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """The settings as the service would get them, with what .env leaves open filled in; empty counts as not set."""
    given = {
        name.removeprefix(prefix).lower(): _VARIABLE.sub(_filled_in, str(value))
        for name, value in environment.items()
        if name.startswith(prefix)
    }
    return {name: value for name, value in given.items() if value}


def _filled_in(variable: re.Match[str]) -> str:
    name, default = variable.groups()
    return default if default is not None else PLACEHOLDERS.get(name, "x")
