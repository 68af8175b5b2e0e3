"""Solves a country in parts, each by a process of its own, and proves a bound for the whole."""
