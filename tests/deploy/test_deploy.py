"""The files that run and watch an installation: of valid shape, closed by default, and about things that exist."""

from __future__ import annotations

import json
import re
import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from engine.observing.measures import MEASURES, metric_names
from tests.paths import ROOT

DEPLOY = ROOT / "deploy"
DASHBOARD, ALERTS = DEPLOY / "monitoring" / "grafana-dashboard.json", DEPLOY / "monitoring" / "prometheus-alerts.yaml"
_METRIC = re.compile(r"\b(?:umpire|temporal)_[a-z_]+\b")
_PINNED = re.compile(r"^([A-Za-z0-9_.-]+)==(\S+)", re.MULTILINE)


def manifests() -> list[dict[str, Any]]:
    return [one for one in yaml.safe_load_all((DEPLOY / "kubernetes" / "umpire.yaml").read_text()) if one]


def alerts() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]


def expressions() -> Iterator[str]:
    yield from (rule["expr"] for rule in alerts())
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        yield from (target["expr"] for target in panel["targets"])


def test_every_metric_of_the_dashboard_and_the_alerts_is_one_that_is_served() -> None:
    named = {name for expression in expressions() for name in _METRIC.findall(expression)}
    assert named and named <= metric_names(), named - metric_names()


def test_every_metric_of_our_own_is_on_the_dashboard_or_in_an_alert() -> None:
    text = " ".join(expressions())
    assert [one.name for one in MEASURES if one.name not in text] == []


def test_every_label_that_a_query_picks_is_one_that_the_metric_has() -> None:
    labels = {one.name: set(one.labels) for one in MEASURES}
    for expression in expressions():
        for name, picked in re.findall(r"(umpire_[a-z_]+)\{([^}]*)\}", expression):
            used = set(re.findall(r"(\w+)\s*=", picked))
            assert used <= labels[re.sub(r"_(bucket|sum|count)$", "", name)], expression


def test_every_alert_has_a_runbook_and_every_runbook_an_alert() -> None:
    headings = set(re.findall(r"^### (Umpire\w+)$", (ROOT / "docs" / "operations.md").read_text(), re.MULTILINE))
    assert headings == {rule["alert"] for rule in alerts()}
    for rule in alerts():
        assert rule["annotations"]["runbook"] == f"docs/operations.md#{rule['alert'].lower()}"
        assert rule["labels"]["severity"] in {"page", "ticket"}


@pytest.mark.parametrize("manifest", manifests(), ids=lambda one: f"{one['kind']} {one['metadata']['name']}")
def test_a_manifest_is_what_kubernetes_takes(manifest: dict[str, Any]) -> None:
    kubernetes_validate.validate(manifest, "1.37", strict=True)


def test_every_container_runs_as_nobody_in_particular_and_writes_nothing_but_its_volumes() -> None:
    deployments = [one for one in manifests() if one["kind"] == "Deployment"]
    assert len(deployments) == 2
    for one in deployments:
        pod = one["spec"]["template"]["spec"]
        assert pod["securityContext"]["runAsNonRoot"] is True and pod["automountServiceAccountToken"] is False
        for container in pod["containers"]:
            locked = container["securityContext"]
            assert locked["readOnlyRootFilesystem"] is True and locked["allowPrivilegeEscalation"] is False
            assert locked["capabilities"] == {"drop": ["ALL"]}
            assert "memory" in container["resources"]["limits"]


def test_the_compose_file_has_the_shape_of_its_schema() -> None:
    command = [str(Path(sysconfig.get_path("scripts")) / "check-jsonschema"), "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*command, str(DEPLOY / "compose.yaml")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_compose_starts_of_ours_is_locked_and_reached_from_this_machine_alone() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    for name in ("worker", "web"):
        ours = services[name]
        assert ours["read_only"] is True and ours["cap_drop"] == ["ALL"] and ours["user"].startswith("10001")
    ports = [port for one in services.values() for port in one.get("ports", ())]
    assert ports and all(port.startswith("127.0.0.1:") for port in ports)
    for one in services.values():
        for dependency in one.get("depends_on", {}):
            assert dependency in services


def test_the_image_is_built_from_pinned_packages_and_run_by_a_plain_account() -> None:
    text = (DEPLOY / "Containerfile").read_text()
    last = text.rpartition("FROM ")[2]
    assert re.search(r"^USER 10001:10001$", last, re.MULTILINE), "never root"
    assert "PYTHONDONTWRITEBYTECODE=1" in last and "compileall" in text
    installs = [line for line in text.splitlines() if "pip install" in line]
    assert installs and all("--require-hashes" in line or "--no-index" in line for line in installs)
    assert not re.search(r"^(ADD|ARG .*(KEY|PASSWORD|TOKEN|SECRET))", text, re.MULTILINE)


def test_no_file_holds_a_secret() -> None:
    assigned = re.compile(r"(?:PASSWORD|PWD|KEYRING|TOKEN|SECRET)\w*[\"']?\s*[:=](?!\?)\s*(\S+)")
    for path in sorted(DEPLOY.rglob("*")):
        if path.is_file() and path.suffix != ".lock":
            for value in assigned.findall(path.read_text()):
                assert value.startswith(("${", "...", '"2026a=$(')), f"{path.name}: {value}"


@pytest.mark.parametrize("lock", ["requirements.lock", "build.lock"])
def test_the_image_has_the_versions_that_are_tested(lock: str) -> None:
    tested = dict(_PINNED.findall((ROOT / "requirements.lock").read_text()))
    shipped = dict(_PINNED.findall((DEPLOY / lock).read_text()))
    assert shipped and {name: version for name, version in shipped.items() if tested.get(name) != version} == {}
    assert "pytest" not in shipped and "playwright" not in shipped
