"""Makes the OpenAPI document say what really happens: which problems there are, and which headers a change may carry."""

import re
from copy import deepcopy
from http import HTTPStatus
from typing import Any

from shared.web.problems import TITLES

PROBLEM = "Problem"
CHANGING = ("post", "put", "delete")
PARAMETER = re.compile(r"\{([^}]+)\}")
NEVER_USED = ("HTTPValidationError", "ValidationError")
PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": PROBLEM,
    "description": "Een fout volgens RFC 9457. `type` is vast per soort fout, de teksten zijn voor mensen.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri", "examples": ["urn:leerplek:probleem:ongeldige-invoer"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "Het veld in het bericht (JSON Pointer)."},
                    "parameter": {"type": "string", "description": "De naam in het adres of van de header."},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}
IDEMPOTENCY_KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Een nieuwe sleutel per verzoek. Hetzelfde verzoek met dezelfde sleutel gebeurt één keer en krijgt hetzelfde antwoord.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
UNCHANGED: dict[str, Any] = {"description": "Het is nog zoals u het al hebt: zonder inhoud."}
ETAG: dict[str, Any] = {"ETag": {"description": "De versie van dit antwoord.", "schema": {"type": "string"}}}
LOCATION: dict[str, Any] = {
    "Location": {
        "description": "Waar het nieuwe te lezen is.",
        "required": True,
        "schema": {"type": "string", "format": "uri-reference"},
    }
}
VERSION: dict[str, Any] = {"API-Version": {"$ref": "#/components/headers/ApiVersion"}}
LIMITS: dict[str, Any] = {
    name: {"$ref": f"#/components/headers/{name.replace('-', '')}"} for name in ("RateLimit", "RateLimit-Policy")
}
HEADERS: dict[str, Any] = {
    "ApiVersion": {
        "description": "De versie van deze API.",
        "required": True,
        "schema": {"type": "string", "examples": ["1.0.0"]},
    },
    "RateLimit": {
        "description": "Hoeveel verzoeken er deze minuut nog mogen (`r`), en over hoeveel seconden de telling opnieuw begint (`t`).",
        "schema": {"type": "string", "examples": ['"minute";r=29999;t=42']},
    },
    "RateLimitPolicy": {
        "description": "Hoeveel verzoeken uw organisatie per minuut mag doen (`q`).",
        "schema": {"type": "string", "examples": ['"minute";q=30000;w=60']},
    },
}
TEXT_SCHEMA: dict[str, Any] = {"type": "string"}
"""What is no JSON, such as a CSV file."""
MAY_CREATE: dict[int | str, dict[str, Any]] = {201: {"description": "Het was er nog niet en is gemaakt."}}
"""The `responses` of a route that makes what it names when it is not there, and changes it when it is."""


def complete(document: dict[str, Any]) -> dict[str, Any]:
    """The document with the problems, headers and kinds of answers that FastAPI cannot know of."""
    components = document.setdefault("components", {})
    components["headers"] = HEADERS
    schemas = components.setdefault("schemas", {})
    for name in NEVER_USED:
        schemas.pop(name, None)
    schemas[PROBLEM] = PROBLEM_SCHEMA
    for path, operations in document.get("paths", {}).items():
        for method, operation in operations.items():
            _complete_operation(path, method, operation)
    add_links(document.get("paths", {}))
    return document


def _complete_operation(path: str, method: str, operation: dict[str, Any]) -> None:
    if method in CHANGING:
        operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
    responses = operation["responses"]
    responses.pop(str(HTTPStatus.UNPROCESSABLE_ENTITY), None)
    for success in (HTTPStatus.CREATED, HTTPStatus.ACCEPTED):
        if begun := responses.get(str(success)):
            begun["headers"] = {**LOCATION}
            begun.setdefault("content", deepcopy(responses.get("200", {}).get("content", {"application/json": {}})))
    if any(each["name"] == "If-None-Match" for each in operation.get("parameters", ())):
        responses.setdefault(str(HTTPStatus.NOT_MODIFIED), {**UNCHANGED})
        responses[str(HTTPStatus.OK)]["headers"] = {**ETAG}
    for response in responses.values():
        for content in response.get("content", {}).values():
            content["schema"] = content.get("schema") or {"type": "object"}
    for status in _problems(path, method, operation):
        responses[str(status)] = {
            "description": TITLES[status],
            "content": {"application/problem+json": {"schema": {"$ref": f"#/components/schemas/{PROBLEM}"}}},
        }
    for response in responses.values():
        always = {**VERSION, **LIMITS} if "security" in operation else VERSION
        response["headers"] = {**response.get("headers", {}), **always}


def _problems(path: str, method: str, operation: dict[str, Any]) -> list[int]:
    """The problems an operation can answer with; what names something may name what is not there."""
    has_body = "requestBody" in operation
    is_named = any(each["in"] == "query" and each.get("required") for each in operation.get("parameters", ()))
    based_on_version = any(each["name"] == "If-Match" for each in operation.get("parameters", ()))
    can_be = {
        400: True,
        401: "security" in operation,
        403: "security" in operation,
        404: "{" in path or has_body or is_named,
        409: method in CHANGING,
        412: based_on_version,
        413: has_body,
        415: has_body,
        429: "security" in operation,
        503: True,
    }
    return [status for status, is_possible in can_be.items() if is_possible]


def add_links(paths: dict[str, Any]) -> None:
    """What made or found something leads to all that can be done with it, by its id: the links of OpenAPI.

    A list or a POST at /things leads to what takes the parameter of /things/{thing} and no other; a PUT there to the same.
    """
    of_one = {path: names[0] for path in paths if len(names := PARAMETER.findall(path)) == 1}
    for path, name in of_one.items():
        collection, _, last = path.rpartition("/")
        if last != f"{{{name}}}":
            continue
        follow = [each for other, its in of_one.items() if its == name for each in paths[other].values()]
        _lead(paths.get(collection, {}).get("post"), follow, name, "$response.body#/id")
        _lead(paths.get(collection, {}).get("get"), follow, name, "$response.body#/items/0/id")
        _lead(paths[path].get("put"), follow, name, f"$request.path.{name}")


def _lead(begin: dict[str, Any] | None, follow: list[dict[str, Any]], name: str, value: str) -> None:
    if begin is None:
        return
    links = {
        each["operationId"]: {"operationId": each["operationId"], "parameters": {name: value}}
        for each in follow
        if each is not begin
    }
    for status, response in begin["responses"].items():
        if status.startswith("2") and links:
            response["links"] = {**links}
