"""Invents regions of any size around a planted plan, so that what is scarce is known and can be tuned."""

from services.matcher.domain.inventing.country import invent_country
from services.matcher.domain.inventing.invent import Invented, invent
from services.matcher.domain.inventing.wanted import Family, GivenSite, Wanted

__all__ = ["Family", "GivenSite", "Invented", "Wanted", "invent", "invent_country"]
