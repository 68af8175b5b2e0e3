"""Lower bounds on the cost of every allowed plan, and prices of what is scarce, by linear programming with HiGHS."""
