"""Every service's OpenAPI document keeps the Dutch API Design Rules, and the rules notice when one does not."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.design_rules import violations
from tests.unit.shared.test_web import SERVICES


def document_of(name: str) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(json.dumps(SERVICES[name](None).openapi()))  # type: ignore[operator]
    return made


@pytest.mark.parametrize("name", SERVICES)
def test_the_document_of_a_service_keeps_the_rules(name: str) -> None:
    assert violations(document_of(name)) == []


def _rename_path(document: dict[str, Any], to: str) -> None:
    document["paths"][to] = document["paths"].pop("/registrations")


def _add_query_key(document: dict[str, Any]) -> None:
    document["paths"]["/registrations"]["get"]["parameters"].append({"in": "query", "name": "per_page"})


def _without_version(document: dict[str, Any]) -> None:
    del document["paths"]["/registrations"]["get"]["responses"]["200"]["headers"]["API-Version"]


def _plain_error(document: dict[str, Any]) -> None:
    document["paths"]["/registrations"]["get"]["responses"]["400"]["content"] = {"application/json": {}}


def _no_400(document: dict[str, Any]) -> None:
    del document["paths"]["/registrations"]["get"]["responses"]["400"]


def _moment_for_a_day(document: dict[str, Any]) -> None:
    document["components"]["schemas"]["MismatchAnswer"]["properties"]["reported_on"]["format"] = "date-time"


BREAKS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "doc-openapi": lambda document: document.update(openapi="2.0"),
    "doc-openapi-contact": lambda document: document["info"]["contact"].pop("email"),
    "semver": lambda document: document["info"].update(version="1.0"),
    "uri-version": lambda document: document.update(servers=[{"url": "/"}]),
    "no-trailing-slash": lambda document: _rename_path(document, "/registrations/"),
    "path-segments-kebab-case": lambda document: _rename_path(document, "/newRegistrations"),
    "http-methods": lambda document: document["paths"]["/registrations"].update(
        list=document["paths"]["/registrations"]["get"]
    ),
    "path-params": lambda document: _rename_path(document, "/registrations/{other}"),
    "query-keys-camel-case": _add_query_key,
    "version-header": _without_version,
    "problem-details": _plain_error,
    "invalid-input": _no_400,
    "date-omit-time-portion": _moment_for_a_day,
}


@pytest.mark.parametrize("rule", BREAKS)
def test_a_document_that_breaks_a_rule_is_noticed(rule: str) -> None:
    document = copy.deepcopy(document_of("intake"))
    BREAKS[rule](document)
    assert rule in {broken.partition(":")[0] for broken in violations(document)}


@pytest.mark.parametrize("name", SERVICES)
def test_what_makes_or_finds_something_leads_to_all_that_can_be_done_with_it(name: str) -> None:
    paths = document_of(name)["paths"]
    known = {each["operationId"] for operations in paths.values() for each in operations.values()}
    links = {
        each["operationId"]: set(response.get("links", {}))
        for operations in paths.values()
        for each in operations.values()
        for response in each["responses"].values()
        if "links" in response
    }
    assert all(found <= known and begin not in found for begin, found in links.items())
    if name == "intake":
        made = links[paths["/registrations"]["post"]["operationId"]]
        for path in ("/registrations/{student}", "/registrations/{student}/export", "/placements/{student}/decision"):
            assert {each["operationId"] for each in paths[path].values()} <= made
    if name == "capacity":
        made = links[paths["/sites/{site}"]["put"]["operationId"]]
        assert paths["/sites/{site}/supervisors"]["get"]["operationId"] in made
        assert (
            paths["/supervisors/{supervisor}/absences"]["post"]["operationId"]
            in (links[paths["/supervisors"]["post"]["operationId"]])
        )
