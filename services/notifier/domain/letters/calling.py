"""Whom a reader can call, and what organisations and roles are called in a sentence."""

from services.notifier.domain.alerts import AlertKind, Case
from services.notifier.domain.contacts import (
    AT_INSTITUTE,
    AT_SCHOOL,
    ORGANISATION_OF,
    PLATFORM,
    Addressee,
    Contact,
    Role,
    is_board,
    is_part_of,
)
from services.notifier.domain.knowledge import Knowledge
from services.notifier.domain.mentions import Mention, mark
from services.notifier.domain.notices import Notice
from services.notifier.domain.phrases import Phrases
from shared.contracts.placements import MoveCause

NOBODYS = frozenset({AlertKind.PARKED, AlertKind.SILENT})
"""What the operator mends alone."""


class Names:
    """What is known by name, in one language; collects what is said of persons in `mentions`."""

    def __init__(self, phrases: Phrases, knowledge: Knowledge) -> None:
        self.phrases = phrases
        self.knowledge = knowledge
        self.mentions: dict[str, Mention] = {}

    def site(self, site: str) -> str:
        """A school, with its town where that is known."""
        known, naming = self.knowledge.sites.get(site), self.phrases.naming
        if known is None or not known.name:
            return naming.school.format(id=site)
        return naming.school_in.format(name=known.name, town=known.town) if known.town else known.name

    def organisation(self, addressee: Addressee) -> str:
        """The organisation of a role."""
        naming = self.phrases.naming
        if addressee.role in AT_SCHOOL:
            return self.site(addressee.organisation)
        if addressee.role is Role.PROGRAMME_MANAGER:
            return self.region(addressee.organisation)
        return (
            naming.platform
            if addressee.organisation == PLATFORM
            else naming.institute.format(id=addressee.organisation)
        )

    def region(self, region: str) -> str:
        """A region within a sentence."""
        known = self.knowledge.regions.get(region)
        return self.phrases.naming.region(known.name if known and known.name else region)

    def role_of(self, addressee: Addressee) -> str:
        """A role in an organisation."""
        naming = self.phrases.naming
        return naming.role_of.format(role=naming.roles[addressee.role], organisation=self.organisation(addressee))

    def doer(self, by: str, organisation: str | None) -> str:
        """Who did something: a contact by their role; else somebody, of this organisation when that is known."""
        framing, contact = self.phrases.framing, self.knowledge.by_id.get(by)
        if contact is not None:
            return framing.the_role.format(role=self.role_of(Addressee(contact.role, contact.organisation)))
        if not organisation:
            return framing.somebody
        return framing.somebody_of.format(organisation=self._called(organisation))

    def _called(self, organisation: str) -> str:
        """An organisation by its code alone; that of a school as a whole looks like that of an institute, but has sites."""
        naming = self.phrases.naming
        if organisation == PLATFORM:
            return naming.platform
        if is_board(organisation):
            return naming.board.format(id=organisation)
        if any(each != organisation and is_part_of(each, organisation) for each in self.knowledge.sites):
            return naming.school.format(id=organisation)
        role = next(role for role, (pattern, _) in ORGANISATION_OF.items() if pattern.fullmatch(organisation))
        return self.organisation(Addressee(role, organisation))

    def call(self, notice: Notice) -> str:
        """The sentence that says whom to call: a mark, or that nobody is known; empty where there is nobody to call."""
        wanted = other_parties(notice, self.knowledge)
        for addressee in wanted:
            for contact in self._answering(addressee):
                if contact.email.casefold() != notice.contact.email.casefold():
                    self.mentions[contact.id] = Mention(contact.id, self._reach(contact))
                    return mark(contact.id)
        return self.phrases.framing.nobody_to_call.format(role=self.role_of(wanted[0])) if wanted else ""

    def _answering(self, addressee: Addressee) -> list[Contact]:
        """Who answers for a role today: not who is away, but who stands in; where only the address is no good the phone is."""
        reached = [reader for reader, _ in self.knowledge.reachable(addressee)]
        others = (each for each in self.knowledge.with_role(addressee) if each.stopped is not None and each.phone)
        return [*reached, *(each for each in others if not self.knowledge.is_absent(each))]

    def _reach(self, contact: Contact) -> str:
        framing, role = self.phrases.framing, self.role_of(Addressee(contact.role, contact.organisation))
        article = "de " if self.phrases.language == "nl" else "the "
        who = framing.name_and_role.format(name=contact.name, role=role) if contact.name else f"{article}{role}"
        if contact.phone:
            return framing.call.format(who=who, phone=contact.phone)
        return framing.call_by_mail.format(who=who, email=contact.email)


def other_parties(notice: Notice, knowledge: Knowledge) -> list[Addressee]:
    """Those who can do something about it together with the reader, the nearest first."""
    kind, case, role = notice.alert.kind, notice.alert.case, notice.addressee.role
    if kind in NOBODYS:
        return []
    institute = _institute(case)
    region = Addressee(Role.PROGRAMME_MANAGER, case.region)
    if kind is AlertKind.GAP:
        return [each for each in _of_organisation(case) if each.role != case.reason]
    school = _school(kind, case, knowledge)
    if role in AT_INSTITUTE:
        made_room = kind is AlertKind.LOST and case.reason == MoveCause.MADE_ROOM
        return [region, *school, *institute] if made_room else [*school, region, *institute]
    if role in AT_SCHOOL:
        return [*institute, region]
    return [*institute, *school, region] if case.student else [*school, *institute]


def _institute(case: Case) -> list[Addressee]:
    if case.institute:
        return [Addressee(Role.INSTITUTE_COORDINATOR, case.institute)]
    named = case.group if case.reason == "institute" else None
    return [Addressee(Role.INSTITUTE_COORDINATOR, named)] if named else []


def _school(kind: AlertKind, case: Case, knowledge: Knowledge) -> list[Addressee]:
    now = knowledge.site_now(case.student) if case.student else None
    site = now if kind is AlertKind.UNPLACED else case.site or now
    if site is None:
        return []
    trainer, leader = Addressee(Role.SCHOOL_TRAINER, site), Addressee(Role.SCHOOL_LEADER, site)
    return [trainer] if case.student else [leader, trainer]


def _of_organisation(case: Case) -> list[Addressee]:
    """Every role of the organisation in which one has nobody."""
    if case.organisation is None:
        return []
    roles = (
        AT_SCHOOL if case.reason in AT_SCHOOL else AT_INSTITUTE if case.reason in AT_INSTITUTE else frozenset[Role]()
    )
    return [Addressee(role, case.organisation) for role in sorted(roles)]
