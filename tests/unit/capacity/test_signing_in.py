"""The rules of signing in: claims that make somebody something, who gives what to whom, and how long a session lasts."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.capacity.domain.claims import DEFAULT, ClaimMapping, ClaimRule, identity_of, read_mapping
from services.capacity.domain.people import check_may_give, check_not_own_address
from services.capacity.domain.sessions import Lifetime, Session, device_of, masked_address
from shared.errors import DomainError, Forbidden, Misconfigured
from shared.security.roles import MAY, PersonRole, Position, position_of
from tests.support.capacity import NOW, site

WHO = {"iss": "https://idp.example", "sub": "u1"}
TRAINER = Position(PersonRole.SCHOOL_TRAINER, "01AB")


def rule(role: str, org: str = "", **when: str) -> ClaimRule:
    return ClaimRule(role=PersonRole(role), org=org, when={name: re.compile(text) for name, text in when.items()})


@pytest.mark.parametrize("name", ["school-trainer/01AB", "school-trainer/01AB03", "board/41234", "programme-manager/NL-R07",
                                  "institute-coordinator/01VU", "operator"])  # fmt: skip
def test_a_position_is_read_as_it_was_written(name: str) -> None:
    assert position_of(name).name == name


@given(st.text(max_size=20))
def test_whatever_else_is_no_position(name: str) -> None:
    try:
        assert position_of(name).name == name
    except DomainError:
        return


def test_only_the_operator_may_all_and_each_role_only_what_its_pages_need() -> None:
    assert MAY[PersonRole.OPERATOR] == set().union(*MAY.values())
    assert MAY[PersonRole.INSTITUTE_COORDINATOR] == {
        "alert:read", "alert:write", "registration:read", "registration:write", "access:give", "contact:write",
    }  # fmt: skip
    assert {each for each in MAY[PersonRole.BOARD] if each.endswith(":write")} == {"contact:write"}


def test_a_claim_of_ours_needs_no_rules() -> None:
    claims = {**WHO, "leerplek": ["board/41234", "school-trainer/01AB", "onzin", 7]}
    assert identity_of(claims, DEFAULT).positions == (Position(PersonRole.BOARD, "41234"), TRAINER)


def test_all_conditions_of_a_rule_must_hold_and_each_fits_as_a_whole() -> None:
    mapping = ClaimMapping(rules=(rule("school-trainer", "{brin}", brin=r"(?P<brin>\d{2}[A-Z]{2})", kind="employee"),))
    assert identity_of({**WHO, "brin": "01AB", "kind": ["member", "employee"]}, mapping).positions == (TRAINER,)
    for claims in (
        {},
        {"brin": "01AB"},
        {"brin": "01AB", "kind": "student"},
        {"brin": "x01AB", "kind": "employee"},
        {"brin": "01AB\n", "kind": "employee"},
        {"brin": "01AB", "kind": "employees"},
        {"brin": {"x": "01AB"}, "kind": "employee"},
        {"brin": "01AB" + " " * 400, "kind": "employee"},
    ):
        with pytest.raises(Forbidden):
            identity_of({**WHO, **claims}, mapping)


def test_an_organisation_that_is_none_makes_nobody_anything() -> None:
    mapping = ClaimMapping(
        rules=(rule("school-trainer", "{brin}", brin="(?P<brin>.*)"), rule("operator", group="beheer"))
    )
    found = identity_of({**WHO, "brin": "operator", "group": "beheer"}, mapping)
    assert found.positions == (Position(PersonRole.OPERATOR),)


@pytest.mark.parametrize(
    "document",
    [" ", "[]", "{}", '{"rules": []}', '{"rules": [{"role": "koning", "when": {"a": "b"}}]}',
     '{"rules": [{"role": "board", "org": "{x}", "when": {"a": "b"}}]}', '{"rules": [{"role": "operator", "when": {}}]}',
     '{"rules": [{"role": "operator", "when": {"a": "("}}]}', '{"rules": [{"role": "operator", "wen": {"a": "b"}}]}'],
)  # fmt: skip
def test_rules_that_cannot_be_meant_are_refused_at_the_start(document: str, tmp_path: Path) -> None:
    path = tmp_path / "rules.json"
    path.write_text(document)
    with pytest.raises(Misconfigured):
        read_mapping(path)


def test_the_examples_in_the_manual_are_rules(tmp_path: Path) -> None:
    manual = Path(__file__).parents[3] / "docs" / "aanmelden.md"
    blocks = re.findall(r"```json\n(.*?)```", manual.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) >= 2
    for block in blocks:
        path = tmp_path / "rules.json"
        path.write_text(block)
        assert read_mapping(path).rules
        json.loads(block)


def test_a_board_gives_only_what_is_all_its_own() -> None:
    own = [site("01AB00"), site("01AB01")]
    board = Position(PersonRole.BOARD, "41234")
    check_may_give(board, TRAINER, (own, ()), own)
    with pytest.raises(Forbidden):  # a school of which another board has a site
        check_may_give(board, TRAINER, (own, ()), [*own, site("01AB02")])
    with pytest.raises(Forbidden):
        check_may_give(TRAINER, TRAINER, (own, ()), own)


def test_a_session_is_over_after_a_pause_or_at_its_longest() -> None:
    lifetime = Lifetime(timedelta(hours=8), timedelta(days=7))
    session = Session("h", "p", TRAINER, NOW, NOW + timedelta(days=6), "Firefox op Windows")
    assert not lifetime.is_over(session, NOW + timedelta(days=6, hours=8))
    assert lifetime.is_over(session, NOW + timedelta(days=6, hours=8, seconds=1))
    assert lifetime.is_over(session, NOW + timedelta(days=7, seconds=1))


def test_a_device_is_named_and_an_address_hinted_at() -> None:
    agent = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36"
    assert device_of(agent) == "Chrome op Android"
    assert device_of("") == "Browser op onbekend apparaat"
    assert masked_address("els.vos@school.example") == "e***@school.example"
    assert masked_address("") == ""


@pytest.mark.parametrize(
    ("own", "wanted", "is_own"),
    [
        ("kim@regio.example", "kim@regio.example", True),
        ("kim@regio.example", "Kim+school@Regio.example", True),
        ("kim@regio.example", "kim@school.example", False),
        ("kim@regio.example", "kimberley@regio.example", False),
        ("", "kim@regio.example", False),
    ],
)
def test_nobody_gives_a_role_to_their_own_address(own: str, wanted: str, is_own: bool) -> None:
    if is_own:
        with pytest.raises(Forbidden):
            check_not_own_address(own, wanted)
    else:
        check_not_own_address(own, wanted)


def test_a_region_lets_nobody_in_at_a_school_of_which_one_site_has_a_board() -> None:
    manager = Position(PersonRole.PROGRAMME_MANAGER, "NL-T01")
    governed, free = replace(site("01AB00"), board="41234"), site("01AB01")
    own = [governed, free]
    check_may_give(manager, Position(PersonRole.SCHOOL_TRAINER, "01AB01"), (own, ()), [free])
    for org in ("01AB", "01AB00"):
        with pytest.raises(Forbidden, match="heeft een bestuur"):
            check_may_give(manager, Position(PersonRole.SCHOOL_TRAINER, org), (own, ()), own)
