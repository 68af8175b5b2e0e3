"""The summary is Dutch, complete, and counts percentiles by nearest rank."""

import io

from shared.contracts.placements import UnplacedReason
from simulator.progress import Screen
from simulator.report import Summary, lines, percentile
from simulator.week import WEEK, Happening, Week
from simulator.words import REASONS, outcome_in_words, students_in_words
from tests.support.capacity import proposed
from tests.support.notifier import unplaced


def test_every_reason_has_words() -> None:
    assert set(REASONS) == set(UnplacedReason)


def test_percentiles_are_measured_values() -> None:
    times = [0.1, 0.2, 0.3, 0.4]
    assert [percentile(times, share) for share in (0.0, 0.5, 0.75, 0.99, 1.0)] == [0.1, 0.2, 0.3, 0.4, 0.4]
    assert percentile([0.7], 0.5) == 0.7


def test_the_summary_names_what_happened() -> None:
    summary = Summary(
        students=100,
        placed=95,
        unplaced={"no-supervisor-hours": 5},
        moved=3,
        losses=4,
        still_lost=1,
        mails={("lost", "sent"): 2, ("unplaced", "failed"): 1},
        happenings=[Happening("intrekking", 0.25), Happening("mismatch gemeld", None)],
    )
    text = "\n".join(lines(summary))

    assert "Niet geplaatst        5 (5,0 %)" in text
    assert "5  begeleiders hebben te weinig uren" in text
    assert "2  plaatsing vervallen (verstuurd)" in text
    assert "1  student zonder plaats (mislukt)" in text
    assert "Verhuisd              3 studenten: een andere werkplek dan in het eerste plan" in text
    assert "Plaats vervallen      4 keer in deze week; 1 student heeft nu nog geen andere plaats" in text
    assert "250 ms (p50), 250 ms (p99), over 1 melding" in text
    assert "1 meldingen" not in text


def test_everything_of_the_week_can_be_played() -> None:
    actions = [action for day in WEEK for action in day]

    assert all(hasattr(Week, f"_{action}") for action in actions)
    assert actions.count("registration") == 6
    assert actions.count("change") == 2


def test_progress_is_told_in_lines_where_there_is_no_terminal() -> None:
    out = io.StringIO()
    screen = Screen(out)
    with screen.track("Plan", 3) as track:
        for done in range(4):
            track.at(done)

    assert out.getvalue().splitlines() == ["Plan: 0 van 3", "Plan: 3 van 3"]


def test_one_is_no_plural() -> None:
    assert [students_in_words(count) for count in (0, 1, 2)] == ["0 studenten", "1 student", "2 studenten"]


def test_what_became_of_students_is_told_for_one_and_for_several() -> None:
    placed, left = proposed(), unplaced("s9")

    assert outcome_in_words([placed]) == "geplaatst"
    assert outcome_in_words([left]) == "geen plaats: begeleiders hebben te weinig uren"
    assert outcome_in_words([placed, placed]) == "2 studenten opnieuw geplaatst"
    assert outcome_in_words([left, left]) == "2 studenten zonder plaats"
    assert outcome_in_words([placed, left, placed]) == "3 studenten: 2 opnieuw geplaatst, 1 zonder plaats"
