"""Seals a person's name or address under a key of their own, so that deleting the key erases it everywhere, backups included."""

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path
from typing import NewType

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.errors import Misconfigured

WrappedKey = NewType("WrappedKey", bytes)
"""A person's data key, sealed by the master key: may lie in the database, is of no use without the master key."""

KEY_BYTES = 32
NONCE_BYTES = 12
_WRAPPING = "data-key"
_ENCLOSED = "enclosed"
_FINGERPRINT = b"fingerprint"


class SealBroken(Exception):
    """What lies there was not sealed for this person and field under this key: another master key, or rows that were swapped."""


class Sealer:
    """AES-256-GCM under a data key per person, which AES-256-GCM wraps under the master key; person and field are authenticated."""

    def __init__(self, master_key: bytes) -> None:
        if len(master_key) != KEY_BYTES:
            raise ValueError(f"a master key has {KEY_BYTES} bytes")
        self._master_key = master_key
        self._fingerprint_key = hmac.digest(master_key, _FINGERPRINT, hashlib.sha256)

    def new_key(self, person: str) -> WrappedKey:
        """A fresh data key for this person."""
        return WrappedKey(_seal(self._master_key, os.urandom(KEY_BYTES), person, _WRAPPING))

    def seal(self, key: WrappedKey, person: str, field: str, text: str) -> bytes:
        """The text, readable only with this key, for this person and field; raises SealBroken when the key is not theirs."""
        return _seal(self._data_key(key, person), text.encode(), person, field)

    def unseal(self, key: WrappedKey, person: str, field: str, sealed: bytes) -> str:
        """The text that was sealed; raises SealBroken when key, person or field differ, or a bit was changed."""
        return _unseal(self._data_key(key, person), sealed, person, field).decode()

    def check(self, key: WrappedKey, person: str) -> None:
        """Raises Misconfigured when another master key wrapped this key: two keys side by side could never be told apart."""
        try:
            self._data_key(key, person)
        except SealBroken as problem:
            raise Misconfigured("the master key is not the one that sealed what is in the database") from problem

    def fingerprint(self, content: bytes) -> str:
        """The same for the same content (HMAC-SHA-256); without the master key nobody can try what the content was."""
        return hmac.digest(self._fingerprint_key, content, hashlib.sha256).hex()

    def enclose(self, purpose: str, text: str) -> str:
        """The text as characters for a cookie, readable only by us and for this purpose."""
        return base64.urlsafe_b64encode(_seal(self._master_key, text.encode(), purpose, _ENCLOSED)).decode()

    def disclose(self, purpose: str, enclosed: str) -> str:
        """What was enclosed; raises SealBroken when it was not by us or for something else."""
        try:
            sealed = base64.urlsafe_b64decode(enclosed)
        except ValueError as problem:
            raise SealBroken("not enclosed by us") from problem
        return _unseal(self._master_key, sealed, purpose, _ENCLOSED).decode()

    def _data_key(self, key: WrappedKey, person: str) -> bytes:
        return _unseal(self._master_key, key, person, _WRAPPING)


def load_master_key(path: Path, *, may_create: bool) -> bytes:
    """The key in this file (base64 of 32 bytes); raises Misconfigured. A missing one is made, readable by its owner alone, only when it may be."""
    if may_create:
        _create_when_missing(path)
    if not path.is_file():
        raise Misconfigured(f"master key file {path} is not there; without it no name can be read")
    try:
        key = base64.b64decode(path.read_text().strip(), validate=True)
    except OSError as problem:
        raise Misconfigured(f"master key file {path} cannot be read: {problem.strerror}") from problem
    except ValueError as problem:
        raise Misconfigured(f"master key file {path} holds no base64") from problem
    if len(key) != KEY_BYTES:
        raise Misconfigured(f"master key file {path} holds {len(key)} bytes instead of {KEY_BYTES}")
    return key


def _create_when_missing(path: Path) -> None:
    """Written aside and linked into place, so that of two processes that start together one wins and none reads half a key."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(aside)
        except FileExistsError:
            return
    finally:
        aside.unlink()


def _seal(key: bytes, content: bytes, person: str, field: str) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, content, _bound_to(person, field))


def _unseal(key: bytes, sealed: bytes, person: str, field: str) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _bound_to(person, field))
    except (InvalidTag, ValueError) as problem:
        raise SealBroken(f"{field} was not sealed for this person under this key") from problem


def _bound_to(person: str, field: str) -> bytes:
    return f"{person}\0{field}".encode()
