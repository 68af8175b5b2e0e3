"""The official rules of the Dutch API Design Rules and Spectral, which checks them: fetched once, or named by who has them."""

import hashlib
import os
import urllib.error
import urllib.request
from pathlib import Path

from shared.testing.apache_kafka import cache_directory
from shared.testing.npm import NotFetchedError, npm_package

SPECTRAL = "6.16.3"
COMMIT = "6edd13c7661879b1b7231e6e1929cfa6506c85bc"
CHECKSUM = "80478f0282239de4d2216412240de56f52b864f310aa362ce0aea2c512ff0ba2"
RULES = f"https://raw.githubusercontent.com/Logius-standaarden/API-Design-Rules/{COMMIT}/media/linter.yaml"
"""On npm there are no rules."""
WAIT_S = 10


def spectral() -> str:
    """The program; raises NotFetchedError."""
    named = os.environ.get("LEERPLEK_SPECTRAL", "")
    return named or str(npm_package("@stoplight/spectral-cli", SPECTRAL) / "node_modules" / ".bin" / "spectral")


def rules() -> str:
    """The file with the rules: the one that LEERPLEK_ADR_RULES names, or else those of the fixed commit; raises NotFetchedError."""
    if named := os.environ.get("LEERPLEK_ADR_RULES", ""):
        return named
    kept: Path = cache_directory() / f"api-design-rules-{COMMIT[:12]}.yaml"
    if not kept.is_file():
        try:
            with urllib.request.urlopen(RULES, timeout=WAIT_S) as answer:
                found = answer.read()
        except (urllib.error.URLError, OSError) as away:
            raise NotFetchedError(f"{RULES} is out of reach, and LEERPLEK_ADR_RULES names no file ({away})") from away
        if hashlib.sha256(found).hexdigest() != CHECKSUM:
            raise NotFetchedError(f"{RULES} is not what it was")
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(found)
    return str(kept)
