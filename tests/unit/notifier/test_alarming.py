"""The operator hears of every mail that was given up, by every road, also when a road is closed for a while."""

from collections.abc import Sequence
from email.headerregistry import Address
from pathlib import Path

from services.notifier.adapters.alarms import IN_FULL, FileRoad, MailRoad
from services.notifier.adapters.smtp import SmtpServer
from services.notifier.domain.dead_letters import DeadLetter, dead_letter
from services.notifier.handlers.alarming import Alarmed, sound_alarm
from shared.errors import TransientError
from tests.integration.notifier.smtp_server import MailServer
from tests.support.notifier import NOW, a_mail
from tests.support.notifier_memory import MemoryStore


class Way:
    """A road that is closed so many times before it opens."""

    def __init__(self, name: str, closed: int = 0) -> None:
        self.name = name
        self.closed = closed
        self.told: list[str] = []

    async def tell(self, letters: Sequence[DeadLetter]) -> None:
        if self.closed:
            self.closed -= 1
            raise TransientError("closed")
        self.told += [letter.mail for letter in letters]


async def _given_up(*mails: str) -> MemoryStore:
    store = MemoryStore()
    for mail in mails:
        await store.add_dead_letter(dead_letter(a_mail(id=mail, reason="554 no"), NOW))
    return store


async def test_a_closed_road_keeps_no_other_and_is_tried_until_it_opens() -> None:
    store = await _given_up("m1", "m2")
    first, second = Way("a", closed=2), Way("b")
    assert await sound_alarm(store.writing, [first, second]) == Alarmed(0, 2)
    assert (first.told, second.told) == ([], ["m1", "m2"])
    assert await sound_alarm(store.writing, [first, second]) == Alarmed(0, 2)
    assert await sound_alarm(store.writing, [first, second]) == Alarmed(2, 0)
    assert (first.told, second.told) == (["m1", "m2"], ["m1", "m2"])
    assert await sound_alarm(store.writing, [first, second]) == Alarmed(0, 0)


async def test_a_flood_is_one_mail_to_the_operator_and_a_line_each_in_the_file(tmp_path: Path) -> None:
    letters = [dead_letter(a_mail(id=f"m{number}", reason="554 no"), NOW) for number in range(IN_FULL + 7)]
    server, file = MailServer(), tmp_path / "alarms.jsonl"
    await server.start()
    try:
        way = SmtpServer("127.0.0.1", server.port, "none", "", "", 5)
        await MailRoad(way, Address("Leerplek", "a", "b.example"), "beheer@leerplek.example").tell(letters)
        await FileRoad(file).tell(letters)
    finally:
        await server.stop()
    (message,) = server.taken
    text = message.get_content()
    assert "mail: m0" in text
    assert "En 7 andere, per soort:\nunplaced: 7" in text.replace("\r\n", "\n")
    assert a_mail().email not in text
    assert len(file.read_text().splitlines()) == IN_FULL + 7
