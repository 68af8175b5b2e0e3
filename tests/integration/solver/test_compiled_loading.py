"""Compiled code is kept where it can be, taken from an image that cannot be written, and done without elsewhere."""

from functools import cache
from pathlib import Path

import pytest

from services.matcher.adapters.solver.compiled import loading
from services.matcher.adapters.solver.compiled.loading import PROBE, cache_folder, is_ready

NOWHERE = Path("/proc/nobody/writes/here")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """A folder with compiled code in which nobody can write, not even root."""
    folder = tmp_path / "image"
    (folder / "kernels_1").mkdir(parents=True)
    (folder / "kernels_1" / "anneal.nbc").write_bytes(b"code")
    (folder / PROBE).symlink_to(NOWHERE)
    return folder


def test_without_a_wish_it_is_kept_in_the_home_under_the_name_of_the_code(home: Path) -> None:
    folder = cache_folder()
    assert folder is not None
    assert folder.parent == home / "leerplek"
    assert folder == cache_folder()


def test_the_folder_that_is_asked_for_is_made_and_used(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "wanted"))
    assert cache_folder() == tmp_path / "wanted"
    assert not home.exists()


def test_what_lies_in_an_image_is_copied_to_where_it_can_be_read(
    home: Path, image: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(image))
    folder = cache_folder()
    assert folder is not None
    assert folder.parent == home / "leerplek"
    assert (folder / "kernels_1" / "anneal.nbc").read_bytes() == b"code"
    (folder / "kernels_1" / "anneal.nbc").write_bytes(b"newer")
    assert cache_folder() == folder
    assert (folder / "kernels_1" / "anneal.nbc").read_bytes() == b"newer", "copied once only"
    assert [one.name for one in folder.parent.iterdir()] == [folder.name], "nothing is left lying about"


def test_where_nothing_can_be_written_it_does_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(NOWHERE))
    monkeypatch.setenv("XDG_CACHE_HOME", str(NOWHERE))
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(NOWHERE))
    assert cache_folder() is None


def test_it_is_ready_once_all_was_compiled_here_and_not_in_another_home(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "compiled", cache(loading.compiled.__wrapped__))
    monkeypatch.setattr(loading, "import_module", lambda _: loading)

    assert not is_ready()
    loading.compiled()
    assert is_ready()

    loading.compiled.cache_clear()
    assert is_ready()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "elsewhere"))
    assert not is_ready()
    assert home.exists()


def test_where_nothing_is_kept_it_is_never_ready_before_it_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "compiled", cache(loading.compiled.__wrapped__))
    monkeypatch.setattr(loading, "cache_folder", lambda: None)
    monkeypatch.setattr(loading, "import_module", lambda _: loading)

    assert not is_ready()
    loading.compiled()
    assert is_ready()
