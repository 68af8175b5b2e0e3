"""Packages of npm that tests run: fetched once into the user's cache, at a fixed version, without running their scripts."""

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from shared.testing.apache_kafka import cache_directory

FETCH_LIMIT_S: Final = 180


class NotFetchedError(RuntimeError):
    """It cannot be had on this machine; the message says in one line what is missing."""


def npm_package(name: str, version: str) -> Path:
    """The folder in which a package is installed; raises NotFetchedError."""
    installed = cache_directory() / f"{name.rpartition('/')[2]}-{version}"
    if installed.is_dir():
        return installed
    npm = shutil.which("npm")
    if npm is None:
        raise NotFetchedError(f"no npm found, and nothing in {installed}")
    installed.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fetch-", dir=installed.parent) as fetching:
        (Path(fetching) / "package.json").write_text('{"private": true}')
        command = [npm, "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", f"{name}@{version}"]
        try:
            done = subprocess.run(  # noqa: S603
                command, cwd=fetching, capture_output=True, text=True, timeout=FETCH_LIMIT_S, check=False
            )
        except subprocess.TimeoutExpired as late:
            raise NotFetchedError(f"npm took longer than {FETCH_LIMIT_S} s") from late
        if done.returncode != 0:
            raise NotFetchedError(f"npm could not fetch {name}: {done.stderr.strip()[:300]}")
        try:
            Path(fetching).rename(installed)  # whole or not at all
        except OSError:
            if not installed.is_dir():  # otherwise another test run was first
                raise
        else:
            Path(fetching).mkdir()  # for the clean-up
    return installed
