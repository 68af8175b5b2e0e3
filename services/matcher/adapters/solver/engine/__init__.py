"""Answers one change after another with a repaired plan: holds a region, its plan and what was looked up for it."""
