"""How often trainers visit sites, for the arrays of the compiled code."""

import numpy as np

from services.matcher.adapters.solver.compiled.indexing import Index, Ints
from services.matcher.domain.ledger import Ledger


def visits(index: Index, fixed: Ledger, visit_of: Ints) -> Ints:
    """How many students each visit is to beside those who move: looked up for who visits somebody, and zero for all others."""
    found = np.zeros((visit_of.shape[1], len(index.periods)), dtype=np.int32)
    people, firsts = np.unique(visit_of[0], return_index=True)
    for who, first, last in zip(people, firsts, np.append(firsts, len(found))[1:], strict=True):
        sites = visit_of[1][first:last]
        for number, period in enumerate(index.periods):
            for site, students in fixed.visits.get((index.supervisors[who], period), {}).items():
                where = index.site_at.get(site) if students else None
                if where is not None:
                    found[first:last, number][sites == where] = students
    return found
