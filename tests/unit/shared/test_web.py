"""What every API answers to a request that is wrong, and what its document says about that."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

import httpx
import pytest
from fastapi import FastAPI, Path, Query
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict

from services.capacity.entrypoints import bodies as capacity_bodies
from services.capacity.entrypoints.http import build_capacity_api
from services.intake.entrypoints import bodies as intake_bodies
from services.intake.entrypoints.http import build_intake_api
from services.matcher.entrypoints.http import build_matcher_api
from services.notifier.entrypoints.http import build_notifier_api
from shared.contracts import availability, region, vocabulary
from shared.web.api import Readiness, build_api, build_app
from shared.web.field_messages import dutch_message


def _constraints(field: object) -> Iterator[Any]:
    """What is asked of an annotated type; a Field holds its own constraints."""
    for one in getattr(field, "__metadata__", ()):
        yield one
        yield from getattr(one, "metadata", ())


PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


class Body(BaseModel):
    """A small body."""

    model_config = ConfigDict(extra="forbid")

    count: int
    steps: dict[str, int] = {}


async def nothing_wrong() -> Readiness:
    return Readiness()


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    api = build_api("Proef", "Een kleine API.")

    @api.put("/things/{number}")
    async def put(number: Annotated[int, Path()], body: Body, size: Annotated[int, Query()] = 1) -> Response:
        return JSONResponse({"number": number, "count": body.count, "size": size})

    transport = httpx.ASGITransport(build_app(api, nothing_wrong), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://leerplek.test") as client:
        yield client


def problem_of(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    body: dict[str, Any] = answer.json()
    assert (answer.status_code, body["type"]) == (status, f"urn:leerplek:probleem:{code}")
    return body


@pytest.mark.parametrize("kind", [None, "text/plain", "application/x-www-form-urlencoded", "text/json", "json"])
async def test_a_body_that_does_not_say_that_it_is_json_is_of_a_kind_that_is_not_read(
    http: httpx.AsyncClient, kind: str | None
) -> None:
    headers = {} if kind is None else {"Content-Type": kind}
    answer = await http.put("/v1/things/1", content=b'{"count": 1}', headers=headers)
    assert "application/json" in problem_of(answer, 415, "geen-json-bericht")["detail"]


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", "application/merge+json"])
async def test_a_body_that_says_that_it_is_json_is_read(http: httpx.AsyncClient, kind: str) -> None:
    answer = await http.put("/v1/things/1", content=b'{"count": 1}', headers={"Content-Type": kind})
    assert answer.json() == {"number": 1, "count": 1, "size": 1}


@pytest.mark.parametrize(
    ("content", "code", "detail"),
    [
        (b'{"count": ', "geen-json", "het bericht is geen geldige JSON"),
        (b"[1]", "ongeldige-invoer", "hier hoort een object"),
        (b"", "ongeldige-invoer", "het bericht ontbreekt"),
    ],
)
async def test_what_is_wrong_with_the_body_as_a_whole_points_to_no_field(
    http: httpx.AsyncClient, content: bytes, code: str, detail: str
) -> None:
    answer = await http.put("/v1/things/1", content=content, headers={"Content-Type": "application/json"})
    body = problem_of(answer, 400, code)
    assert (body["detail"], body["errors"]) == (detail, [{"pointer": "", "detail": detail}])


@pytest.mark.parametrize(
    ("address", "body", "error"),
    [
        ("/v1/things/x", {"count": 1}, {"parameter": "number"}),
        ("/v1/things/1?size=x", {"count": 1}, {"parameter": "size"}),
        ("/v1/things/1", {"count": "x"}, {"pointer": "/count"}),
        ("/v1/things/1", {"count": 1, "steps": {"a/b~c": "x"}}, {"pointer": "/steps/a~1b~0c"}),
    ],
)
async def test_a_wrong_value_is_named_by_its_parameter_or_its_path(
    http: httpx.AsyncClient, address: str, body: dict[str, object], error: dict[str, str]
) -> None:
    problem = problem_of(await http.put(address, json=body), 400, "ongeldige-invoer")
    assert problem["errors"] == [{**error, "detail": "hier hoort een geheel getal"}]
    assert problem["detail"] == f"{next(iter(error.values()))}: hier hoort een geheel getal"


@pytest.mark.parametrize("address", ["/v1/things/%00", "/v1/things/1?size=%00", "/v1/things/1?%00=1"])
async def test_an_address_with_a_character_that_no_database_holds_is_refused(
    http: httpx.AsyncClient, address: str
) -> None:
    problem_of(await http.put(address, json={"count": 1}), 400, "ongeldig-teken")


@pytest.mark.parametrize(
    ("found", "status", "word"),
    [
        (Readiness(), 200, "ok"),
        (Readiness(notices=["kafka does not answer"]), 200, "ok"),
        (Readiness(["database: locked"], ["kafka does not answer"]), 503, "wait"),
    ],
)
async def test_only_a_reason_takes_a_service_out_of_rotation_and_all_is_told(
    found: Readiness, status: int, word: str
) -> None:
    async def check() -> Readiness:
        return found

    transport = httpx.ASGITransport(build_app(build_api("Proef", "Een kleine API."), check))
    async with httpx.AsyncClient(transport=transport, base_url="http://leerplek.test") as client:
        answer = await client.get("/readyz")
    body = {"status": word, "reasons": list(found.reasons), "notices": list(found.notices)}
    assert (answer.status_code, answer.json()) == (status, body)


SERVICES = {
    "intake": build_intake_api,
    "capacity": build_capacity_api,
    "matcher": build_matcher_api,
    "notifier": build_notifier_api,
}


@pytest.fixture(params=SERVICES)
def document(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The OpenAPI document of each service: its routes need their parts only when they answer."""
    api: FastAPI = SERVICES[request.param](None)  # type: ignore[operator]
    made: dict[str, Any] = json.loads(json.dumps(api.openapi()))
    return made


def operations_of(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    ]


def test_every_operation_announces_the_problems_it_can_answer_with_and_no_others(document: dict[str, Any]) -> None:
    assert "errors" in document["components"]["schemas"]["Problem"]["properties"]
    assert "HTTPValidationError" not in document["components"]["schemas"]
    for path, method, operation in operations_of(document):
        problems = {status for status in operation["responses"] if status >= "400"}
        expected = {"400", "503"}
        expected |= {"401", "403", "429"} if "security" in operation else set()
        is_named = any(each["in"] == "query" and each.get("required") for each in operation.get("parameters", ()))
        expected |= {"404"} if "{" in path or "requestBody" in operation or is_named else set()
        expected |= {"413", "415"} if "requestBody" in operation else set()
        expected |= {"409"} if method != "get" else set()
        expected |= {"412"} if "If-Match" in headers_of(operation) else set()
        assert problems == expected, (method, path)
        assert all(operation["responses"][status]["content"] == PROBLEM for status in problems)


def test_every_change_may_carry_a_key_and_every_answer_has_a_schema(document: dict[str, Any]) -> None:
    for path, method, operation in operations_of(document):
        assert ("Idempotency-Key" in headers_of(operation)) == (method != "get"), (method, path)
        for response in operation["responses"].values():
            assert all(content["schema"] for content in response.get("content", {}).values()), (method, path)


def test_what_may_be_known_already_says_that_it_is_not_sent_again(document: dict[str, Any]) -> None:
    for path, method, operation in operations_of(document):
        may_be_known = "If-None-Match" in headers_of(operation)
        assert ("304" in operation["responses"]) == may_be_known, (method, path)
        assert ("ETag" in operation["responses"].get("200", {}).get("headers", {})) == may_be_known, (method, path)


def test_what_is_begun_or_made_says_where_it_is(document: dict[str, Any]) -> None:
    for path, method, operation in operations_of(document):
        for status in operation["responses"].keys() & {"201", "202"}:
            assert "Location" in operation["responses"][status]["headers"], (method, path)


def test_every_operation_and_parameter_of_the_matcher_is_described_in_words() -> None:
    made = build_matcher_api(None).openapi()  # type: ignore[arg-type]
    for path, method, operation in operations_of(made):
        assert operation["summary"], (method, path)
        for each in operation.get("parameters", ()):
            assert each.get("description"), (method, path, each["name"])
        success = next(status for status in operation["responses"] if status < "300")
        contents = operation["responses"][success]["content"]
        assert path.endswith("/region-file") or all(one["schema"] != {"type": "object"} for one in contents.values())


PATH = re.compile(r"(?:/(?:[a-z]+(?:-[a-z]+)*|\{[a-z]+\}))+")


def test_paths_are_lower_case_words_with_hyphens_and_without_a_slash_at_the_end(document: dict[str, Any]) -> None:
    for path in document["paths"]:
        assert PATH.fullmatch(path), path
    assert document["info"]["version"]
    assert document["info"]["contact"]["email"]
    assert document["openapi"].startswith("3.")


def test_what_can_be_changed_based_on_a_version_says_so() -> None:
    based = {
        (method, path)
        for build in SERVICES.values()
        for path, method, operation in operations_of(build(None).openapi())  # type: ignore[operator]
        if "If-Match" in headers_of(operation)
    }
    assert based == {
        ("put", "/registrations/{student}"),
        ("delete", "/registrations/{student}"),
        ("put", "/webhooks/{webhook}"),
        ("put", "/regions/{region}"),
        ("put", "/sites/{site}"),
        ("put", "/sites/{site}/board"),
        ("put", "/workplaces/{workplace}"),
        ("put", "/supervisors/{supervisor}"),
        ("post", "/supervisors/{supervisor}/absences"),
        ("post", "/supervisors/{supervisor}/return"),
        ("post", "/supervisors/{supervisor}/departure"),
        ("put", "/contacts/{contact}"),
        ("delete", "/contacts/{contact}"),
        ("put", "/organisations/{organisation}/mode"),
        ("delete", "/organisations/{organisation}/mode"),
    }


def headers_of(operation: dict[str, Any]) -> set[str]:
    return {each["name"] for each in operation.get("parameters", ()) if each["in"] == "header"}


PATTERNS = {
    one.pattern
    for module in (vocabulary, availability, region, intake_bodies, capacity_bodies)
    for field in vars(module).values()
    for one in _constraints(field)
    if getattr(one, "pattern", None)
}


@pytest.mark.parametrize("pattern", sorted(PATTERNS))
def test_the_form_of_a_field_is_told_in_words_and_not_as_a_pattern(pattern: str) -> None:
    wrong = dutch_message({"type": "string_pattern_mismatch", "ctx": {"pattern": pattern}})
    assert pattern not in wrong
    assert wrong.startswith("deze waarde heeft niet de goede vorm (verwacht: ")
