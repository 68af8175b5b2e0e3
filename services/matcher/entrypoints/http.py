"""The matcher's answers over HTTP: plans, explanations, capacity, and what is tried on copies of a region."""

from fastapi import FastAPI

from services.matcher.bootstrap import AnswersParts
from services.matcher.entrypoints.http_capacity import add_capacity
from services.matcher.entrypoints.http_plan import add_plan
from services.matcher.entrypoints.http_students import add_students
from services.matcher.entrypoints.http_trials import add_trials
from services.matcher.entrypoints.http_words import DESCRIPTION
from shared.web.api import build_api
from shared.web.read_log import ApiRead, ReadLog, Reads, log_reads

READS: Reads = {
    "/regions/{region}/plan": ApiRead("plan"),
    "/regions/{region}/signals": ApiRead("signalen"),
    "/regions/{region}/region-file": ApiRead("regiobestand"),
    "/students/{student}/explanation": ApiRead("uitleg", "student"),
}
"""What is logged as read of people; ids of students are random, so that nobody guesses what a fingerprint stands for."""


def build_matcher_api(parts: AnswersParts) -> FastAPI:
    """The routes of the matcher."""
    api = build_api("Leerplek matcher", DESCRIPTION)
    add_plan(api, parts)
    add_students(api, parts)
    add_capacity(api, parts)
    add_trials(api, parts)
    log_reads(api, READS, lambda: _read_log(parts))
    return api


def _read_log(parts: AnswersParts) -> ReadLog | None:
    """Where nobody signs in there is nobody to name."""
    return ReadLog(parts.database, parts.changes.fingerprint, parts.clock) if parts.settings.checks_tokens else None
