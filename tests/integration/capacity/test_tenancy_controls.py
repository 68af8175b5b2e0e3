"""The other side of the sweep over what is another's: with the same requests the rightful owner gets through.

A request that is wrong anyway would be refused to everybody, and prove nothing.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.capacity.test_tenancy import BOARDS, SCHOOLS, Tenancy
from tests.support.tenancy_paths import API_BELOW, FORMS_OF, PAGES_OF, SITE_PAGES, body_of, file_with

SCHOOL, BOARD = next(iter(SCHOOLS)), next(iter(BOARDS))
SITE = f"{SCHOOL[-4:]}00"
FOR_THE_BOARD = ("/inzage", "/wissen")
AFTER = {"/begeleiders/{id}/terug": "/begeleiders/{id}/afwezigheid"}
"""Who comes back was away first."""


@pytest.fixture
def machine() -> Iterator[Tenancy]:
    made = Tenancy()
    made.settle()
    yield made
    made.teardown()


def fresh(machine: Tenancy, kind: str) -> str:
    """A thing of the school that nothing was done to."""
    at = ("sites", SITE)
    made: Any = at
    if kind == "workplaces":
        made = machine.offer(SCHOOL, at)
    elif kind == "supervisors":
        made = machine.register(SCHOOL, at)
    elif kind == "placements":
        made = machine.place(at, len(machine.owner["placements"]))
    found: str = made[1]
    return found


def test_the_owner_sees_every_page(machine: Tenancy) -> None:
    for path in SITE_PAGES:
        assert machine.see(SCHOOL, f"/vestigingen/{SITE}{path}").status_code == 200, path
    for kind, paths in PAGES_OF.items():
        thing = fresh(machine, kind)
        for path in paths:
            org = BOARD if path.endswith(FOR_THE_BOARD) else SCHOOL
            assert machine.see(org, f"/vestigingen/{SITE}{path.format(id=thing)}").status_code == 200, path
    for org in (SCHOOL, BOARD):
        assert machine.see(org, f"/besturen/{org.partition('/')[2]}").status_code == 200


@pytest.mark.parametrize("kind", FORMS_OF)
def test_the_owner_gets_through_with_every_form(machine: Tenancy, kind: str) -> None:
    forms = dict(FORMS_OF[kind])
    for path, fields in FORMS_OF[kind]:
        thing = fresh(machine, kind)
        before = [(AFTER[path], forms[AFTER[path]])] if path in AFTER else []
        for address, typed in (*before, (path, fields)):
            org = BOARD if address.endswith(FOR_THE_BOARD) else SCHOOL
            told = {name: each.format(id=thing) for name, each in typed.items()}
            answer = machine.see(org, f"/vestigingen/{SITE}{address.format(id=thing)}", told)
            assert answer.status_code == (200 if address.endswith("/inzage") else 303), (address, answer.text)
    page = machine.see(
        SCHOOL, f"/vestigingen/{SITE}/bestanden/begeleiders", {"doe": "bewaar"}, file_with(SITE[:4], SITE)
    )
    assert "1 nieuw" in page.text


@pytest.mark.parametrize("kind", API_BELOW)
def test_the_owner_gets_through_with_every_request(machine: Tenancy, kind: str) -> None:
    thing = fresh(machine, kind)
    if body := body_of(kind, SITE, SCHOOLS[SCHOOL]):
        assert machine.ask(SCHOOL, "PUT", f"{kind}/{thing}", json=body).status_code == 200
        assert machine.ask(SCHOOL, "GET", f"{kind}/{thing}").status_code == 200
    for method, below, sent in API_BELOW[kind]:
        org = "operator" if below == "board" else SCHOOL
        answer = machine.ask(org, method, f"{kind}/{thing}/{below}", json=sent)
        assert answer.status_code in (200, 201), (method, below, answer.text)
    if kind in ("supervisors", "workplaces"):
        machine.send_known(SCHOOL, (kind, thing))
        for what in ("csv", "json"):
            asked = {"region": "NL-T01", "site": SITE}
            listed = machine.ask(
                SCHOOL, "GET", f"{kind.removesuffix('s')}-files" if what == "csv" else kind, params=asked
            )
            assert thing in listed.text
