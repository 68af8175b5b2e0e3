"""Every service's OpenAPI document passes the official rules of the Dutch API Design Rules, where those can be had."""

import json
import subprocess
from pathlib import Path

import pytest

from shared.testing.npm import NotFetchedError
from tests.support.official_rules import rules, spectral
from tests.unit.shared.test_design_rules import document_of
from tests.unit.shared.test_web import SERVICES

Linter = list[str]


@pytest.fixture(scope="module")
def linter() -> Linter:
    """The command that checks a document."""
    try:
        return [spectral(), "lint", "--ruleset", rules(), "--fail-severity", "warn"]
    except NotFetchedError as missing:
        pytest.skip(f"{missing}; the checks of test_design_rules.py hold all the same")


def checked(linter: Linter, document: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*linter, str(document)], capture_output=True, text=True, check=False, timeout=300)


@pytest.mark.parametrize("name", SERVICES)
def test_the_document_of_a_service_passes_the_official_rules(linter: Linter, name: str, tmp_path: Path) -> None:
    document = tmp_path / f"{name}.json"
    document.write_text(json.dumps(document_of(name)))
    found = checked(linter, document)
    assert found.returncode == 0, found.stdout[-4000:]


def test_the_official_rules_notice_a_path_that_ends_in_a_slash(linter: Linter, tmp_path: Path) -> None:
    broken = document_of(next(iter(SERVICES)))
    path, operations = next(iter(broken["paths"].items()))
    broken["paths"] = {**broken["paths"], f"{path}/": operations}
    document = tmp_path / "broken.json"
    document.write_text(json.dumps(broken))
    found = checked(linter, document)
    assert (found.returncode, "trailing-slash" in found.stdout) == (1, True), found.stdout[-4000:]
