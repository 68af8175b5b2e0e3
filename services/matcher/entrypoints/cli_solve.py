"""`leerplek solve`: the best plan for a region file, with its certificate."""

from collections.abc import Sequence
from pathlib import Path

from services.matcher.adapters.solver.country.reporting import PartProgress
from services.matcher.adapters.solver.portfolio import AnytimeLimits
from services.matcher.domain.documents import plain, plan_to_document
from services.matcher.domain.plan import Certificate, Plan
from services.matcher.domain.region import Region
from services.matcher.entrypoints import cli_files, cli_watch
from services.matcher.entrypoints.cli_outlook import Outlook, next_minute, outlook_text
from services.matcher.entrypoints.cli_output import print_json, print_table, say
from services.matcher.entrypoints.cli_words import PARTS, certificate_text, number_text, percent_text


def solve(path: Path, out: Path | None, limits: AnytimeLimits, *, as_json: bool) -> None:
    """Solve the region of a file and write the plan; raises FileProblem."""
    region = cli_files.read_region(path)
    if out is not None:
        cli_files.check_writable(out)
    with cli_watch.shown() as show:
        watched = cli_watch.solve_watched(region, limits, show)
    if out is not None:
        cli_files.write_document(out, plan_to_document(watched.plan))
    if as_json:
        print_json(_document(region, watched, limits, out))
    else:
        _print(region, watched, limits, out)


def _document(region: Region, watched: cli_watch.Watched, limits: AnytimeLimits, out: Path | None) -> dict[str, object]:
    plan, certificate, outlook = watched.plan, _certificate(watched.plan), _outlook(watched)
    return {
        "region": region.id,
        "students": len(region.students),
        "placed": len(plan.placements),
        "unplaced": len(region.students) - len(plan.placements),
        "unplaced_bound": certificate.unplaced_bound,
        "value": certificate.value,
        "bound": certificate.bound,
        "gap": certificate.gap,
        "parts": dict(certificate.parts),
        "proven": watched.is_proven,
        "interrupted": watched.is_interrupted,
        "fairness": limits.fairness,
        "seconds": round(watched.seconds, 3),
        "gain_next_minute": None if outlook is None else outlook.points,
        "students_next_minute": None if outlook is None else outlook.students,
        "regions": [{**plain(one), "gap": one.gap} for one in cli_watch.parts_of(watched)],
        "out": None if out is None else str(out),
        "plan": plan_to_document(plan) if out is None else None,
    }


def _print(region: Region, watched: cli_watch.Watched, limits: AnytimeLimits, out: Path | None) -> None:
    plan, certificate = watched.plan, _certificate(watched.plan)
    if watched.is_interrupted:
        say("Onderbroken: dit is het beste plan tot nu toe, met wat daarover bewezen is.")
    left = len(region.students) - len(plan.placements)
    print_table(
        f"Plan voor {region.id} op {region.today.isoformat()}",
        ("wat", "waarde"),
        [
            ("studenten", number_text(len(region.students))),
            ("geplaatst", number_text(len(plan.placements))),
            ("niet geplaatst", number_text(left)),
            ("waarde (punten)", number_text(certificate.value)),
            ("bewezen grens (punten)", number_text(certificate.bound)),
            ("kloof", percent_text(certificate.gap, 2)),
            *((f"  {PARTS[name]}", number_text(points)) for name, points in certificate.parts.items() if points),
        ],
        right=(1,),
    )
    if parts := cli_watch.parts_of(watched):
        _print_parts(parts)
    say(certificate_text(left, certificate.unplaced_bound, is_proven=watched.is_proven))
    if not limits.fairness:
        fairness = number_text(certificate.parts["fairness"])
        say(
            f"Eerlijkheid telde niet mee bij het zoeken; volgens de regels van de regio kost dit plan er {fairness} punten aan."
        )
    if not watched.is_proven:
        say(outlook_text(_outlook(watched)))
    say(f"Geschreven: {out}" if out is not None else "Niets geschreven; met --out PLAN komt het plan in een bestand.")


def _print_parts(parts: Sequence[PartProgress]) -> None:
    """Each part of a country: its own students, wherever they are, at the prices that the bound of the whole rests on."""
    rows = [
        (
            one.name,
            number_text(one.students),
            number_text(one.unplaced),
            number_text(one.unplaced_bound),
            percent_text(one.gap, 1) if one.bound else "–",
        )
        for one in parts
    ]
    head = ("deel", "studenten", "niet geplaatst", "minstens", "kloof")
    print_table("Per deel, gerekend met de prijzen van het geheel", head, rows, right=(1, 2, 3, 4))


def _outlook(watched: cli_watch.Watched) -> Outlook | None:
    return Outlook(0, 0) if watched.is_proven else next_minute(watched.steps, watched.seconds)


def _certificate(plan: Plan) -> Certificate:
    assert plan.certificate is not None, "a solved plan has a certificate"
    return plan.certificate
