"""The kinds of regions that can be invented; on its own, so that a command line can name them at once."""

from enum import StrEnum


class Family(StrEnum):
    """What is scarce in an invented region; everything else is ample."""

    HOURS = "hours"
    """Hours of workplace supervisors are cut to what the planted plan uses."""
    SEATS = "seats"
    """Seats are cut to what the planted plan uses."""
    TRAINERS = "trainers"
    """Hours of school and institute trainers, fixed hours per site included, are cut to what the planted plan uses."""
    PERIODS = "periods"
    """Three periods, one to three period sets a student, hours per period cut to the planted plan."""
    INCREMENTAL = "incremental"
    """The planted plan holds today in all three states, and a wave of absences hits it."""
    LEVERS = "levers"
    """Every lever is on, and the planted plan needs them all."""
