"""Mails that were given up, in the notifier's store in memory."""

from collections.abc import Collection, Sequence

from services.notifier.domain.dead_letters import DeadLetter


class MemoryAlarming:
    """Keeps dead letters in a dictionary of the store."""

    letters: dict[str, DeadLetter]

    async def add_dead_letter(self, letter: DeadLetter) -> None:
        self.letters.setdefault(letter.mail, letter)

    async def dead_letters(self, limit: int) -> Sequence[DeadLetter]:
        return sorted(self.letters.values(), key=lambda each: (each.at, each.mail))[:limit]

    async def save_gone(self, letters: Collection[DeadLetter]) -> None:
        self.letters |= {each.mail: each for each in letters if each.mail in self.letters}

    async def drop_dead_letters(self, mails: Collection[str]) -> None:
        for mail in mails:
            self.letters.pop(mail, None)
