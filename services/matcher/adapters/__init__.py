"""The matcher's technology: tables, store, the pool that solves."""
