"""Whose address is changed, or who is taken out of Leerplek, hears so at the address that they had: once, and then it is forgotten."""

from dataclasses import replace
from email import message_from_bytes, policy

import pytest
from sqlmodel import col, select

from services.notifier.adapters.message import Letterhead, build_message
from services.notifier.adapters.tables import ContactKeyRow, DeadLetterRow, MailRow
from services.notifier.domain.alerts import Channel
from services.notifier.domain.bounces import Bounce
from services.notifier.domain.contacts import Contact, Language, Preferences
from services.notifier.domain.delivery import Mail, MailState
from services.notifier.domain.modes import Mode, Modes, ModeSetting
from services.notifier.handlers.bouncing import Returns, take_bounce
from services.notifier.handlers.contacts import put_mode
from services.notifier.handlers.writing import in_mode
from shared.persistence.tables import AuditRow
from tests.support.notifier import INSTITUTE, PEOPLE, site_changed
from tests.support.notifier_story import Story

TRAINER = replace(PEOPLE.trainer, email="bo@school.example")
ELSEWHERE = replace(TRAINER, email="bo.nieuw@school.example")


@pytest.fixture
async def trained(story: Story) -> Story:
    await story.people(*PEOPLE.all(), TRAINER)
    await story.at("9:00", site_changed())
    return story


def partings(story: Story, contact: Contact) -> list[str]:
    return [f"{mail.subject} | {mail.text}" for mail in story.to(contact)]


async def parting_of(story: Story) -> Mail:
    (found,) = [each for each in await story.mails() if each.channel is Channel.PARTING]
    return found


async def test_who_gets_another_address_hears_so_at_the_old_one_once(trained: Story) -> None:
    for _ in range(2):
        await trained.change(TRAINER, email=ELSEWHERE.email)
    await trained.change(TRAINER, name="Bo Wit")
    await trained.change(TRAINER, email="BO.nieuw@school.example")
    await trained.at("9:01")
    (told,) = partings(trained, TRAINER)
    assert told.startswith("Uw adres in Leerplek is gewijzigd | ")
    for words in ("als schoolopleider van Het Baken in Utrecht", "7 september 2026", "Klopt dit niet?"):
        assert words in told
    assert "antwoord/" not in told
    assert "afmelden/" not in told
    assert "bo.nieuw" not in told
    assert partings(trained, ELSEWHERE) == []


async def test_who_is_taken_out_hears_so_and_nothing_of_the_address_is_kept(trained: Story) -> None:
    await trained.leave(TRAINER)
    (told,) = partings(trained, TRAINER)
    assert told.startswith("U bent in Leerplek uit een rol gehaald | ")
    sent = await parting_of(trained)
    assert (sent.state, sent.email, sent.name) == (MailState.SENT, "", None)
    async with trained.parts.runtime.database.reading() as tx:
        keys = set(await tx.exec(select(ContactKeyRow.contact)))
        acts = (await tx.exec(select(AuditRow.action).where(AuditRow.aggregate == f"contact/{TRAINER.id}"))).all()
    assert not keys & {TRAINER.id, sent.id}
    assert acts[-2:] == ["contact.old-address-told", "contact.deleted"]


async def test_it_is_of_no_list_and_in_the_language_of_its_reader(trained: Story) -> None:
    english = replace(ELSEWHERE, preferences=Preferences(language=Language.ENGLISH))
    await trained.people(english)
    await trained.at("9:01")
    await trained.leave(english)
    mail = await parting_of(trained)
    assert mail.subject == "You were taken out of a role in Leerplek"
    settings = trained.parts.settings
    message = message_from_bytes(
        build_message(mail, Letterhead(settings.sender(), trained.parts.links)), policy=policy.SMTP
    )
    assert [name for name in message if name.startswith("List-")] == []
    assert message["Content-Language"] == "en"
    assert message["Auto-Submitted"] == "auto-generated"


async def test_a_mailbox_that_is_gone_troubles_nobody(trained: Story) -> None:
    await trained.leave(TRAINER)
    await trained.at("9:01")
    sent = await parting_of(trained)
    returns = Returns(trained.parts.policy, lambda: 0.5)
    async with trained.parts.writing() as store:
        await take_bounce(store, sent.id, Bounce("5.1.1", has_given_up=True), trained.clock.now, returns)
    async with trained.parts.runtime.database.reading() as tx:
        assert (await tx.exec(select(DeadLetterRow))).all() == []
        states = await tx.exec(select(MailRow.state).where(col(MailRow.id) == sent.id))
        assert list(states) == [MailState.FAILED]


@pytest.mark.parametrize(("mode", "address"), [(Mode.PREVIEW, None), (Mode.TEST, "proef@vu.example")])
async def test_where_nothing_is_sent_to_people_this_is_not_either(
    trained: Story, mode: Mode, address: str | None
) -> None:
    async with trained.parts.writing() as store:
        await put_mode(store, INSTITUTE, mode, address, lambda _version: None)
    await trained.change(PEOPLE.coordinator, email="ander@vu.example")
    await trained.at("9:01")
    assert partings(trained, PEOPLE.coordinator) == []
    assert [each.to for each in trained.seen] == ([address] if address else [])


async def test_where_a_system_is_told_all_else_the_old_address_is_mailed(trained: Story) -> None:
    async with trained.parts.writing() as store:
        await store.save_mode(ModeSetting(INSTITUTE, Mode.WEBHOOK))
    await trained.change(PEOPLE.coordinator, email="ander@vu.example")
    await trained.at("9:01")
    (told,) = partings(trained, PEOPLE.coordinator)
    assert told.startswith("Uw adres in Leerplek is gewijzigd | ")
    mail = replace(await parting_of(trained), organisation=INSTITUTE, state=MailState.WAITING)
    assert in_mode(mail, Modes({INSTITUTE: ModeSetting(INSTITUTE, Mode.WEBHOOK)})) == mail, "not as a fall-back"


async def test_an_address_that_takes_no_mail_is_not_written_to(trained: Story) -> None:
    async with trained.parts.writing() as store:
        await store.save_contact(replace(TRAINER, stopped="5.1.1", version=2))
    await trained.change(TRAINER, email=ELSEWHERE.email)
    await trained.at("9:01")
    assert trained.seen == []
