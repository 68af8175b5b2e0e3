"""Processes beside the one that answers: they read regions, explain, price and solve, and can be ended at any moment."""
