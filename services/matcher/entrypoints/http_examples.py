"""Examples for the OpenAPI document of the matcher's answers; a test holds them against the models."""

from typing import Any

CERTIFICATE: dict[str, Any] = {
    "value": 606198,
    "bound": 598000.0,
    "gap": 0.0135,
    "unplaced_bound": 5,
    "parts": {"unplaced": 500000, "fairness": 100000, "moves": 0, "travel": 3433, "wishes": 2500, "load": 265},
}
PLACEMENT: dict[str, Any] = {
    "student": "s1",
    "periods": ["2026-S1"],
    "workplace": "w152",
    "wpb": [{"supervisor": "v1520", "qh": 6}],
    "so": "t15",
    "io": "i15",
    "duo_with": None,
    "relief": None,
    "state": "proposed",
    "is_duo": False,
}
UNPLACED: dict[str, Any] = {
    "student": "s10",
    "reason": "no-supervisor-hours",
    "facts": {"places": 13, "places-no-supervisor-hours": 13},
    "workplaces": ["w10", "w100"],
    "supervisors": ["v100"],
}
SIGNALS: dict[str, Any] = {
    "region": "NL-R07",
    "version": 42,
    "by_level": {"critical": 1, "warning": 3},
    "items": [
        {
            "id": "risk-unplaced-s10",
            "rule": "unplaced",
            "level": "critical",
            "status": "worsened",
            "since": "2026-08-02",
            "cause": "no-supervisor-hours",
            "figures": {"days": 14},
            "levers": ["duo"],
            "next_date": "2026-09-01",
            "about": {"student": "s10", "institute": "21PB", "rule": "unplaced-14-days"},
        }
    ],
    "next": None,
}
PLAN: dict[str, Any] = {
    "region": "NL-R07",
    "version": 42,
    "today": "2026-06-01",
    "published_at": "2026-06-01T08:00:00Z",
    "students": 300,
    "placed": 295,
    "unplaced_by_reason": {"no-supervisor-hours": 5},
    "certificate": CERTIFICATE,
    "covers": {"student.registrations/3": 1042},
    "position": {"student.registrations/3": 1042},
    "items": [
        {
            "id": "s1",
            "student": "s1",
            "status": "placed",
            "since": "2026-06-01",
            "site": "01AA15",
            "placement": PLACEMENT,
        },
        {
            "id": "s10",
            "student": "s10",
            "status": "unplaced",
            "since": "2026-06-01",
            "site": None,
            "unplaced": UNPLACED,
        },
    ],
    "next": "s10",
}
FAIRNESS: dict[str, Any] = {
    "region": "NL-R07",
    "version": 42,
    "students": 300,
    "unplaced": 5,
    "share": 0.0167,
    "too_much_above": 0.05,
    "groups": [
        {
            "attribute": "support",
            "value": "2",
            "students": 60,
            "unplaced": 5,
            "share": 0.0833,
            "gap": 0.0667,
            "is_too_much": True,
        }
    ],
}
EXPLANATION: dict[str, Any] = {
    "student": "s10",
    "region": "NL-R07",
    "version": 42,
    "status": "unplaced",
    "since": "2026-06-01",
    "site": None,
    "lost_site": "01AA02",
    "unplaced": UNPLACED,
    "switch": None,
    "pending": ["wishes"],
    "failed": [],
    "why": {
        "reason": UNPLACED,
        "competing": {
            "holders": ["s105"],
            "holders_total": 12,
            "instead_of": [],
            "instead_of_total": 3,
            "rivals": [],
            "rivals_total": 1,
        },
    },
    "limits": {
        "limits": [{"thing": "hours", "id": "v100", "period": "2026-S1", "points": 16700}],
        "skipped_s": None,
    },
    "levers": [
        {
            "name": "team",
            "helps": True,
            "placement": {**PLACEMENT, "student": "s10"},
            "minutes": 31,
            "points": -99870,
            "parts": {"unplaced": -100000, "team": 130},
            "placed": ["s10"],
            "placed_total": 1,
            "lost": [],
            "lost_total": 0,
            "moved": [],
            "moved_total": 1,
            "reguided": [],
            "reguided_total": 0,
        }
    ],
}
SPOT: dict[str, Any] = {
    "sector": "vo",
    "subject": "wiskunde",
    "site": "01AA15",
    "period": "2026-S1",
    "seats": 4,
    "taken": 3,
    "qh": 40,
    "qh_used": 21,
    "students": 3,
    "unplaced": 0,
}
CAPACITY: dict[str, Any] = {
    "region": "NL-R07",
    "version": 42,
    "today": "2026-06-01",
    "prices_of_version": 41,
    "prices_skipped_s": None,
    "tiers": [{"tier": "wpb", "period": "2026-S1", "qh": 2646, "qh_used": 1818}],
    "items": [{**SPOT, "quarter_hour_worth": 16700, "seat_worth": 0}],
    "next": 500,
}
TREND: dict[str, Any] = {"region": "NL-R07", "version": 42, "items": [{**SPOT, "day": "2026-06-01"}]}
TRIAL: dict[str, Any] = {
    "id": "019a20e6-2c82-774e-b076-eb799134a147",
    "region": "NL-R07",
    "kind": "scenario",
    "name": "10 % meer uren en lenen aan",
    "state": "running",
    "seconds": 20,
    "created_at": "2026-06-01T09:12:00Z",
    "ended_at": None,
    "plan_version": None,
    "progress": {
        "stage": "before",
        "share": 0.31,
        "value": 611000,
        "bound": 598000.0,
        "gap": 0.0213,
        "unplaced": 5,
        "unplaced_bound": 5,
    },
    "result": None,
    "problem": None,
}
