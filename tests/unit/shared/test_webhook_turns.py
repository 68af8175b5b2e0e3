"""Whoever has least on its way is sent to next; a receiver that does not answer keeps few places."""

from collections import Counter

from shared.webhooks.turns import PER_RECEIVER, Known, Receiver, places

VU, VU_TOO, HU, OURS = Receiver("w1", "01VU"), Receiver("w2", "01VU"), Receiver("w3", "02HU"), Receiver("w4", None)


def test_one_receiver_gets_its_own_places_and_no_more() -> None:
    assert places([VU], [], Known(), 64) == Counter({"w1": PER_RECEIVER})
    assert places([VU], [VU] * (PER_RECEIVER - 1), Known(), 64) == Counter({"w1": 1})
    assert places([VU], [VU] * PER_RECEIVER, Known(), 64) == Counter()


def test_one_that_did_not_answer_is_tried_with_one_message_at_a_time() -> None:
    known = Known()
    known.learn("w1", is_silent=True)
    assert places([VU, HU], [], known, 64) == Counter({"w1": 1, "w3": PER_RECEIVER})
    known.learn("w1", is_silent=False)
    assert places([VU], [], known, 64) == Counter({"w1": PER_RECEIVER})


def test_few_places_go_round_by_owner_however_many_webhooks_each_has() -> None:
    assert places([VU, VU_TOO, HU], [], Known(), 2) == Counter({"w1": 1, "w3": 1})
    assert places([VU, VU_TOO, HU], [HU], Known(), 1) == Counter({"w1": 1})


def test_where_nothing_is_on_its_way_the_last_turn_that_is_longest_ago_is_first() -> None:
    known = Known()
    for webhook in ("w1", "w3", "w4"):
        known.take_turn(webhook)
    known.take_turn("w1")
    assert places([VU, HU, OURS], [], known, 1) == Counter({"w3": 1})
