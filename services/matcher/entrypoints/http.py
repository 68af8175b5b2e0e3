"""The matcher's answers over HTTP: plans, explanations, capacity, and what is tried on copies of a region."""

from fastapi import FastAPI

from services.matcher.bootstrap import AnswersParts
from services.matcher.entrypoints.http_capacity import add_capacity
from services.matcher.entrypoints.http_plan import add_plan
from services.matcher.entrypoints.http_students import add_students
from services.matcher.entrypoints.http_trials import add_trials
from services.matcher.entrypoints.http_words import DESCRIPTION
from shared.web.api import build_api


def build_matcher_api(parts: AnswersParts) -> FastAPI:
    """The routes of the matcher."""
    api = build_api("Leerplek matcher", DESCRIPTION)
    add_plan(api, parts)
    add_students(api, parts)
    add_capacity(api, parts)
    add_trials(api, parts)
    return api
