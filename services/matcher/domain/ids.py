"""The identifiers of a region, each its own type."""

from typing import NewType

RegionId = NewType("RegionId", str)
PeriodId = NewType("PeriodId", str)
SiteId = NewType("SiteId", str)
InstituteId = NewType("InstituteId", str)
WorkplaceId = NewType("WorkplaceId", str)
SupervisorId = NewType("SupervisorId", str)
StudentId = NewType("StudentId", str)
