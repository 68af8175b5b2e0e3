"""What is never stored: found wherever it stands, and nothing else is mistaken for it."""

import json
import uuid

import pytest
import uuid_utils
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.vocabulary import DeclineReason
from shared.security.refused import (
    BSN_REFUSED,
    HEALTH_REFUSED,
    forbidden_content,
    holds_bsn,
    is_bsn,
    refused_fields,
)

BSN = "123456782"
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        ({"note": BSN}, "/note"),
        ({"note": int(BSN)}, "/note"),
        ({"note": float(BSN)}, "/note"),
        ({"note": f"student {BSN}."}, "/note"),
        ({"note": "1234.56.782"}, "/note"),
        ({"note": "123 456 782"}, "/note"),
        ({"a": [{"b": BSN}]}, "/a/0/b"),
        ({BSN: 1}, f"/{BSN}"),
        ({"BSN": None}, "/BSN"),
        ({"burger_service_nummer": ""}, "/burger_service_nummer"),
        ([BSN], "/0"),
        (BSN, "/"),
    ],
    ids=str,
)
def test_a_citizen_service_number_is_found_wherever_it_stands(document: object, pointer: str) -> None:
    assert refused_fields(document) == [(pointer, BSN_REFUSED)]
    assert forbidden_content(json.dumps(document).encode()) == "holds burgerservicenummer"


@pytest.mark.parametrize("number", ["123456783", "000000000", "12345678", "1234567820", "12345678a"])
def test_other_numbers_are_no_citizen_service_number(number: str) -> None:
    assert not is_bsn(number)
    assert not holds_bsn(f"x {number} y")


@pytest.mark.parametrize(
    "uuid_with_nine_digits", ["01933f3a-7c11-7d01-9a3e-a123456782bc", "00000000-1234-7000-8000-00123456782a"]
)
def test_digits_in_an_identifier_of_our_own_are_no_citizen_service_number(uuid_with_nine_digits: str) -> None:
    assert refused_fields({"student": uuid_with_nine_digits}) == []
    assert not holds_bsn(f"student/{uuid.UUID(uuid_with_nine_digits)}")


def test_no_fresh_identifier_is_refused() -> None:
    assert not [each for each in (str(uuid_utils.uuid7()) for _ in range(20_000)) if holds_bsn(each)]


@pytest.mark.parametrize("field", ["diagnose", "Diagnosis", "absence_reason", "ziekte", "reason", "reden", "sick"])
@pytest.mark.parametrize("value", ["griep", "", [], {}, 1, ["travel"]], ids=repr)
def test_a_diagnosis_or_a_reason_is_refused_by_its_field_whatever_is_in_it(field: str, value: object) -> None:
    assert refused_fields({"x": {field: value}}) == [(f"/x/{field}", HEALTH_REFUSED)]


def test_a_reason_from_one_of_our_lists_is_no_reason_for_an_absence() -> None:
    assert refused_fields({"reason": str(DeclineReason.TRAVEL)}) == []
    assert refused_fields({"diagnose": str(DeclineReason.TRAVEL)}) == [("/diagnose", HEALTH_REFUSED)]


def test_every_place_is_named_in_the_order_of_the_document() -> None:
    document = {"a": [BSN, 1, {"ziek": 1}], "b": BSN}
    assert refused_fields(document) == [("/a/0", BSN_REFUSED), ("/a/2/ziek", HEALTH_REFUSED), ("/b", BSN_REFUSED)]


@pytest.mark.parametrize("raw", [b"", b"[" * 100_000, b"\xff\xfe", b"{", b"NaN", b'"\\ud800"', b"9" * 5000])
def test_bytes_of_any_kind_are_searched_without_stumbling(raw: bytes) -> None:
    assert forbidden_content(raw) is None


def test_a_value_that_a_later_one_of_the_same_name_hides_is_found_in_the_bytes() -> None:
    assert forbidden_content(f'{{"x": "{BSN}", "x": "ok", "x": 1}}'.encode()) == "holds burgerservicenummer"


def test_a_document_nested_deeper_than_the_stack_is_searched_to_the_bottom() -> None:
    document: object = BSN
    for _ in range(50_000):
        document = [document]
    assert [kind for _, kind in refused_fields(document)] == [BSN_REFUSED]


@pytest.mark.parametrize("text", ["bsn: ja", f"nr {BSN}", "{'reden': 'griep'", "<diagnose/>"])
def test_text_that_is_no_json_is_searched_as_text(text: str) -> None:
    assert forbidden_content(text.encode()) is not None


@given(JSON)
def test_any_document_is_searched_without_stumbling(document: object) -> None:
    for pointer, kind in refused_fields(document):
        assert pointer.startswith("/")
        assert kind in {BSN_REFUSED, HEALTH_REFUSED}
