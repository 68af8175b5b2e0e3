"""What Prometheus warns about and Grafana shows exists, says what to do, and warns when it must."""

import importlib
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.metrics import MetricWrapperBase
from ruamel.yaml import YAML

from deploy.static_checks import ROOT

WATCHING = ROOT / "deploy" / "watching"
METRICS = (
    "shared.observability.metrics",
    "services.notifier.adapters.metrics",
    "services.matcher.adapters.metrics",
    "services.matcher.adapters.workroom.metrics",
)
NAME = re.compile(r"leerplek_[a-z0-9_]+")
RULES = [rule for group in YAML(typ="safe").load(WATCHING / "alerts.yml")["groups"] for rule in group["rules"]]
PANELS: list[dict[str, Any]] = json.loads((WATCHING / "grafana" / "leerplek.json").read_text())["panels"]


def told() -> set[str]:
    """The names under which services tell how they are."""
    modules = [importlib.import_module(name) for name in METRICS]
    metrics = [one for module in modules for one in vars(module).values() if isinstance(one, MetricWrapperBase)]
    families = [family for metric in metrics for family in metric.describe()]
    endings = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}
    return {family.name + ending for family in families for ending in endings[family.type]}


def asked() -> list[tuple[str, str]]:
    """Every question to Prometheus, with where it is asked."""
    of_rules = [(rule["alert"], rule["expr"]) for rule in RULES]
    return of_rules + [(panel["title"], target["expr"]) for panel in PANELS for target in panel["targets"]]


@pytest.mark.parametrize(("where", "expression"), asked(), ids=[where for where, _ in asked()])
def test_whatever_is_asked_for_is_told_by_a_service(where: str, expression: str) -> None:
    assert {*NAME.findall(expression)} <= told()


def test_whatever_the_handbook_says_to_mind_is_warned_about() -> None:
    handbook = (ROOT / "docs" / "beheer.md").read_text(encoding="utf-8")
    table = handbook.partition("## Waar u op let")[2].partition("\n\nDe matcher telt")[0]
    minded = {name for line in table.splitlines() if line.startswith("| `") for name in NAME.findall(line)}
    assert minded, "the table is there"
    assert minded <= {name for rule in RULES for name in NAME.findall(rule["expr"])}


@pytest.mark.parametrize("rule", RULES, ids=[rule["alert"] for rule in RULES])
def test_a_warning_says_what_is_wrong_how_bad_it_is_and_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["level"] in {"warning", "critical"}
    for text in (rule["annotations"]["summary"], rule["annotations"]["action"]):
        assert text.endswith("."), text
    tests = (WATCHING / "alerts_test.yml").read_text()
    assert tests.count(rule["alert"]) == 2, "tried when all is well and when it is not"


def test_panels_lie_beside_each_other_and_say_in_what_they_are_measured() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in PANELS:
        at = panel["gridPos"]
        cells = {(at["x"] + right, at["y"] + down) for right in range(at["w"]) for down in range(at["h"])}
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= cells
        assert panel["datasource"]["uid"] == "prometheus"
        assert panel["type"] == "table" or "unit" in panel["fieldConfig"]["defaults"]
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)


@pytest.mark.parametrize(
    "command",
    [("check", "config", "prometheus.yml"), ("check", "rules", "alerts.yml"), ("test", "rules", "alerts_test.yml")],
    ids=" ".join,
)
def test_prometheus_itself_takes_the_rules_and_they_warn_when_they_must(command: tuple[str, ...]) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not here: it comes with Debian's package prometheus")
    ran = subprocess.run([promtool, *command], cwd=WATCHING, capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_every_file_is_given_to_a_container() -> None:
    compose = (ROOT / "docker-compose.yml").read_text()
    folders = {"deploy/watching"} | {
        f"deploy/watching/grafana/{path.name}" for path in Path(WATCHING, "grafana").iterdir()
    }
    assert {one for one in folders if f"./{one}:" in compose} == folders
