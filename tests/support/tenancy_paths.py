"""Every way to ask for something by its id: of the API below a thing, and of the portal below a site."""

from typing import Any

from tests.integration.capacity.conftest import SITE, SUPERVISOR

API_BELOW: dict[str, tuple[tuple[str, str, dict[str, Any] | None], ...]] = {
    "sites": (
        *(("GET", each, None) for each in ("placements", "offers", "supervisors", "changes")),
        ("PUT", "board", {"board": "41234"}),
    ),
    "workplaces": (),
    "supervisors": (
        ("GET", "export", None),
        ("POST", "absences", {"start": "2026-11-24"}),
        ("POST", "return", {"on": "2026-11-26"}),
        ("POST", "departure", {"departs": "2027-02-01"}),
        ("POST", "departure", {"departs": None}),
    ),
    "placements": (
        ("POST", "decision", {"decision": "accept"}),
        ("POST", "decision", {"decision": "refuse", "reason": "no-hours"}),
        ("GET", "decision", None),
    ),
}
"""Method, what stands behind the id, and the body."""
SITE_PAGES = (
    "", "/begeleiders", "/begeleiders/nieuw", "/leerwerkplekken", "/leerwerkplekken/nieuw", "/studenten", "/bestanden", "/wijzigingen",
    "/bestanden/begeleiders.csv", "/bestanden/leerwerkplekken.csv", "/bestanden/studenten.csv",
)  # fmt: skip
PAGES_OF: dict[str, tuple[str, ...]] = {
    "sites": (),
    "workplaces": ("/leerwerkplekken/{id}", "?wat=workplace/{id}&versie=1", "/nieuws?wat=workplace/{id}&versie=1"),
    "supervisors": (
        "/begeleiders/{id}", "/begeleiders/{id}/inzage", "/begeleiders/{id}/wissen",
        "?wat=supervisor/{id}&versie=1", "/nieuws?wat=supervisor/{id}&versie=1",
    ),
    "placements": ("/studenten/{id}/weigeren", "/studenten/{id}/gevolgen"),
}  # fmt: skip
"""Pages about one thing, below its site."""
FORMS_OF: dict[str, tuple[tuple[str, dict[str, str]], ...]] = {
    "sites": (("/klopt", {"periode": "2026-S1"}),),
    "workplaces": (
        ("/leerwerkplekken/{id}", {"vak": "x", "plaatsen-2026-S1": "0"}),
        ("/ongedaan", {"wat": "workplace/{id}", "nummer": "1"}),
    ),
    "supervisors": (
        ("/begeleiders/{id}/afwezigheid", {"start": "2026-11-24", "end": ""}),
        ("/begeleiders/{id}/terug", {"on": "2026-11-24"}),
        ("/begeleiders/{id}/vertrek", {"departs": "2027-02-01"}),
        ("/begeleiders/{id}/blijft", {}),
        ("/begeleiders/{id}/gegevens", {"rol": "wpb", "soort": "teacher", "naam": "X"}),
        ("/begeleiders/{id}/wissen", {"gelezen": "ja", "versie": "1"}),
        ("/begeleiders/{id}/inzage", {}),
        ("/snel", {"wie": "{id}", "wat": "afwezig", "dag": "2026-11-24"}),
        ("/ongedaan", {"wat": "supervisor/{id}", "nummer": "1"}),
    ),
    "placements": (
        ("/studenten/{id}/aannemen", {}),
        ("/studenten/{id}/weigeren", {"keuze": "no-hours"}),
    ),
}
"""Forms about one thing, below its site, with what is filled in."""


def body_of(kind: str, site: str, board: str) -> dict[str, Any] | None:
    """What a school says of a thing of this kind, about its own site."""
    about = {name: each for name, each in SUPERVISOR.items() if name not in ("region", "name")}
    bodies: dict[str, dict[str, Any]] = {
        "sites": {**SITE, "name": f"Vestiging van {site[:4]}", "board": board},
        "workplaces": {"site": site, "subject": "wiskunde", "seats": {}},
        "supervisors": about | {"sites": [site]},
    }
    return bodies.get(kind)


def file_with(school: str, site: str) -> str:
    """A file of a school (its BRIN) with somebody who works at a site."""
    return f"naam;rol;vestigingen\r\nRij van {school};wpb;{site}\r\n"
