"""A student who is erased is named nowhere any more in the notifier's store, nor in what systems are still to be told."""

from services.notifier.domain.alerts import AlertKind
from services.notifier.domain.contacts import Role
from services.notifier.domain.erasing import Written
from services.notifier.domain.notices import Told
from services.notifier.ports import Store
from tests.contract.notifier_store.conftest import Opened
from tests.contract.notifier_store.test_handing import add_system, hand, looked
from tests.support.notifier import an_alert


async def tell(store: Store, student: str, mail: str, contact: str = "c1") -> None:
    alert = an_alert(AlertKind.LOST, student)
    if await store.alert(alert.id) is None:
        await store.save_alert(alert)
    await store.save_told([(Told(alert.id, 1, Role.INSTITUTE_COORDINATOR, contact, mail), "responsible")])


async def test_which_mails_name_a_student_and_which_name_others_too(opened: Opened) -> None:
    async with opened.writing() as store:
        await add_system(store, "w1", "01VU")
        for mail in ("1", "2", "3"):
            await hand(store, mail)
        await tell(store, "s-1", "1")
        await tell(store, "s-1", "2", "c2")
        await tell(store, "s-2", "2")
        await tell(store, "s-2", "3", "c2")
    async with opened.writing() as store:
        assert [(each.id, each.names_others) for each in await store.written_about("s-1")] == [
            ("1", False),
            ("2", True),
        ]


async def test_a_mail_is_rewritten_or_goes_with_what_systems_were_to_be_told(opened: Opened) -> None:
    async with opened.writing() as store:
        await add_system(store, "w1", "01VU")
        for mail in ("1", "2"):
            await hand(store, mail)
            await tell(store, "s-1", mail, f"c{mail}")
        await store.rewrite(Written("2", "tekst", "<p>tekst</p>", "", True))
        await store.erase_mail("1")
        await store.erase_alerts("s-1")
    async with opened.writing() as store:
        assert await store.mail("1") is None
        kept = await store.mail("2")
        assert kept is not None
        assert (kept.text, kept.html) == ("tekst", "<p>tekst</p>")
        assert await store.alerts_of("s-1") == []
        assert await store.told([an_alert(AlertKind.LOST, "s-1").id]) == []
        assert "1" not in await looked(store)
