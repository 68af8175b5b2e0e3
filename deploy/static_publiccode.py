"""Checks publiccode.yml against the fields and values of the standard (0.4), and against what is true here."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

SCHEMA = Path(__file__).with_name("publiccode.schema.json")
LANGUAGES = ("nl", "en")
UNPUBLISHED = ("concept", "development")
_RESERVED = re.compile(r"^https?://([^/]*\.)?(invalid|example|test|localhost|example\.(org|com|net))(:\d+)?(/|$)")
"""Names that lead nowhere by agreement (RFC 2606): honest only while nothing is published."""


def publiccode_problems(root: Path) -> Iterator[str]:
    """publiccode.yml fits the standard, speaks Dutch and English, and agrees with pyproject.toml."""
    try:
        document = YAML(typ="safe").load((root / "publiccode.yml").read_text(encoding="utf-8"))
    except YAMLError as error:
        yield f"publiccode.yml: not YAML: {error}"
        return
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    checker = jsonschema.FormatChecker(formats=["date", "email"])
    mistakes = list(jsonschema.Draft202012Validator(schema, format_checker=checker).iter_errors(document))
    for mistake in mistakes:
        yield f"publiccode.yml: {'/'.join(map(str, mistake.absolute_path)) or '(top)'}: {mistake.message}"
    if not mistakes:
        project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        yield from _untruths(document, project)


def _untruths(document: Mapping[str, Any], project: Mapping[str, Any]) -> Iterator[str]:
    for language in LANGUAGES:
        if language not in document["description"]:
            yield f"publiccode.yml: description/{language} is missing"
    if _RESERVED.match(document["url"]) and document["developmentStatus"] not in UNPUBLISHED:
        yield "publiccode.yml: url leads nowhere: write where the source is published"
    for key, here, there in (
        ("softwareVersion", document.get("softwareVersion"), project["version"]),
        ("legal/license", document["legal"]["license"], project["license"]),
    ):
        if here != there:
            yield f"publiccode.yml: {key} is {here}, pyproject.toml says {there}"
