"""Names are sealed per person: a wrong key, a swapped row or a changed bit never gives a name."""

import base64
import hashlib
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Misconfigured
from shared.security.sealing import SealBroken, Sealer, WrappedKey, load_master_key

MASTER = bytes(range(32))


@given(person=st.text(min_size=1, max_size=64), text=st.text(max_size=200))
def test_what_was_sealed_comes_back_for_the_same_person_and_field(person: str, text: str) -> None:
    sealer = Sealer(MASTER)
    key = sealer.new_key(person)
    assert sealer.unseal(key, person, "name", sealer.seal(key, person, "name", text)) == text


def test_the_same_name_is_never_sealed_into_the_same_bytes() -> None:
    sealer = Sealer(MASTER)
    key = sealer.new_key("v1")
    assert sealer.seal(key, "v1", "name", "Fatima") != sealer.seal(key, "v1", "name", "Fatima")


def test_a_fingerprint_is_the_same_for_the_same_content_under_the_same_master_key_only() -> None:
    ours = Sealer(MASTER).fingerprint(b"Fatima")
    assert ours == Sealer(MASTER).fingerprint(b"Fatima")
    assert ours not in (Sealer(MASTER).fingerprint(b"Noor"), Sealer(bytes(32)).fingerprint(b"Fatima"))
    assert ours != hashlib.sha256(b"Fatima").hexdigest()


def test_another_master_key_opens_nothing() -> None:
    sealer = Sealer(MASTER)
    key = sealer.new_key("v1")
    sealed = sealer.seal(key, "v1", "name", "Fatima")
    with pytest.raises(SealBroken):
        Sealer(bytes(32)).unseal(key, "v1", "name", sealed)


def test_a_master_key_knows_what_it_wrapped_itself() -> None:
    key = Sealer(MASTER).new_key("v1")
    Sealer(MASTER).check(key, "v1")
    with pytest.raises(Misconfigured, match="not the one that sealed"):
        Sealer(bytes(32)).check(key, "v1")


def test_a_name_moved_to_another_persons_row_does_not_open() -> None:
    sealer = Sealer(MASTER)
    key, other = sealer.new_key("v1"), sealer.new_key("v2")
    sealed = sealer.seal(key, "v1", "name", "Fatima")
    for wrong_key, person in ((other, "v2"), (other, "v1"), (key, "v2")):
        with pytest.raises(SealBroken):
            sealer.unseal(wrong_key, person, "name", sealed)


def test_a_name_does_not_open_as_another_field() -> None:
    sealer = Sealer(MASTER)
    key = sealer.new_key("v1")
    with pytest.raises(SealBroken):
        sealer.unseal(key, "v1", "address", sealer.seal(key, "v1", "name", "Fatima"))


@pytest.mark.parametrize("position", [0, 11, 12, -1])
def test_a_changed_bit_is_noticed(position: int) -> None:
    sealer = Sealer(MASTER)
    key = sealer.new_key("v1")
    sealed = bytearray(sealer.seal(key, "v1", "name", "Fatima"))
    sealed[position] ^= 1
    with pytest.raises(SealBroken):
        sealer.unseal(key, "v1", "name", bytes(sealed))


def test_an_empty_row_is_no_name() -> None:
    sealer = Sealer(MASTER)
    with pytest.raises(SealBroken):
        sealer.unseal(WrappedKey(b""), "v1", "name", b"")


def test_a_new_key_file_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "master.key"
    key = load_master_key(path, may_create=True)
    assert len(key) == 32
    assert load_master_key(path, may_create=True) == key
    assert load_master_key(path, may_create=False) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["master.key"]


def test_in_production_a_missing_key_file_is_an_error_and_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is not there"):
        load_master_key(tmp_path / "master.key", may_create=False)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", ["", "no base64!", base64.b64encode(bytes(16)).decode()])
def test_a_key_file_that_holds_no_key_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "master.key"
    path.write_text(content)
    with pytest.raises(ValueError, match="master key file"):
        load_master_key(path, may_create=True)
