"""A token opens what it was made for, until its time is over, and nothing else."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.security.link_tokens import LinkSigner, TokenExpired, TokenRefused

NOW = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=30)
SIGNER = LinkSigner(b"k" * 32)


def test_a_token_says_what_it_was_made_for_until_its_time_is_over() -> None:
    token = SIGNER.sign("unsubscribe", "mail-1", LATER)
    assert SIGNER.read("unsubscribe", token, NOW) == "mail-1"
    assert SIGNER.read("unsubscribe", token, LATER - timedelta(seconds=1)) == "mail-1"
    with pytest.raises(TokenExpired):
        SIGNER.read("unsubscribe", token, LATER)


def test_it_opens_nothing_else_and_another_key_did_not_make_it() -> None:
    token = SIGNER.sign("unsubscribe", "mail-1", LATER)
    with pytest.raises(TokenRefused):
        SIGNER.read("acknowledge", token, NOW)
    with pytest.raises(TokenRefused):
        LinkSigner(b"o" * 32).read("unsubscribe", token, NOW)


def test_the_same_moment_gives_the_same_token_so_that_a_retry_is_the_same_mail() -> None:
    assert SIGNER.sign("a", "b", LATER) == SIGNER.sign("a", "b", LATER + timedelta(microseconds=999))


@settings(deadline=None)
@given(st.text(max_size=80))
def test_whatever_else_is_offered_is_refused(token: str) -> None:
    with pytest.raises(TokenRefused):
        SIGNER.read("unsubscribe", token, NOW)


@settings(deadline=None)
@given(st.integers(min_value=0, max_value=200), st.characters(codec="ascii", categories=["L", "N"]))
def test_a_token_with_one_character_changed_is_refused(place: int, other: str) -> None:
    token = SIGNER.sign("unsubscribe", "mail-1", LATER)
    place %= len(token)
    changed = token[:place] + other + token[place + 1 :]
    if changed != token and place != len(token) - 1:  # the last character has two bits that say nothing
        with pytest.raises(TokenRefused):
            SIGNER.read("unsubscribe", changed, NOW)


def test_a_token_fits_in_a_link_as_it_is() -> None:
    token = SIGNER.sign("unsubscribe", "01999999-0000-7000-8000-000000000001", LATER)
    assert token.replace(".", "").replace("-", "").replace("_", "").isalnum()
    assert len(token) < 160


def test_a_short_signature_is_of_one_purpose_and_subject() -> None:
    signature = SIGNER.short_sign("bounce", "mail-1")
    assert len(signature) == 16
    assert SIGNER.is_short_signature("bounce", "mail-1", signature)
    assert not SIGNER.is_short_signature("bounce", "mail-2", signature)
    assert not SIGNER.is_short_signature("other", "mail-1", signature)
    assert not SIGNER.is_short_signature("bounce", "mail-1", "é" * 16)
