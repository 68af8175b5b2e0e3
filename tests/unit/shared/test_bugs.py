"""A bug in a request is answered with a problem, and told in the log once."""

import asyncio
import contextlib

import httpx
import pytest
import structlog
from structlog.testing import capture_logs

from shared.child_process import free_port
from shared.web import problems
from shared.web.api import Readiness, build_api, build_app
from shared.web.serving import serve_http


async def test_a_bug_is_told_once(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(problems, "log", structlog.get_logger())  # another test may have used the one that is kept
    api = build_api("proef", "Proef.")

    @api.get("/boem")
    async def boem() -> None:
        raise ValueError("boem")

    async def check() -> Readiness:
        return Readiness()

    port = free_port()
    with capture_logs() as logged:
        serving = asyncio.ensure_future(serve_http(build_app(api, check), "127.0.0.1", port))
        transport = httpx.AsyncHTTPTransport(retries=5)
        async with httpx.AsyncClient(transport=transport, base_url=f"http://127.0.0.1:{port}") as client:
            answer = await client.get("/v1/boem")
            assert (await client.get("/livez")).status_code == 200
        serving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await serving
    assert answer.status_code == 500
    assert answer.json()["type"] == "urn:leerplek:probleem:fout"
    (told,) = [each for each in logged if each["log_level"] == "error"]
    assert (told["event"], told["route"], str(told["exc_info"])) == ("request failed", "/v1/boem", "boem")
    assert "Exception in ASGI" not in caplog.text
