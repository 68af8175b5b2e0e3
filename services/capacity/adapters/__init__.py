"""Capacity's technology: tables, store, migrations."""
