"""Webhooks go to public addresses only, and an address that is none raises nothing."""

from collections.abc import Iterator

import pytest

from shared.webhooks.posting import HttpPost, is_public
from tests.integration.intake.conftest import opened, problem_of
from tests.integration.intake.test_webhooks import Subscribed
from tests.support.receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


async def test_nothing_is_sent_to_an_address_that_is_not_public(sqlite_url: str, receiver: Receiver) -> None:
    async with opened(sqlite_url) as service:
        for url in (
            receiver.url,
            "https://user:pass@example.org/",
            "https://:80/",
            "https://a..b\u2488/",
            "https://example.org/#x",
        ):
            problem_of(await service.http.post("/v1/webhooks", json={"url": url}), 400, "ongeldig-adres")
        made = await service.http.post("/v1/webhooks", json={"url": receiver.url.replace("http:", "https:")})
        subscribed = Subscribed(service, receiver, made.json()["id"])
        await service.http.post(f"/v1/webhooks/{subscribed.webhook}/ping")
        await subscribed.send()
        assert (await subscribed.log())["log"][0]["error"] == "address"
        await service.parts.hooks.post.close()
    assert receiver.came == []


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1", "::1", "fe80::1%eth0",
     "fd00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::"],
)  # fmt: skip
def test_private_addresses_are_known_in_every_guise(address: str) -> None:
    assert not is_public(address)


def test_public_addresses_are_public() -> None:
    assert is_public("93.184.215.14")
    assert is_public("2a02:2f0c::1")


@pytest.mark.parametrize(
    "url",
    ["https://a\u2488b/", "https://[::1", "https://x:99999/", "ftp://x/", "", "https://\x00/", "http://127.0.0.1:1/"],
)
async def test_whatever_an_address_is_sending_to_it_never_raises(url: str) -> None:
    post = HttpPost(may_be_private=True)
    tried = await post(url, {"webhook-id": "x"}, b"{}")
    assert not tried.is_taken
    assert tried.error
    await post.close()
