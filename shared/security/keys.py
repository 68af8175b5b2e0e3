"""The public keys that tokens are checked against (JWKS): from a file, or from the address of whoever issues the tokens."""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import jwt
import structlog

from shared.errors import Misconfigured, TransientError

AGAIN_AFTER_S = 30
"""An unknown key has them fetched again at most so often: whoever makes up ids of keys does not make us ask all the time."""
GOOD_FOR_S = 600
"""After so long they are fetched again, so that a key that was taken away there is one here no more."""
TIMEOUT_S = 5

log = structlog.get_logger(__name__)


class Keys(Protocol):
    """Finds a public key by its id."""

    async def find(self, kid: str) -> jwt.PyJWK:
        """The key; raises jwt.InvalidKeyError when there is none, and TransientError when that cannot be known now."""
        ...


class FileKeys:
    """Keys of a file, which is read again when it has changed."""

    def __init__(self, jwks: Path) -> None:
        """Raises Misconfigured when the file holds no public keys."""
        self._path = jwks
        self._keys, self._read = keys_in(jwks), stamp_of(jwks)

    async def find(self, kid: str) -> jwt.PyJWK:
        """The key; where a changed file cannot be read the known ones go on."""
        if stamp_of(self._path) != self._read:
            self._renew()
        return _known(self._keys, kid)

    def _renew(self) -> None:
        self._read = stamp_of(self._path)
        try:
            self._keys = keys_in(self._path)
        except Misconfigured as wrong:
            log.error("the file of public keys cannot be read", problem=str(wrong))


class UrlKeys:
    """Keys at an address: kept for a while, fetched again for one that is unknown, and the known ones go on while it is away."""

    def __init__(self, url: str, seconds: Callable[[], float] = time.monotonic) -> None:
        """Fetches nothing yet: a service starts while its issuer is away. `seconds` run on, from whenever."""
        self._client = jwt.PyJWKClient(url, cache_jwk_set=False, timeout=TIMEOUT_S)
        self._seconds, self._turn = seconds, asyncio.Lock()
        self._keys: Mapping[str, jwt.PyJWK] = {}
        self._asked_at: float | None = None
        self._is_away = False

    async def find(self, kid: str) -> jwt.PyJWK:
        """The key."""
        if self._is_time(kid):
            async with self._turn:
                if self._is_time(kid):
                    await self._fetch()
        if kid not in self._keys and self._is_away:
            raise TransientError("the issuer of tokens does not answer")
        return _known(self._keys, kid)

    def _is_time(self, kid: str) -> bool:
        age = None if self._asked_at is None else self._seconds() - self._asked_at
        return age is None or age > (GOOD_FOR_S if kid in self._keys else AGAIN_AFTER_S)

    async def _fetch(self) -> None:
        self._asked_at = self._seconds()
        try:
            self._keys = _public(await asyncio.to_thread(self._client.fetch_data))
        except (jwt.PyJWTError, ValueError, KeyError, TypeError, AttributeError) as wrong:
            self._is_away = True
            log.error("the public keys cannot be fetched", problem=type(wrong).__name__, known=len(self._keys))
        else:
            self._is_away = False


def keys_in(jwks: Path) -> dict[str, jwt.PyJWK]:
    """The keys of a file by their id; raises Misconfigured when there is none, or one that signs as well as checks."""
    try:
        found = json.loads(jwks.read_text())["keys"]
        keys = {str(one["kid"]): jwt.PyJWK(one) for one in found}
    except (OSError, ValueError, KeyError, TypeError, jwt.PyJWTError) as wrong:
        raise Misconfigured(f"{jwks} is geen bestand met openbare sleutels (JWKS): {type(wrong).__name__}") from wrong
    if not keys:
        raise Misconfigured(f"{jwks} bevat geen sleutels")
    if any("d" in one or one.get("kty") == "oct" for one in found):
        raise Misconfigured(f"{jwks} bevat een geheime sleutel: geef hier het bestand met de openbare sleutels")
    return keys


def stamp_of(path: Path) -> tuple[int, int]:
    """Is another when a file has changed."""
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_size)


def _known(keys: Mapping[str, jwt.PyJWK], kid: str) -> jwt.PyJWK:
    if kid in keys:
        return keys[kid]
    raise jwt.InvalidKeyError("unknown key")


def _public(document: Any) -> dict[str, jwt.PyJWK]:
    """The keys of a document that can check signatures of tokens; others, of kinds that we do not know, are passed over."""
    found = {}
    for one in document["keys"]:
        if one.get("kty") == "oct" or one.get("use", "sig") != "sig" or "kid" not in one:
            continue
        try:
            found[str(one["kid"])] = jwt.PyJWK(one)
        except jwt.PyJWTError:
            continue
    if not found:
        raise ValueError("no keys")
    return found
