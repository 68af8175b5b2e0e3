"""How good plans and bounds are over time, on invented regions of every family, against what a user would pick instead."""
