"""Issues tokens for an installation without an identity provider, signed with a key that is made on demand."""

import json
import os
import secrets
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.errors import Misconfigured

ISSUER = AUDIENCE = "leerplek"
ALGORITHM = "EdDSA"
DAY_S = 86_400


def public_file(keys: Path) -> Path:
    """Where the public keys are that belong to a file of secret ones."""
    return keys.with_name(f"{keys.stem}.public.json")


def prepare_keys(keys: Path) -> bool:
    """Makes the secret key where there is none, and writes its public part beside it; whether it was made just now."""
    is_new = not keys.exists()
    if is_new:
        key = jwt.algorithms.OKPAlgorithm.to_jwk(Ed25519PrivateKey.generate(), as_dict=True)
        _write(keys, {"keys": [{**key, "kid": secrets.token_hex(8), "alg": ALGORITHM, "use": "sig"}]}, 0o600)
    public = [{name: value for name, value in one.items() if name != "d"} for one in secret_keys(keys)]
    if is_new or not public_file(keys).exists():
        public_file(keys).unlink(missing_ok=True)
        _write(public_file(keys), {"keys": public}, 0o644)
    return is_new


def issue(keys: Path, org: str, scopes: Collection[str], days: int, subject: str = "") -> str:
    """A token for an organisation, signed with the last key of the file; raises Misconfigured when that cannot be read."""
    secret, now = secret_keys(keys)[-1], int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": subject or org,
        "iat": now,
        "exp": now + days * DAY_S,
        "jti": secrets.token_hex(8),
        "org": org,
        "scope": " ".join(sorted(scopes)),
    }
    return jwt.encode(claims, jwt.PyJWK(secret).key, ALGORITHM, headers={"kid": secret["kid"]})


def secret_keys(keys: Path) -> list[dict[str, Any]]:
    """The secret keys of a file, the newest last; raises Misconfigured."""
    try:
        found: list[dict[str, Any]] = json.loads(keys.read_text())["keys"]
        if found and all("d" in one and "kid" in one for one in found):
            return found
    except (OSError, ValueError, KeyError, TypeError) as wrong:
        raise Misconfigured(f"{keys} is geen bestand met geheime sleutels: {type(wrong).__name__}") from wrong
    raise Misconfigured(f"{keys} is geen bestand met geheime sleutels")


def _write(path: Path, document: Mapping[str, object], mode: int) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
        json.dump(document, file, indent=1)
        file.write("\n")
