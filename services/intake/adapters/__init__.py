"""Intake's technology: tables, store, migrations."""
