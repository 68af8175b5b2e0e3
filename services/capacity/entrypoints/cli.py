"""`leerplek access`: who may sign in to the portal, for whoever runs capacity. Settings come from LEERPLEK_CAPACITY_…

What the commands do lies in `access_work`, and is loaded only by a command that runs: help needs no library of a service.
"""

from pathlib import Path
from typing import Annotated

import typer

from shared.security.roles import PersonRole

access = typer.Typer(
    help="Wie zich bij het portaal mag aanmelden: uitnodigen, tonen, intrekken en wissen.", no_args_is_help=True
)

Email = Annotated[str, typer.Argument(metavar="E-MAIL", help="Het e-mailadres.", show_default=False)]
Role = Annotated[PersonRole, typer.Argument(metavar="ROL", help=", ".join(PersonRole), show_default=False)]
Org = Annotated[
    str,
    typer.Argument(
        metavar="ORGANISATIE", help="BRIN, vestiging, bestuur (vijf cijfers) of regio; voor operator niets."
    ),
]


@access.command("invite")
def invite(
    email: Email,
    role: Role,
    org: Org = "",
    name: Annotated[str, typer.Option(help="Hoe deze persoon heet.")] = "",
    show_link: Annotated[
        bool, typer.Option("--show-link", help="Toon de link hier, in plaats van hem te mailen.")
    ] = False,
) -> None:
    """Geeft iemand een rol bij een organisatie, en mailt een uitnodiging zodra de dienst draait."""
    from services.capacity.entrypoints import access_work

    access_work.invite(email, role, org, name, show_link=show_link)


@access.command("keys")
def keys(path: Annotated[Path, typer.Argument(metavar="BESTAND", show_default=False)]) -> None:
    """Maakt de sleutels van de passen voor notifier (PASS_KEYS_FILE); het openbare deel komt ernaast (SIGN_IN_JWKS_FILE)."""
    from services.capacity.entrypoints import access_work

    access_work.keys(path)


@access.command("list")
def listed() -> None:
    """Toont wie toegang heeft, en als wat."""
    from services.capacity.entrypoints import access_work

    access_work.listed()


@access.command("withdraw")
def withdraw(email: Email, role: Role, org: Org = "") -> None:
    """Trekt een rol in. Wie geen rol meer heeft, wordt gewist."""
    from services.capacity.entrypoints import access_work

    access_work.withdraw(email, role, org)


@access.command("erase")
def erase(who: Annotated[str, typer.Argument(metavar="E-MAIL|NUMMER", show_default=False)]) -> None:
    """Wist iemand: naam, adres, rollen en sessies. Wat die persoon wijzigde blijft staan, zonder naam."""
    from services.capacity.entrypoints import access_work

    access_work.erase(who)


if __name__ == "__main__":
    access()
