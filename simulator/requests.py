"""The requests by which a region, its schools and its institutes make themselves known."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from pydantic import BaseModel

from shared.contracts.availability import Site, WorkplaceOffer
from shared.contracts.registrations import StudentNeeds
from shared.contracts.vocabulary import MismatchKind
from simulator.catalogue import SETTINGS
from simulator.client import Request
from simulator.guidance import Colleague
from simulator.world import Contact, World


def _body(model: BaseModel, **further: Any) -> dict[str, Any]:
    return {**model.model_dump(mode="json"), **further}


def region(world: World) -> Request:
    """The region with its periods and settings."""
    body = {
        "name": world.name,
        "institutes": [each.id for each in world.institutes],
        "periods": [each.model_dump(mode="json") for each in world.year.periods],
        "settings": SETTINGS.model_dump(mode="json"),
    }
    return Request("capacity", "PUT", f"/regions/{world.region}", body)


def day(region_id: str, on: date) -> Request:
    """A day starts."""
    return Request("capacity", "POST", f"/regions/{region_id}/days", {"day": on.isoformat()})


def site(world: World, each: Site) -> Request:
    """A school site; its core must be known before."""
    school = world.schools[each.id]
    body = _body(each, region=world.region, name=school.name, town=school.town)
    del body["id"]
    if school.board is not None:
        body["board"] = school.board
    return Request("capacity", "PUT", f"/sites/{each.id}", body)


def workplace(each: WorkplaceOffer) -> Request:
    """A place at a site for a subject."""
    return Request("capacity", "POST", "/workplaces", _body(each))


def supervisor(world: World, each: Colleague) -> Request:
    """Somebody who guides."""
    return Request("capacity", "POST", "/supervisors", _body(each.profile, region=world.region, name=each.name))


def absence(supervisor_id: str, start: date, end: date | None) -> Request:
    """Somebody is away; nobody is asked why."""
    body = {"start": start.isoformat(), **({"end": end.isoformat()} if end is not None else {})}
    return Request("capacity", "POST", f"/supervisors/{supervisor_id}/absences", body)


def back(supervisor_id: str, on: date) -> Request:
    """Somebody is back."""
    return Request("capacity", "POST", f"/supervisors/{supervisor_id}/return", {"on": on.isoformat()})


def departure(supervisor_id: str, departs: date) -> Request:
    """Somebody leaves the school."""
    return Request("capacity", "POST", f"/supervisors/{supervisor_id}/departure", {"departs": departs.isoformat()})


def registration(region_id: str, needs: StudentNeeds) -> Request:
    """An institute asks a place for a student."""
    return Request("intake", "POST", "/registrations", _body(needs, region=region_id))


def change(student: str, needs: StudentNeeds) -> Request:
    """A student needs something else."""
    return Request("intake", "PUT", f"/registrations/{student}", _body(needs))


def withdrawal(student: str) -> Request:
    """An institute asks no place any more."""
    return Request("intake", "DELETE", f"/registrations/{student}")


def mismatch(student: str, kind: MismatchKind) -> Request:
    """A student and their place do not fit."""
    body = {"student": student, "kind": kind.value, "reported_by": "institute"}
    return Request("intake", "POST", "/mismatches", body)


def contact(each: Contact) -> Request:
    """Who gets mail for an organisation in a role."""
    body = {
        "organisation": each.organisation,
        "role": each.role,
        "email": each.email,
        "name": each.name,
        "phone": each.phone,
    }
    return Request("notifier", "POST", "/contacts", body)


def everything_before_students(world: World) -> Sequence[Sequence[Request]]:
    """What must be known before students are placed, in stages: within a stage the order does not matter."""
    shells = [each for each in world.sites if each.core is not None]
    others = [each for each in world.sites if each.core is None]
    return [
        [site(world, each) for each in others],
        [site(world, each) for each in shells],
        [workplace(each) for each in world.workplaces],
        [contact(each) for each in world.contacts],
    ]
