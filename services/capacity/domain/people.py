"""People who sign in: who they are, what they are of which organisation, and who may give that to whom."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.capacity.domain.sites import SchoolSite
from shared.errors import Forbidden
from shared.security.roles import PersonRole, Position

NOT_ONESELF = "Dit is uw eigen adres. Een rol krijgt u van een ander. Zo weet iedereen wie wat mag, en van wie."
OF_A_BOARD = "Deze school heeft een bestuur. Laat dat bestuur deze persoon uitnodigen."
BY_THE_BOARD = "Een bestuur nodigt zijn eigen mensen uit. De eerste persoon van een bestuur nodigt de beheerder uit."
NOT_YOURS = "U geeft alleen toegang aan mensen van uw eigen organisatie. Kijk de rol en de organisatie na."


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may sign in; `id` is a pseudonym that stands for nobody once they are erased."""

    id: str
    name: str
    email: str
    positions: tuple[Position, ...]
    is_from_provider: bool = False
    seen_at: datetime | None = None

    @property
    def called(self) -> str:
        """What pages call them."""
        return self.name or self.email or "Zonder naam"


def reach(giver: Position, sites: Collection[SchoolSite], institutes: Collection[str]) -> frozenset[Position]:
    """What somebody may give and take of their own organisation, whose `sites` and `institutes` these are; not for an operator.

    A region sees no names of a school's people, so it lets nobody in at a school that has a board to do that, and, since it says which
    board that is, nobody in at a board either.
    """
    is_region = giver.role is PersonRole.PROGRAMME_MANAGER
    governed = {each.site.id[:4] for each in sites if each.board} if is_region else set[str]()
    codes = {each.site.id for each in sites if not (is_region and each.board)}
    schools = codes | ({each[:4] for each in codes} - governed)
    found = {Position(PersonRole.SCHOOL_TRAINER, each) for each in schools}
    if is_region:
        found |= {Position(PersonRole.INSTITUTE_COORDINATOR, each) for each in institutes}
    return frozenset({giver, *found})


def check_may_give(
    giver: Position,
    wanted: Position,
    own: tuple[Collection[SchoolSite], Collection[str]],
    theirs: Sequence[SchoolSite],
) -> None:
    """Raises Forbidden unless all that the wanted position lets see is the giver's own; `theirs` are the sites that it is about."""
    if giver.role is PersonRole.OPERATOR:
        return
    sites, institutes = own
    mine = {each.site.id for each in sites}
    is_all_mine = wanted == giver or all(each.site.id in mine for each in theirs)
    if giver.role not in GIVERS or wanted not in reach(giver, sites, institutes) or not is_all_mine:
        is_left_to_board = giver.role is PersonRole.PROGRAMME_MANAGER and any(
            each.site.id in mine and each.board for each in theirs
        )
        if giver.role is PersonRole.PROGRAMME_MANAGER and wanted.role is PersonRole.BOARD:
            raise Forbidden("niet-van-uw-organisatie", BY_THE_BOARD)
        raise Forbidden("niet-van-uw-organisatie", OF_A_BOARD if is_left_to_board else NOT_YOURS)


def check_not_own_address(own: str, wanted: str) -> None:
    """Raises Forbidden when the wanted address is the giver's `own` (empty: not known), also with a +tag: nobody gives themselves a role."""
    if own and _mailbox(own) == _mailbox(wanted):
        raise Forbidden("eigen-toegang", NOT_ONESELF, pointer="/email")


def _mailbox(email: str) -> str:
    local, _, domain = email.casefold().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


GIVERS: dict[PersonRole, tuple[PersonRole, ...]] = {
    PersonRole.BOARD: (PersonRole.SCHOOL_TRAINER, PersonRole.BOARD),
    PersonRole.PROGRAMME_MANAGER: (
        PersonRole.SCHOOL_TRAINER,
        PersonRole.INSTITUTE_COORDINATOR,
        PersonRole.PROGRAMME_MANAGER,
    ),
    PersonRole.INSTITUTE_COORDINATOR: (PersonRole.INSTITUTE_COORDINATOR,),
    PersonRole.OPERATOR: tuple(PersonRole),
}
"""Who gives which roles."""
