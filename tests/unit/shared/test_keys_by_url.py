"""Public keys from the address of an issuer: kept, fetched again for one that is new, and going on while it is away."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from services.intake.config import Settings
from shared.errors import NotSignedIn, TransientError
from shared.security.issuing import issue, prepare_keys, public_file
from shared.security.keys import AGAIN_AFTER_S, GOOD_FOR_S, UrlKeys
from shared.security.tokens import Verifier


@dataclass
class Issuer:
    """Answers with a document of keys, or not at all; `asked` counts."""

    url: str = ""
    keys: list[dict[str, Any]] = field(default_factory=list)
    is_away: bool = False
    asked: int = 0

    def add(self, keys: Path) -> None:
        self.keys += json.loads(public_file(keys).read_text())["keys"]


@dataclass
class Seconds:
    now: float = 0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    found = Issuer()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked += 1
            body = b"away" if found.is_away else json.dumps({"keys": found.keys}).encode()
            self.send_response(503 if found.is_away else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_port}/jwks"
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def keys(tmp_path: Path) -> list[Path]:
    made = [tmp_path / f"{number}.json" for number in range(2)]
    for path in made:
        prepare_keys(path)
    return made


def checking(issuer: Issuer, clock: Seconds) -> Verifier:
    return Verifier(UrlKeys(issuer.url, clock), "leerplek", "leerplek")


async def test_keys_are_fetched_once_and_again_when_they_are_old(issuer: Issuer, keys: list[Path]) -> None:
    issuer.add(keys[0])
    clock = Seconds()
    verifier = checking(issuer, clock)
    for _ in range(3):
        assert (await verifier.caller(issue(keys[0], "institute/01VU", [], 1))).org == "01VU"
    assert issuer.asked == 1
    clock.now = GOOD_FOR_S + 1
    issuer.keys.clear()
    issuer.add(keys[1])
    with pytest.raises(NotSignedIn, match="token-ongeldig"):
        await verifier.caller(issue(keys[0], "institute/01VU", [], 1))
    assert issuer.asked == 2, "a key that was taken away there is good here no more"


async def test_a_new_key_is_known_at_once_and_made_up_ones_do_not_make_us_ask_all_the_time(
    issuer: Issuer, keys: list[Path]
) -> None:
    issuer.add(keys[0])
    clock = Seconds()
    verifier = checking(issuer, clock)
    await verifier.caller(issue(keys[0], "operator", [], 1))
    for _ in range(20):
        with pytest.raises(NotSignedIn, match="token-ongeldig"):
            await verifier.caller(issue(keys[1], "operator", [], 1))
    assert issuer.asked == 1
    issuer.add(keys[1])
    clock.now = AGAIN_AFTER_S + 1
    for _ in range(5):
        assert (await verifier.caller(issue(keys[1], "operator", [], 1))).role == "operator"
    assert issuer.asked == 2


async def test_while_the_issuer_is_away_known_keys_go_on_and_the_rest_is_told_to_come_back(
    issuer: Issuer, keys: list[Path]
) -> None:
    clock = Seconds()
    issuer.is_away = True
    verifier = checking(issuer, clock)
    with pytest.raises(TransientError):
        await verifier.caller(issue(keys[0], "operator", [], 1))
    with pytest.raises(TransientError):
        await verifier.caller(issue(keys[0], "operator", [], 1))
    assert issuer.asked == 1
    issuer.is_away = False
    issuer.add(keys[0])
    clock.now += AGAIN_AFTER_S + 1
    await verifier.caller(issue(keys[0], "operator", [], 1))
    issuer.is_away = True
    clock.now += GOOD_FOR_S + 1
    await verifier.caller(issue(keys[0], "operator", [], 1))
    assert issuer.asked == 3
    with pytest.raises(TransientError):
        await verifier.caller(issue(keys[1], "operator", [], 1))


async def test_only_public_keys_for_signatures_are_taken(issuer: Issuer, keys: list[Path]) -> None:
    issuer.keys += [{"kty": "oct", "k": "AAAA", "kid": "1"}, {"kty": "XX", "kid": "2"}]
    clock = Seconds()
    verifier = checking(issuer, clock)
    with pytest.raises(TransientError):
        await verifier.caller(issue(keys[0], "operator", [], 1))
    issuer.add(keys[0])
    clock.now += AGAIN_AFTER_S + 1
    await verifier.caller(issue(keys[0], "operator", [], 1))


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"jwks_url": "http://sleutels.example/jwks"}, "https"),
        ({"jwks_url": "file:///etc/passwd"}, "https"),
    ],
)
def test_keys_come_over_a_road_that_nobody_can_change_them_on(given: dict[str, str], wrong: str) -> None:
    fields = {"database_url": "sqlite+aiosqlite:///x.db", "kafka_bootstrap": "127.0.0.1:1"}
    with pytest.raises(ValidationError, match=wrong):
        Settings.model_validate({**fields, **given})
    assert Settings.model_validate({**fields, "jwks_url": "https://sleutels.example/jwks"}).checks_tokens
