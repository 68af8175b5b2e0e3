"""How the rounds of a day are made."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from services.notifier.domain.rules import Rules
from services.notifier.ports import Store
from services.notifier.ports.posting import Composer

Transaction = Callable[[], AbstractAsyncContextManager[Store]]


@dataclass(frozen=True, slots=True)
class Rounds:
    """How the rounds of a day are made."""

    transaction: Transaction
    composer: Composer
    rules: Rules
