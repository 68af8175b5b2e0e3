"""A real Chromium for tests of pages; where there is none they are skipped, with the reason."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.support.eventually import PATIENCE

PHONE, DESK = 360, 1280
NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str | None:
    """Where Chromium is: `LEERPLEK_CHROMIUM`, or the first that is on the path."""
    return os.environ.get("LEERPLEK_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def opened() -> Iterator[Browser]:
    """A headless Chromium."""
    path = chromium()
    if path is None:
        pytest.skip("no Chromium on this machine: install chromium or set LEERPLEK_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


def context(browser: Browser, width: int, *, scheme: str = "light", scripts: bool = True) -> BrowserContext:
    """A person with a screen of this width, in light or dark, with or without scripts."""
    found = browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if scheme == "dark" else "light",
        java_script_enabled=scripts,
        locale="nl-NL",
    )
    found.set_default_timeout(10_000 * PATIENCE)
    return found


def text_of(page: Page) -> str:
    """What stands in the main part of a page, on one line."""
    return " ".join(page.inner_text("main").split())
