"""The pages for institutes in a real browser: one Chromium for the tests of a module, an institute of its own for each test."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.support import browser as browsers
from tests.support.browser import DESK, PHONE
from tests.support.office_world import Office, make_office, serving

WAYS = [
    pytest.param((width, scripts), id=f"{width}-{'script' if scripts else 'bare'}")
    for width in (PHONE, DESK)
    for scripts in (True, False)
]
Person = Callable[[], Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for one module: while it is open this thread has a running loop, in which no other test could run its own."""
    with browsers.opened() as opened:
        yield opened


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A database with an institute on a busy day, to be copied."""
    folder = tmp_path_factory.mktemp("office")
    return folder, make_office(folder)


@pytest.fixture
def office(browser: Browser, made: tuple[Path, dict[str, str]], tmp_path: Path) -> Iterator[Office]:
    """Intake with that institute; only where there is a browser."""
    folder, students = made
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    with serving(tmp_path, students) as served:
        yield served


@pytest.fixture(params=WAYS)
def person(request: pytest.FixtureRequest, browser: Browser, office: Office) -> Iterator[Person]:
    """Gives people at a screen, on a phone and at a desk, with scripts and without."""
    width, scripts = request.param
    contexts = []

    def new() -> Page:
        contexts.append(browsers.context(browser, width, scripts=scripts))
        return contexts[-1].new_page()

    yield new
    for each in contexts:
        each.close()
