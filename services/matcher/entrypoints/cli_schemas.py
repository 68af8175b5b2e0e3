"""Writes the JSON Schemas of the files under docs/schemas, and tells which are stale."""

import json
from pathlib import Path

from services.matcher.domain.documents_schemas import schemas

SCHEMAS = Path(__file__).resolve().parents[3] / "docs" / "schemas"


def documents() -> dict[Path, str]:
    """Every generated file with its text."""
    return {
        SCHEMAS / f"{name}.schema.json": json.dumps(schema, ensure_ascii=False, indent=1) + "\n"
        for name, schema in schemas().items()
    }


def stale() -> list[str]:
    """The generated files that differ from what the data classes say; nothing where the documentation is not installed."""
    if not SCHEMAS.parent.is_dir():
        return []
    return [
        f"docs/schemas/{path.name}"
        for path, text in documents().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]


def write() -> None:
    """Bring every generated file up to date."""
    SCHEMAS.mkdir(parents=True, exist_ok=True)
    for path, text in documents().items():
        path.write_text(text, encoding="utf-8")
