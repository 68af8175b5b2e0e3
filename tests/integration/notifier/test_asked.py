"""Who is asked something and who did it: what others read of it, and what happens when whoever took it on is gone."""

from datetime import timedelta

import pytest

from services.notifier.domain.contacts import Preferences, Wish
from services.notifier.domain.modes import Mode
from services.notifier.handlers import caring
from services.notifier.handlers.contacts import put_mode
from shared.contracts.placements import MoveCause
from shared.contracts.signals import AtRiskRule
from shared.contracts.vocabulary import SignalLevel
from shared.errors import DomainError
from tests.integration.notifier.test_page_alerts import SAME_SITE, browser
from tests.integration.notifier.test_page_answers import LINK
from tests.support.notifier import INSTITUTE, PEOPLE
from tests.support.notifier_events import at_risk, has_no_place, loses, proposed, reported, withdrawn_report
from tests.support.notifier_story import MONDAY, OPERATOR, VISITOR, Story

COORDINATOR, TRAINER, MANAGER = PEOPLE.coordinator, PEOPLE.trainer, PEOPLE.manager
MORNING = ("8:00", "8:01")


async def test_a_school_that_has_nothing_to_do_reads_it_in_the_morning_and_did_not_fail_to_answer(story: Story) -> None:
    await story.at("9:00", loses("s-1").model_copy(update={"cause": MoveCause.MADE_ROOM}))
    story.want(COORDINATOR, ("9:00", "9:01"), "s-1")
    await story.at("9:00", day=3)
    story.want(TRAINER, MORNING, "U hoeft niets te doen", day=2)
    story.want(VISITOR, MORNING, "stagecoördinator", day=3)
    story.told()
    assert "Ook gevraagd" not in story.to(COORDINATOR)[0].text
    assert [each.split("/")[1] for each in LINK.findall(story.to(TRAINER)[0].text)] == ["afmelden"]
    assert "schoolopleider" not in story.to(VISITOR)[0].text.split("Bel")[0]


async def test_a_school_still_reads_in_the_morning_what_the_institute_took_on_before(story: Story) -> None:
    await story.at("9:00", loses("s-1").model_copy(update={"cause": MoveCause.MADE_ROOM}))
    await story.at("9:10")
    for _ in range(2):
        await story.acknowledges(COORDINATOR, "lost/lost-s-1")
    await story.at("9:00", day=4)
    assert [len(story.to(each)) for each in (COORDINATOR, TRAINER, VISITOR)] == [1, 1, 0]
    assert "De stagecoördinator van opleiding 01VU heeft dit opgepakt" in story.to(TRAINER)[0].text
    async with story.parts.reading() as store:
        held = await store.alert("lost/lost-s-1")
    assert held is not None
    assert held.state == "acknowledged"


async def test_the_others_read_who_took_it_on_and_are_asked_nothing(story: Story) -> None:
    await story.at("9:00", loses("s-1"))
    await story.at("9:10")
    await story.acknowledges(TRAINER, "lost/lost-s-1")
    await story.at("9:00", day=9)
    reminder = story.to(COORDINATOR)[-1].text
    assert "De schoolopleider van Het Baken in Utrecht heeft dit opgepakt, op 7 september" in reminder
    assert "TER INFORMATIE" in reminder
    assert "REGEL" not in reminder.upper()
    assert "heeft dit opgepakt" not in story.to(TRAINER)[-1].text


async def test_what_somebody_took_on_who_has_left_is_told_anew_and_goes_on_to_the_next(story: Story) -> None:
    event = at_risk("s-1", AtRiskRule.UNPLACED_14_DAYS, site=None, level=SignalLevel.CRITICAL)
    await story.at("9:00", event)
    await story.at("9:10")
    await story.acknowledges(COORDINATOR, f"at-risk/{event.signal}")
    await story.people(other := COORDINATOR.__class__("c8", INSTITUTE, COORDINATOR.role, "nieuw@vu.example"))
    await story.leave(COORDINATOR)
    await story.at("9:20")
    story.want(COORDINATOR, ("9:00", "9:01"))
    story.want(COORDINATOR, ("9:10", "9:11"), "bent u daar uit gehaald")
    story.want(other, ("9:10", "9:20"), "Wie dit oppakte, staat niet meer in Leerplek")
    story.told()
    await story.at("9:00", day=4)
    assert story.to(VISITOR)


@pytest.mark.parametrize(("organisation", "who"), [(INSTITUTE, "opleiding 01VU"), (None, "iemand die was aangemeld")])
async def test_who_signed_in_is_not_said_to_be_gone(story: Story, organisation: str | None, who: str) -> None:
    await story.at("9:00", loses("s-1"))
    await story.at("9:10")
    person = "person/01999999-0000-7000-8000-000000000001"
    async with story.parts.writing() as store:
        await caring.acknowledge(store, "lost/lost-s-1", person, story.clock(), organisation)
    async with browser(story) as http:
        page = (await http.get("/meldingen/lost/lost-s-1")).text
    assert f"Opgepakt door {'iemand van ' if organisation else ''}{who}" in page
    assert "niet meer in Leerplek" not in page


async def test_nobody_failed_to_answer_what_was_only_shown_and_the_pages_say_that_it_was(story: Story) -> None:
    async with story.parts.writing() as store:
        await put_mode(store, INSTITUTE, Mode.PREVIEW, None, lambda _version: None)
    await story.at("9:00", has_no_place("s-1"))
    await story.at("9:00", day=3)
    assert "Niemand liet weten" not in story.to(MANAGER)[0].text
    async with browser(story) as http:
        for path in (f"/organisaties/{INSTITUTE}", "/meldingen/unplaced/s-1"):
            assert f"Berichten aan {INSTITUTE} worden alleen getoond" in (await http.get(path)).text
        async with story.parts.writing() as store:
            await put_mode(store, INSTITUTE, Mode.TEST, "proef@vu.example", lambda _version: None)
        page = (await http.get(f"/organisaties/{INSTITUTE}")).text
    assert "gaan naar een testadres" in page
    assert "p…@vu.example" in page


async def test_nothing_is_given_to_the_operator_that_is_not_theirs(story: Story) -> None:
    await story.at("9:00", loses("s-1"))
    await story.at("9:10")
    async with story.parts.writing() as store:
        with pytest.raises(DomainError):
            await caring.hand_over(store, "lost/lost-s-1", COORDINATOR.id, OPERATOR.id, story.clock())
    async with browser(story) as http:
        form = {"actie": "geven", "aan": OPERATOR.id}
        assert (await http.post("/meldingen/lost/lost-s-1", data=form, headers=SAME_SITE)).status_code == 400
    await story.at("9:20")
    assert not story.to(OPERATOR)


async def test_what_was_put_off_until_saturday_comes_back_on_monday(story: Story) -> None:
    await story.at("9:00", loses("s-1"))
    await story.at("9:10")
    await story.snoozes(TRAINER, "lost/lost-s-1", MONDAY + timedelta(days=5))
    await story.at("7:59", day=8)
    assert len(story.to(TRAINER)) == 1
    await story.at("8:02", day=8)
    assert len(story.to(TRAINER)) == 2


async def test_a_mail_tells_what_was_measured_to_help_and_guesses_nothing_else(story: Story) -> None:
    measured = {"levers": ("leadership",)}
    await story.at(
        "9:00",
        has_no_place("s-1"),
        at_risk("s-1", AtRiskRule.UNPLACED_30_DAYS, site=None).model_copy(update=measured),
        has_no_place("s-2"),
    )
    await story.at("9:10")
    mail = story.to(COORDINATOR)[0].text
    assert "uren die de schoolleider vrijmaakt" in mail
    assert mail.count("een duo") == 1, "only of whom nothing was measured"


async def test_a_talk_is_taken_out_of_the_calendar_also_for_who_wants_the_digest_since(story: Story) -> None:
    await story.at("9:00", proposed("s-1"), reported("s-1", "school"))
    await story.at("9:10")
    await story.change(COORDINATOR, preferences=Preferences(Wish.DIGEST))
    await story.at("15:00", withdrawn_report("s-1"))
    await story.at("9:00", day=2)
    mails = [mail for mail in await story.mails() if mail.contact == COORDINATOR.id]
    assert ["METHOD:CANCEL" in mail.invitation for mail in mails if mail.invitation] == [True, False]
