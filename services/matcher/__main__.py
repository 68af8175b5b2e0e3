"""Runs the matcher: `python -m services.matcher`."""

if __name__ == "__main__":  # the solver's processes load this module too, and need nothing of what follows
    import asyncio

    from services.matcher.bootstrap import build
    from services.matcher.config import Settings
    from services.matcher.entrypoints.serve import serve
    from shared.starting import misconfiguration_told

    with misconfiguration_told("matcher"):
        parts = build(Settings())
    asyncio.run(serve(parts))
