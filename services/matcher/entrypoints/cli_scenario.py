"""`leerplek scenario`: changes on a copy of a region, before and after from five sides."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from services.matcher.adapters.solver.portfolio import AnytimeLimits
from services.matcher.domain.five_sides import Sides, five_sides
from services.matcher.domain.plan import Certificate
from services.matcher.domain.region import Region
from services.matcher.domain.scenarios import scenario_from_document
from services.matcher.domain.scenarios_applied import apply
from services.matcher.entrypoints import cli_files, cli_watch
from services.matcher.entrypoints.charts import Pair, pairs_svg
from services.matcher.entrypoints.cli_charts import check_charts, tell_charts, write_charts
from services.matcher.entrypoints.cli_output import print_json, print_table, say
from services.matcher.entrypoints.cli_words import PARTS, certificate_text, number_text, percent_text, signed_text

SIDES = {
    "pupils": "leerlingen",
    "student_teachers": "studenten",
    "organisability": "organiseerbaarheid",
    "affordability": "betaalbaarheid",
    "quality": "kwaliteit",
}
FIGURES = {
    "with_experienced_teacher": "begeleid door een ervaren leraar",
    "at_own_subject": "bij het eigen vak",
    "with_full_hours": "met alle uren van de norm",
    "most_students_at_one_site": "meeste studenten op één school",
    "students": "studenten",
    "placed": "geplaatst",
    "unplaced": "niet geplaatst",
    "unplaced_share": "aandeel niet geplaatst",
    "travel_median_min": "reistijd, middelste (minuten)",
    "travel_p90_min": "reistijd, 1 op de 10 langer dan (minuten)",
    "wish_met": "op een gewenste school",
    "largest_fairness_gap": "grootste achterstand van een groep",
    "moved": "verhuisd",
    "lost": "plek kwijt",
    "promises_broken": "afspraken verbroken",
    "sites_in_use": "scholen in gebruik",
    "people_who_guide": "mensen die begeleiden",
    "special_arrangements": "bijzondere afspraken (team, duo, groep, uitgeleend)",
    "in_a_later_period": "in een andere periode dan gevraagd",
    "hours_a_week_available": "uren beschikbaar, alle perioden samen",
    "hours_a_week_used": "uren gebruikt, alle perioden samen",
    "share_of_hours_used": "deel van de uren gebruikt",
    "hours_a_week_lost_to_many_sites": "vaste uren van opleiders per school",
    "euro_a_year": "kosten van begeleiding (euro per jaar)",
    "euro_a_year_per_student": "kosten per student (euro per jaar)",
    "subsidy_a_year": "subsidie (euro per jaar)",
    "hours_given_of_norm": "uren die de werkplekbegeleiders geven, van de norm",
    "support_2_and_3_with_full_hours": "met extra ondersteuning en alle uren",
    "guided_by_one_person": "één vaste werkplekbegeleider",
    "guided_by_starter": "begeleid door een starter",
    "at_a_school_of_their_supervisor": "op een school van de eigen begeleider",
}

WHY = {
    "pupils": "wie er naast de student voor de klas staat, voor welk vak, en of daar alle uren voor zijn",
    "student_teachers": "een plek hebben, dichtbij en gewenst, en geen groep die vaker achterblijft",
    "organisability": "wat er tegenover vandaag verandert, en met hoeveel mensen, scholen en afspraken het moet",
    "affordability": "of de uren er zijn, wat spreiding kost, en de kosten tegenover de subsidie",
    "quality": "alle uren van de norm, ook voor wie meer nodig heeft, van een vaste en ervaren begeleider dichtbij",
}
"""Why the figures of a side stand for it; figure by figure it is told in docs/region-file.md."""


def scenario(files: tuple[Path, Path], charts: Sequence[Path], limits: AnytimeLimits, *, as_json: bool) -> None:
    """Solve the region as it is and as it would be, and print both; raises FileProblem."""
    region = cli_files.read_region(files[0])
    wanted = cli_files.read_with(files[1], lambda document: scenario_from_document(document, region))
    check_charts(charts)
    changed = apply(wanted, region)
    with cli_watch.shown() as show:
        before = cli_watch.solve_watched(region, limits, show)
        after = cli_watch.solve_watched(changed, _as_long(before, limits), show)
    was, becomes = five_sides(region, before.plan), five_sides(changed, after.plan)
    write_charts(charts, lambda: _chart(wanted.name, was, becomes))
    if as_json:
        print_json(
            {
                "scenario": wanted.name,
                "why": WHY,
                "interrupted": before.is_interrupted or after.is_interrupted,
                "before": _document(was, before),
                "after": _document(becomes, after),
            }
        )
        return
    if before.is_interrupted or after.is_interrupted:
        say("Onderbroken: dit zijn de beste plannen tot dan toe.")
    _print(wanted.name, was, becomes)
    _print_costs(before, after)
    for word, one, solved in (("Nu", region, before), ("Straks", changed, after)):
        say(f"{word}: {_told(one, solved)}")
    tell_charts(charts)


def _as_long(before: cli_watch.Watched, limits: AnytimeLimits) -> AnytimeLimits:
    """Who broke the first solve off wants an answer: the second has no more time than the first had."""
    if not before.is_interrupted:
        return limits
    given = before.seconds if limits.time_s is None else min(before.seconds, limits.time_s)
    return replace(limits, time_s=given)


def _document(sides: Sides, solved: cli_watch.Watched) -> dict[str, object]:
    certificate = _certificate(solved)
    proof = {"value": certificate.value, "bound": certificate.bound, "gap": certificate.gap}
    shown: dict[str, object] = {**proof, "unplaced_bound": certificate.unplaced_bound, "parts": dict(certificate.parts)}
    return {**shown, "sides": dict(sides.items())}


def _print(name: str, was: Sides, becomes: Sides) -> None:
    rows = []
    for (side, old), (_, new) in zip(was.items(), becomes.items(), strict=True):
        for number, figure in enumerate(old):
            change = new[figure] - old[figure]
            shown = [_shown(figure, value) for value in (old[figure], new[figure])]
            difference = _difference(figure, change) if change else ""
            rows.append((SIDES[side] if not number else "", FIGURES[figure], *shown, difference))
    print_table(f"Scenario: {name}", ("kant", "wat", "nu", "straks", "verschil"), rows, right=(2, 3, 4))
    say("Het verschil tussen twee percentages staat er in procentpunten ('punt').")
    for side, why in WHY.items():
        say(f"{SIDES[side]}: {why}.")


def _print_costs(before: cli_watch.Watched, after: cli_watch.Watched) -> None:
    old, new = _certificate(before), _certificate(after)
    parts = [(PARTS[part], old.parts[part], new.parts[part]) for part in old.parts]
    rows = [*(one for one in parts if one[1] or one[2]), ("samen", old.value, new.value)]
    shown = [(name, number_text(a), number_text(b), signed_text(b - a)) for name, a, b in rows]
    print_table("Kosten van het plan in punten", ("onderdeel", "nu", "straks", "verschil"), shown, right=(1, 2, 3))


def _chart(name: str, was: Sides, becomes: Sides) -> str:
    groups = [
        (SIDES[side].capitalize(), [_pair(figure, old[figure], new[figure]) for figure in old])
        for (side, old), (_, new) in zip(was.items(), becomes.items(), strict=True)
    ]
    return pairs_svg(f"Scenario: {name}", ("nu", "straks"), groups)


def _pair(figure: str, old: float, new: float) -> Pair:
    change = _difference(figure, new - old) if new != old else ""
    words = (_shown(figure, old), _shown(figure, new))
    return Pair(FIGURES[figure], old, new, words, change, whole=float(figure in SHARES))


SHARES = {
    "unplaced_share",
    "largest_fairness_gap",
    "wish_met",
    "with_experienced_teacher",
    "at_own_subject",
    "with_full_hours",
    "share_of_hours_used",
    "hours_given_of_norm",
    "support_2_and_3_with_full_hours",
    "guided_by_one_person",
    "guided_by_starter",
    "at_a_school_of_their_supervisor",
}


def _shown(figure: str, value: float) -> str:
    return percent_text(value) if figure in SHARES else number_text(value)


def _difference(figure: str, change: float) -> str:
    """Between two shares that is not a percentage but a number of points."""
    if figure in SHARES:
        sign = "+" if change > 0 else ""
        return f"{sign}{100 * change:.1f} punt".replace(".", ",")
    return signed_text(change)


def _told(region: Region, solved: cli_watch.Watched) -> str:
    left = len(region.students) - len(solved.plan.placements)
    return certificate_text(left, _certificate(solved).unplaced_bound, is_proven=solved.is_proven)


def _certificate(solved: cli_watch.Watched) -> Certificate:
    assert solved.plan.certificate is not None, "a solved plan has a certificate"
    return solved.plan.certificate
