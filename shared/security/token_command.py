"""`leerplek token`: a token for an institute, a school, a board or a region, where there is no identity provider."""

from pathlib import Path
from typing import Annotated

import typer

SCOPES = (
    "plan:read",
    "scenario:run",
    "region-file:read",
    "student:read",
    "student:write",
    "placement:decide",
    "webhook:manage",
    "region:read",
    "region:write",
    "site:read",
    "site:write",
    "supervisor:read",
    "supervisor:write",
    "contact:read",
    "contact:write",
    "message:read",
    "alert:read",
)


def token(
    org: Annotated[
        str,
        typer.Option(
            help="Voor wie: institute/01VU, school/01AA, board/41234, region/NL-R07, of operator voor de beheerder."
        ),
    ],
    scope: Annotated[
        list[str] | None, typer.Option(help=f"Waarvoor; vaker mag, standaard {SCOPES[0]}. Bekend: {', '.join(SCOPES)}.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=400, help="Hoeveel dagen het geldt.")] = 30,
    name: Annotated[str, typer.Option(help="Aan wie het is gegeven, voor in het token.")] = "",
    keys: Annotated[
        Path, typer.Option(help="Het bestand met de geheime sleutel; wordt gemaakt als het er niet is.")
    ] = Path("leerplek-keys.json"),
) -> None:
    """Geeft een token uit voor toegang over HTTP. De diensten lezen het bestand met de openbare sleutel ernaast."""
    from shared.errors import DomainError, Misconfigured
    from shared.security.issuing import issue, prepare_keys, public_file
    from shared.security.tokens import caller_of

    try:
        caller_of({"org": org, "scope": ""})
        is_new = prepare_keys(keys)
        given = issue(keys, org, scope or SCOPES[:1], days, name)
    except DomainError as wrong:
        typer.echo(f"{org}: {wrong.detail}", err=True)
        raise typer.Exit(2) from None
    except (Misconfigured, OSError) as wrong:
        typer.echo(str(wrong), err=True)
        raise typer.Exit(1) from None
    if is_new:
        typer.echo(f"Nieuwe sleutel in {keys}; bewaar die goed. Openbaar deel: {public_file(keys)}", err=True)
    typer.echo(given)
