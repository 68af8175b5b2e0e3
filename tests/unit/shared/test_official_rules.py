"""Every service's OpenAPI document passes the official rules of the Dutch API Design Rules, where those can be run."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.unit.shared.test_design_rules import document_of
from tests.unit.shared.test_web import SERVICES

RULES = os.environ.get("LEERPLEK_ADR_RULES", "")
SPECTRAL = os.environ.get("LEERPLEK_SPECTRAL", "") or shutil.which("spectral") or ""
HOW = (
    "LEERPLEK_ADR_RULES names no file with the official rules, or there is no spectral (npm install @stoplight/spectral-cli; "
    "LEERPLEK_SPECTRAL names it): docs/api-regels.md"
)


@pytest.mark.skipif(not (RULES and SPECTRAL), reason=HOW)
@pytest.mark.parametrize("name", SERVICES)
def test_the_document_of_a_service_passes_the_official_rules(name: str, tmp_path: Path) -> None:
    document = tmp_path / f"{name}.json"
    document.write_text(json.dumps(document_of(name)))
    command = [SPECTRAL, "lint", "--ruleset", RULES, "--fail-severity", "warn", str(document)]
    found = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert found.returncode == 0, found.stdout[-4000:]
