"""Runs the matcher: `python -m services.matcher`."""

if __name__ == "__main__":  # the solver's processes load this module too, and need nothing of what follows
    import asyncio

    from services.matcher.bootstrap import build
    from services.matcher.config import Settings
    from services.matcher.entrypoints.serve import serve

    asyncio.run(serve(build(Settings())))
