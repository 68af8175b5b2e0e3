"""A mail failed for good: the operator must hear, and who had to hear by it must hear otherwise."""

from collections.abc import Mapping
from datetime import datetime

from services.notifier.domain.alerts import Alert, Channel
from services.notifier.domain.dead_letters import dead_letter
from services.notifier.domain.delivery import UNDELIVERED, Mail, Outcome, Refused
from services.notifier.domain.life import hasten
from services.notifier.domain.notices import Told
from services.notifier.domain.rules import goes_further
from services.notifier.handlers.contacts import is_refused_again, stop_address
from services.notifier.handlers.untelling import untell_facts
from services.notifier.ports import Store


async def give_up(store: Store, failed: Mail, outcome: Outcome, now: datetime, code: str = "") -> None:
    """All that follows from a mail that failed: where its address is no good, nothing more goes there; `code` is kept as why.

    Otherwise the next role hears at once of what cannot wait, and of the rest that goes on when nobody takes it on; a fact, which
    nobody could take on, goes in the next digest.
    """
    if failed.channel is Channel.PARTING:  # whoever left may have no mailbox there any more; nobody waits for it
        return
    await store.add_dead_letter(dead_letter(failed, now))
    refused = outcome if isinstance(outcome, Refused) else Refused("")
    if refused.stops_address or (refused.is_vague and await is_refused_again(store, failed, now)):
        await stop_address(store, failed, code or _code(refused.reason), now)
    else:
        await _hasten(store, failed, now)
        await untell_facts(store, [failed.id], now)


async def _hasten(store: Store, failed: Mail, now: datetime) -> None:
    """Of what was newest in this mail, and told to nobody else in the same role."""
    told = await store.told_by(failed.id)
    alerts = {each.id: each for each in await store.alerts_in({each.alert for each in told}) if goes_further(each)}
    newest = {(each.alert, each.role) for each in told if _is_newest(each, alerts)}
    others = [
        each for each in await store.told(alerts) if _is_newest(each, alerts) and each.mail not in (None, failed.id)
    ]
    arrives = {mail: await _may_arrive(store, mail) for mail in {each.mail for each in others}}
    heard = {(each.alert, each.role) for each in others if arrives[each.mail]}
    wanted = [alerts[alert] for alert in sorted({alert for alert, _ in newest - heard})]
    after = [hasten(each, now) for each in wanted]
    await store.save_alerts([each for each in after if each not in wanted])


def _is_newest(told: Told, alerts: Mapping[str, Alert]) -> bool:
    """Whether it is the newest news of one of these alerts."""
    return told.alert in alerts and told.revision == alerts[told.alert].revision


async def _may_arrive(store: Store, mail: str | None) -> bool:
    held = await store.mail(mail) if mail is not None else None
    return held is not None and held.state not in UNDELIVERED


def _code(reason: str) -> str:
    """Of a refusal only its code is kept with the contact."""
    return reason.split(maxsplit=1)[0] if reason else "5"
