"""`leerplek matcher waiting`: what names something that was never heard of, and since when."""

from datetime import date

from services.matcher.bootstrap.operating import Unknown, unknown_references
from services.matcher.entrypoints.cli_operation import asked
from services.matcher.entrypoints.cli_output import print_json, print_table, say

KINDS = {
    "site": "vestiging",
    "student": "student",
    "workplace": "leerwerkplek",
    "supervisor": "begeleider",
    "period": "periode",
    "region": "regio",
    "school-decision": "besluit van een school over student",
    "institute-decision": "besluit van een opleiding over student",
}


def waiting(region: str | None, *, as_json: bool) -> int:
    """List it; the code is 0, also when something waits."""
    found = asked(lambda settings: unknown_references(settings, region), as_json=as_json)
    if as_json:
        print_json({"waiting": [_plain(one) for one in found]})
        return 0
    if not found:
        say("Er wacht niets: alles waarnaar verwezen wordt, is bekend.")
        return 0
    rows = [
        (
            one.region,
            _words(one.subject),
            "instellingen" if one.names == "settings" else _words(one.names),
            _day(one.since),
        )
        for one in found
    ]
    print_table(f"{len(found)} verwijzingen naar iets onbekends", ("regio", "wat", "wacht op", "sinds"), rows)
    say("Zodra het bekend wordt, telt het vanzelf mee.")
    return 0


def _plain(one: Unknown) -> dict[str, object]:
    since = None if one.since is None else one.since.isoformat()
    return {"region": one.region, "subject": one.subject, "names": one.names, "since": since, "told": one.told}


def _words(aggregate: str) -> str:
    kind, _, name = aggregate.partition("/")
    return f"{KINDS.get(kind, kind)} {name}"


def _day(since: date | None) -> str:
    return "vandaag" if since is None else f"{since:%d-%m-%Y}"
