"""Intake alone under load: files of many rows, and many registrations at a time."""
