"""Runs the matcher, `python -m services.matcher`, or what answers questions about its plans, `python -m services.matcher answers`."""

if __name__ == "__main__":  # the solver's processes load this module too, and need nothing of what follows
    import sys

    from shared.process import run
    from shared.starting import misconfiguration_told

    if sys.argv[1:] == ["answers"]:
        from services.matcher.bootstrap import build_answers
        from services.matcher.config import AnswersSettings
        from services.matcher.entrypoints.serve_answers import serve_answers

        with misconfiguration_told("answers"):
            answers = build_answers(AnswersSettings())
        run(serve_answers(answers))
    else:
        from services.matcher.bootstrap import build
        from services.matcher.config import Settings
        from services.matcher.entrypoints.serve import serve

        with misconfiguration_told("matcher"):
            parts = build(Settings())
        run(serve(parts))
