"""A token tells who asks only when it was signed for us, with a key that we know, and holds now."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from deploy.cli import app
from shared.errors import Forbidden, Misconfigured, NotSignedIn
from shared.security.callers import Caller, Role
from shared.security.issuing import issue, prepare_keys, public_file
from shared.security.keys import FileKeys
from shared.security.tokens import Verifier, caller_of


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    path = tmp_path / "keys.json"
    prepare_keys(path)
    return path


@pytest.fixture
def verifier(keys: Path) -> Verifier:
    return Verifier(FileKeys(public_file(keys)), "leerplek", "leerplek")


def secret_of(keys: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(keys.read_text())["keys"][-1]
    return found


def signed(keys: Path, **changed: Any) -> str:
    secret, now = secret_of(keys), int(time.time())
    claims = {"iss": "leerplek", "aud": "leerplek", "exp": now + 60, "org": "institute/01VU", "scope": "plan:read"}
    claims = {name: value for name, value in {**claims, **changed}.items() if value is not None}
    return jwt.encode(claims, jwt.PyJWK(secret).key, "EdDSA", headers={"kid": secret["kid"]})


async def test_an_issued_token_tells_organisation_and_scopes(keys: Path, verifier: Verifier) -> None:
    caller = await verifier.caller(issue(keys, "school/01AA", ["plan:read", "scenario:run"], 1))
    assert caller == Caller(Role.SCHOOL, "01AA", frozenset({"plan:read", "scenario:run"}))
    caller.must_have("plan:read")
    with pytest.raises(Forbidden, match="scope-ontbreekt"):
        caller.must_have("region-file:read")


def other_key(keys: Path) -> str:
    claims = {"iss": "leerplek", "aud": "leerplek", "exp": int(time.time()) + 60, "org": "operator"}
    return jwt.encode(claims, Ed25519PrivateKey.generate(), "EdDSA", headers={"kid": secret_of(keys)["kid"]})


def public_key_as_secret(keys: Path) -> str:
    """The well-known trick: the public key as the secret of a symmetric signature."""
    claims = {"iss": "leerplek", "aud": "leerplek", "exp": int(time.time()) + 60, "org": "operator"}
    secret = secret_of(keys)["x"].ljust(64, "x")
    return jwt.encode(claims, secret, "HS256", headers={"kid": secret_of(keys)["kid"]})


def unsigned(keys: Path) -> str:
    claims = {"iss": "leerplek", "aud": "leerplek", "exp": int(time.time()) + 60, "org": "operator"}
    return jwt.encode(claims, "", "none", headers={"kid": secret_of(keys)["kid"]})


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (lambda keys: signed(keys, exp=int(time.time()) - 60), "token-verlopen"),
        (lambda keys: signed(keys, exp=None), "token-ongeldig"),
        (lambda keys: signed(keys, aud="iemand-anders"), "token-ongeldig"),
        (lambda keys: signed(keys, iss="iemand-anders"), "token-ongeldig"),
        (lambda keys: signed(keys)[:-6] + "AAAAAA", "token-ongeldig"),
        (lambda keys: "x.y.z", "token-ongeldig"),
        (lambda keys: "", "token-ongeldig"),
        (other_key, "token-ongeldig"),
        (public_key_as_secret, "token-ongeldig"),
        (unsigned, "token-ongeldig"),
        (lambda keys: signed(keys, org=None), "token-zonder-organisatie"),
        (lambda keys: signed(keys, org="institute/VU"), "token-zonder-organisatie"),
        (lambda keys: signed(keys, org=["operator"]), "token-zonder-organisatie"),
        (lambda keys: signed(keys, org="operator\n"), "token-zonder-organisatie"),
    ],
)
async def test_any_other_token_tells_nothing(
    keys: Path, verifier: Verifier, made: Callable[[Path], str], code: str
) -> None:
    with pytest.raises(NotSignedIn, match=code):
        await verifier.caller(made(keys))


def test_scopes_may_come_as_a_list_as_some_providers_give_them() -> None:
    assert caller_of({"org": "region/NL-R07", "scp": ["plan:read"]}).scopes == {"plan:read"}
    assert caller_of({"org": "operator"}) == Caller(Role.OPERATOR, "", frozenset())


async def test_a_key_that_was_added_is_known_without_a_restart_and_a_spoilt_file_changes_nothing(
    keys: Path, verifier: Verifier, tmp_path: Path
) -> None:
    newer = tmp_path / "newer.json"
    prepare_keys(newer)
    both = [json.loads(public_file(path).read_text())["keys"][0] for path in (keys, newer)]
    public_file(keys).write_text("{")
    with pytest.raises(NotSignedIn):
        await verifier.caller(issue(newer, "operator", [], 1))
    assert (await verifier.caller(issue(keys, "operator", [], 1))).role is Role.OPERATOR
    public_file(keys).write_text(json.dumps({"keys": both}))
    assert (await verifier.caller(issue(newer, "operator", [], 1))).role is Role.OPERATOR


@pytest.mark.parametrize("content", ["", "[]", '{"keys": []}', '{"keys": [{"kty": "oct", "k": "AAAA", "kid": "1"}]}'])
def test_a_file_without_public_keys_is_refused_at_the_start(tmp_path: Path, content: str) -> None:
    path = tmp_path / "jwks.json"
    path.write_text(content)
    with pytest.raises(Misconfigured):
        FileKeys(path)


def test_a_file_with_the_secret_key_is_refused_at_the_start(keys: Path) -> None:
    with pytest.raises(Misconfigured, match="geheime sleutel"):
        FileKeys(keys)


async def test_the_command_makes_a_key_that_only_its_owner_reads_and_prints_a_token(tmp_path: Path) -> None:
    keys = tmp_path / "sleutels.json"
    command = [
        "token",
        "--org",
        "region/NL-R07",
        "--scope",
        "plan:read",
        "--scope",
        "scenario:run",
        "--keys",
        str(keys),
    ]
    first, second = (CliRunner().invoke(app, command) for _ in range(2))
    assert (first.exit_code, second.exit_code) == (0, 0), first.output
    assert "Nieuwe sleutel" in first.stderr
    assert second.stderr == ""
    assert keys.stat().st_mode & 0o077 == 0
    verifier = Verifier(FileKeys(public_file(keys)), "leerplek", "leerplek")
    for printed in (first, second):
        caller = await verifier.caller(printed.stdout.strip())
        assert (caller.role, caller.org, caller.scopes) == (
            Role.REGION,
            "NL-R07",
            frozenset({"plan:read", "scenario:run"}),
        )


def test_the_command_says_what_is_wrong_with_an_organisation_or_a_file(tmp_path: Path) -> None:
    spoilt = tmp_path / "keys.json"
    spoilt.write_text("{}")
    wrong = CliRunner().invoke(app, ["token", "--org", "VU", "--keys", str(tmp_path / "none.json")])
    assert wrong.exit_code == 2
    assert "institute/" in wrong.stderr
    assert not (tmp_path / "none.json").exists()
    assert CliRunner().invoke(app, ["token", "--org", "operator", "--keys", str(spoilt)]).exit_code == 1
