"""The other side of the sweep over what is another's: with the same requests the rightful owner gets through.

A request that is wrong anyway would be refused to everybody, and prove nothing.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from services.intake.entrypoints.pages.access import RULES
from tests.integration.intake.test_tenancy import BELOW, INSTITUTES, Tenancy
from tests.support.intake import NEEDS

ORG = INSTITUTES[0]
BELOW_OF = {
    "webhooks": {"/secret", "/deliveries", "/rotation", "/ping"},
    "imports": {"/rows", "/errors"},
    "registrations": {"/export", "/erasure"},
    "placements": {"/decision"},
}
"""What stands below a thing of which kind; what was erased comes last."""


@pytest.fixture
def machine() -> Iterator[Tenancy]:
    made = Tenancy()
    made.settle()
    yield made
    made.teardown()


def fresh(machine: Tenancy) -> str:
    """A student with a proposed place and a mismatch, to whom nothing was done."""
    student: Any = machine.register(ORG, ORG, 100 + len(machine.owner["registrations"]), None)
    machine.report(ORG, student)
    machine.place(ORG, student[1])
    found: str = student[1]
    return found


@pytest.mark.parametrize(("method", "path"), RULES)
def test_the_owner_gets_through_on_every_page_and_with_every_form(machine: Tenancy, method: str, path: str) -> None:
    thing = next(iter(machine.owner["imports"])) if "{file}" in path else fresh(machine)
    answer = machine.see(ORG, method, *machine.address(path, ORG, thing))
    goes_on = (method == "POST" and not path.endswith("/zoek")) or path == "/"
    assert answer.status_code == (303 if goes_on or path.endswith("/nieuw") else 200), answer.text


@pytest.mark.parametrize("kind", [*BELOW_OF, "mismatches"])
def test_the_owner_gets_through_with_every_request(machine: Tenancy, kind: str) -> None:
    if kind in ("registrations", "placements"):
        thing = fresh(machine)
    else:
        thing = next(each for each, owner in machine.owner[kind].items() if owner == ORG)
    assert machine.ask(ORG, "GET", f"{kind}/{thing}").status_code == 200
    body = {"webhooks": {"url": "https://opleiding.example/"}, "registrations": {**NEEDS, "institute": ORG}}.get(kind)
    if body is not None:
        assert machine.ask(ORG, "PUT", f"{kind}/{thing}", json=body).status_code == 200
    if kind == "registrations":  # who is erased was withdrawn first
        assert machine.ask(ORG, "DELETE", f"{kind}/{thing}").status_code == 200
    for method, place, below in BELOW:
        if below in BELOW_OF.get(kind, ()) and place in ("", kind):
            sent = {"decision": "confirm"} if method == "POST" else None
            answer = machine.ask(ORG, method, f"{kind}/{thing}{below}", json=sent)
            assert answer.status_code in (200, 201, 202, 204), (below, answer.text)
    if kind in ("webhooks", "mismatches"):
        assert machine.ask(ORG, "DELETE", f"{kind}/{thing}").status_code in (200, 204)
