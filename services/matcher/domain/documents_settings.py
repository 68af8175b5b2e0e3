"""Reads the settings of a region from a document."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import TypeVar

from services.matcher.domain.reading import Node, texts
from services.matcher.domain.settings import (
    Costs,
    Duo,
    Fairness,
    Lending,
    Lever,
    Levers,
    Needs,
    Norm,
    Peer,
    RelatedSubject,
    Senior,
    Settings,
    Step,
    Team,
    TrainerSiteHours,
    Travel,
)
from services.matcher.domain.vocabulary import GROUP_ATTRIBUTES

T = TypeVar("T")
LONGEST_MIN = 1440


def count(node: Node) -> int:
    """A whole number of 0 or more."""
    return node.integer()


def support_class(node: Node) -> int:
    """A support class."""
    return node.integer(1, 3)


def needs(node: Node) -> Needs:
    """Quarter hours of each tier."""
    fields = node.fields()
    result = Needs(fields.required("wpb", count), fields.required("so", count), fields.required("io", count))
    fields.close()
    return result


def settings(node: Node) -> Settings:
    """All settings of a region."""
    fields = node.fields()
    result = Settings(
        norms=fields.required("norms", lambda found: found.each(_norm, least=1)),
        seed=fields.optional("seed", count, 1),
        travel=fields.optional("travel", _travel, Travel()),
        related=fields.optional("related", lambda found: found.each(_related), ()),
        min_common_days=fields.optional("min_common_days", lambda found: found.integer(0, 7), 1),
        grace_days=fields.optional("grace_days", count, 14),
        trainer_site_qh=fields.optional("trainer_site_qh", _trainer_site, TrainerSiteHours()),
        fairness=fields.optional("fairness", _fairness, Fairness()),
        costs=fields.optional("costs", _costs, Costs()),
        levers=fields.optional("levers", _levers, Levers()),
    )
    fields.close()
    return result


def _norm(node: Node) -> Norm:
    fields = node.fields()
    result = Norm(
        fields.optional("route", Node.text, "*"),
        fields.optional("phase", Node.text, "*"),
        fields.required("support", support_class),
        Needs(fields.required("wpb", count), fields.required("so", count), fields.required("io", count)),
    )
    fields.close()
    return result


def _travel(node: Node) -> Travel:
    fields, default = node.fields(), Travel()
    result = Travel(
        fields.optional("base_min", lambda found: found.decimal(0, LONGEST_MIN), default.base_min),
        fields.optional("per_km_min", lambda found: found.decimal(0, LONGEST_MIN), default.per_km_min),
        fields.optional("limit_min", count, default.limit_min),
    )
    fields.close()
    return result


def _related(node: Node) -> RelatedSubject:
    fields = node.fields()
    result = RelatedSubject(
        fields.required("student", Node.text), fields.required("place", Node.text), fields.optional("cost", count, 0)
    )
    fields.close()
    return result


def _trainer_site(node: Node) -> TrainerSiteHours:
    fields = node.fields()
    result = TrainerSiteHours(fields.optional("so", count, 2), fields.optional("io", count, 1))
    fields.close()
    return result


def _fairness(node: Node) -> Fairness:
    fields, default = node.fields(), Fairness()
    result = Fairness(
        fields.optional("groups", lambda found: found.each(lambda name: name.word(GROUP_ATTRIBUTES)), default.groups),
        fields.optional("min_size", lambda found: found.integer(1), default.min_size),
        fields.optional("steps", _steps, default.steps),
    )
    fields.close()
    return result


def _steps(node: Node) -> tuple[Step, ...]:
    pairs = node.each(lambda item: _pair(item, lambda first: first.decimal(0, 1)), least=1)
    _never_falling(node, [cost for _, cost in pairs], "prices that never fall")
    _never_falling(node, [upto for upto, _ in pairs], "shares that never fall")
    return tuple(Step(upto, cost) for upto, cost in pairs)


def _pair(node: Node, read_first: Callable[[Node], T]) -> tuple[T, int]:
    items = node.items()
    if len(items) != 2:
        node.refuse("a pair of a limit and a price")
        nothing = Node(0, node.path, [])
        return read_first(nothing), 0
    return read_first(items[0]), items[1].integer()


def _never_falling(node: Node, prices: Sequence[int | Decimal], expected: str) -> None:
    if any(later < earlier for earlier, later in pairwise(prices)):
        node.refuse(expected)


def _travel_prices(node: Node) -> tuple[tuple[int, int], ...]:
    pairs = node.each(lambda item: _pair(item, count))
    _never_falling(node, [minutes for minutes, _ in pairs], "minutes that never fall")
    return pairs


def _counts(node: Node) -> tuple[int, ...]:
    return node.each(count, least=1)


def _load(node: Node) -> tuple[int, ...]:
    prices = _counts(node)
    _never_falling(node, list(prices), "prices that never fall")
    return prices


def _costs(node: Node) -> Costs:
    fields, default = node.fields(), Costs()
    result = Costs(
        unplaced=fields.optional("unplaced", count, default.unplaced),
        break_started=fields.optional("break_started", count, default.break_started),
        break_settled=fields.optional("break_settled", count, default.break_settled),
        drop_proposed=fields.optional("drop_proposed", count, default.drop_proposed),
        move_workplace=fields.optional("move_workplace", count, default.move_workplace),
        move_supervisor=fields.optional("move_supervisor", count, default.move_supervisor),
        travel=fields.optional("travel", _travel_prices, default.travel),
        beyond=fields.optional("beyond", count, default.beyond),
        wish=fields.optional("wish", _counts, default.wish),
        no_wish=fields.optional("no_wish", count, default.no_wish),
        later_set=fields.optional("later_set", count, default.later_set),
        team_member=fields.optional("team_member", count, default.team_member),
        lending=fields.optional("lending", count, default.lending),
        starter=fields.optional("starter", count, default.starter),
        load=fields.optional("load", _load, default.load),
    )
    fields.close()
    return result


def _levers(node: Node) -> Levers:
    fields = node.fields()
    result = Levers(
        duo=fields.optional("duo", _duo, Duo()),
        team=fields.optional("team", _team, Team()),
        peer=fields.optional("peer", _peer, Peer()),
        senior=fields.optional("senior", _senior, Senior()),
        extra=fields.optional("extra", _lever, Lever()),
        lending=fields.optional("lending", _lending, Lending()),
        core_shell=fields.optional("core_shell", _lever, Lever()),
        related=fields.optional("related", _lever, Lever()),
        shifted=fields.optional("shifted", _lever, Lever()),
        shared_io=fields.optional("shared_io", _lever, Lever()),
        starters=fields.optional("starters", _lever, Lever()),
    )
    fields.close()
    return result


def _lever(node: Node) -> Lever:
    fields = node.fields()
    result = Lever(fields.optional("on", Node.flag, False))
    fields.close()
    return result


def _duo(node: Node) -> Duo:
    fields, default = node.fields(), Duo()
    result = Duo(
        fields.optional("on", Node.flag, False),
        fields.optional("factor", lambda found: found.decimal(0, 1), default.factor),
    )
    fields.close()
    return result


def _team(node: Node) -> Team:
    fields = node.fields()
    result = Team(
        fields.optional("on", Node.flag, False),
        fields.optional("max_members", lambda found: found.integer(1), 3),
        fields.optional("min_qh", count, 2),
    )
    fields.close()
    return result


def _peer(node: Node) -> Peer:
    fields = node.fields()
    result = Peer(
        fields.optional("on", Node.flag, False),
        fields.optional("min_group", lambda found: found.integer(1), 4),
        fields.optional("relief_qh", count, 2),
    )
    fields.close()
    return result


def _senior(node: Node) -> Senior:
    fields, default = node.fields(), Senior()
    result = Senior(
        fields.optional("on", Node.flag, False),
        fields.optional("seniors", texts, default.seniors),
        fields.optional("juniors", texts, default.juniors),
        fields.optional("per_senior", count, default.per_senior),
        fields.optional("relief_qh", count, default.relief_qh),
    )
    fields.close()
    return result


def _lending(node: Node) -> Lending:
    fields = node.fields()
    result = Lending(
        fields.optional("on", Node.flag, False),
        fields.optional("max_min", count, 30),
        fields.optional("overhead_qh", count, 1),
    )
    fields.close()
    return result
