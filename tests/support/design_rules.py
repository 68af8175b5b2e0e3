"""The Dutch API Design Rules that can be read off an OpenAPI document, and those of answers; each by the name the standard gives it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import httpx

METHODS = frozenset({"get", "put", "post", "delete", "patch", "options", "head"})
KEBAB = re.compile(r"(/[a-z0-9]+(-[a-z0-9]+)*|/\{[^}/]+\})+")
CAMEL = re.compile(r"[a-z][a-z\d]*([A-Z][a-z\d]*)*")
PASCAL = re.compile(r"([A-Z][a-z\d]*)+")
SEMVER = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[\w.-]+)?(\+[\w.-]+)?")
IS_DAY = re.compile(r"(^|_)(date|datum|day|on)$")
PROBLEM = "application/problem+json"
SECURITY_HEADERS = ("cache-control", "content-security-policy", "x-content-type-options", "x-frame-options")


def violations(document: Mapping[str, Any]) -> list[str]:
    """Every rule that the document breaks, with where."""
    return [*_about(document), *_operations(document), *_schemas(document)]


def _about(document: Mapping[str, Any]) -> Iterator[str]:
    info = document.get("info", {})
    if not str(document.get("openapi", "")).startswith("3."):
        yield "doc-openapi"
    if not {"name", "email", "url"} <= set(info.get("contact", {})):
        yield "doc-openapi-contact"
    if not SEMVER.fullmatch(str(info.get("version", ""))):
        yield "semver"
    servers = [each["url"] for each in document.get("servers", ())]
    if not servers or not all(re.search(r"/v\d+$", url) for url in servers):
        yield f"uri-version: {servers}"


def _operations(document: Mapping[str, Any]) -> Iterator[str]:
    seen: set[str] = set()
    for path, operations in document.get("paths", {}).items():
        if path.endswith("/"):
            yield f"no-trailing-slash: {path}"
        if not KEBAB.fullmatch(path):
            yield f"path-segments-kebab-case: {path}"
        for method, operation in operations.items():
            where = f"{method} {path}"
            if method not in METHODS:
                yield f"http-methods: {where}"
            if operation.get("operationId") in seen:
                yield f"operation-operationId-unique: {where}"
            seen.add(operation.get("operationId"))
            named = {each["name"] for each in operation.get("parameters", ()) if each["in"] == "path"}
            if named != set(re.findall(r"\{([^}]+)\}", path)):
                yield f"path-params: {where}"
            yield from _parameters_and_answers(where, method, operation)


def _parameters_and_answers(where: str, method: str, operation: Mapping[str, Any]) -> Iterator[str]:
    for each in operation.get("parameters", ()):
        if each["in"] == "query" and not CAMEL.fullmatch(each["name"]):
            yield f"query-keys-camel-case: {where} {each['name']}"
    if (operation.get("parameters") or method in ("put", "post", "patch")) and "400" not in operation["responses"]:
        yield f"invalid-input: {where}"
    for status, response in operation["responses"].items():
        if "API-Version" not in response.get("headers", {}):
            yield f"version-header: {where} {status}"
        if status >= "400" and PROBLEM not in response.get("content", {}):
            yield f"problem-details: {where} {status}"


def _schemas(document: Mapping[str, Any]) -> Iterator[str]:
    schemas = document.get("components", {}).get("schemas", {})
    for name, schema in schemas.items():
        if not PASCAL.fullmatch(name):
            yield f"schema-camel-case: {name}"
        for field, one in schema.get("properties", {}).items():
            formats = {found.get("format") for found in (one, *one.get("anyOf", ()))}
            if IS_DAY.search(field) and not formats & {"date"} and "string" in str(one):
                yield f"date-omit-time-portion: {name}.{field}"
            if formats & {"time", "date-time-local"}:
                yield f"date-time/timezone: {name}.{field}"
    members = {"status", "title", "detail"}
    if not members <= set(schemas.get("Problem", {}).get("properties", {})):
        yield "problem-details: members"


def answer_violations(answer: httpx.Response) -> list[str]:
    """Every rule that an answer breaks."""
    broken = [] if SEMVER.fullmatch(answer.headers.get("api-version", "")) else ["version-header"]
    broken += [f"security-headers: {name}" for name in SECURITY_HEADERS if name not in answer.headers]
    if answer.is_error and answer.headers.get("content-type") != PROBLEM:
        broken.append("problem-details")
    return broken
