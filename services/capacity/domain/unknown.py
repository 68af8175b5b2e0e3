"""What is answered about what is not there, and in the same words about what is of others."""

from shared.errors import NotFound


def unknown_region(region: str) -> NotFound:
    """No such region."""
    return NotFound("onbekende-regio", f"De regio {region} kennen we niet.")


def unknown_site() -> NotFound:
    """No such site."""
    return NotFound("onbekende-vestiging", "Deze vestiging kennen we niet.")


def unknown_workplace() -> NotFound:
    """No such workplace."""
    return NotFound("onbekende-leerwerkplek", "Deze leerwerkplek kennen we niet.")


def unknown_supervisor() -> NotFound:
    """No such supervisor."""
    return NotFound("onbekende-begeleider", "Deze begeleider kennen we niet.")


def not_placed() -> NotFound:
    """No place or offer to decide about."""
    return NotFound("niet-geplaatst", "Deze student heeft nu geen plaats of aanbod bij een van uw vestigingen.")


def no_decision() -> NotFound:
    """Nothing was decided yet."""
    return NotFound("geen-besluit", "Over deze student is nog niets besloten.")
