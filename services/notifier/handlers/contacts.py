"""Commands on contacts."""

from dataclasses import replace

from services.notifier.domain.contacts import Contact, check_contact, check_new_id
from services.notifier.handlers.cancelling import cancel_mails
from services.notifier.ports import ContactStore, Store
from shared.errors import BasedOn, NotFound


async def put_contact(store: ContactStore, contact: Contact, based_on: BasedOn) -> tuple[Contact, bool]:
    """Creates or replaces a contact; True when it is new. The same content again changes nothing; a new id must be a UUID."""
    check_contact(contact)
    held = await store.contact(contact.id)
    if held is None:
        check_new_id(contact.id)
        await store.save_contact(contact)
        return contact, True
    based_on(held.version)
    if replace(contact, version=held.version) == held:
        return held, False
    changed = replace(contact, version=held.version + 1)
    await store.save_contact(changed)
    return changed, False


async def find_contact(store: ContactStore, contact: str) -> Contact:
    """A contact; raises NotFound."""
    held = await store.contact(contact)
    if held is None:
        raise NotFound("onbekend-contact", "Dit contact kennen we niet.")
    return held


async def delete_contact(store: Store, contact: str, based_on: BasedOn) -> None:
    """Erases a contact; what was written to them and waits is cancelled, and told to whoever has the role."""
    held = await find_contact(store, contact)
    based_on(held.version)
    await cancel_mails(store, await store.waiting_mails(contact))
    await store.delete_contact(held)
