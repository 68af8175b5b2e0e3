"""Every answer of an API is held against its OpenAPI document while a test speaks to it."""

import json
import re
from functools import cache
from typing import Any

import httpx
from fastapi import FastAPI
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]


class FitsDocument:
    """A hook for a client: what an API answers with 2xx in JSON has the form that its document announces."""

    def __init__(self, api: FastAPI) -> None:
        self._document = api.openapi()
        self._routes = [
            (method.upper(), re.compile("/v1" + re.sub(r"\{[^}]+\}", "[^/]+", path)), operation["responses"])
            for path, operations in self._document["paths"].items()
            for method, operation in operations.items()
        ]
        self._validator = cache(self._validator_of)

    async def __call__(self, answer: httpx.Response) -> None:
        """Raises AssertionError for an answer of another form; what is no JSON of a route passes."""
        if not answer.is_success or answer.headers.get("content-type") != "application/json":
            return
        asked = answer.request.method, answer.request.url.path
        for method, path, responses in self._routes:
            if method == asked[0] and path.fullmatch(asked[1]):
                schema = responses[str(answer.status_code)]["content"]["application/json"]["schema"]
                await answer.aread()
                problems = [each.message for each in self._validator(json.dumps(schema)).iter_errors(answer.json())]
                assert not problems, (asked, problems[:3])
                return

    def _validator_of(self, schema: str) -> Any:
        return Draft202012Validator({**json.loads(schema), "components": self._document["components"]})
