"""Release of the code that this process runs: its build id, and the patches that its workflows know."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import (
    UnsandboxedWorkflowRunner,
    WorkerDeploymentConfig,
    WorkflowInstance,
    WorkflowInstanceDetails,
    WorkflowRunner,
)
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

_ROOT = Path(__file__).resolve().parents[1]
_FOLDERS = (
    "domain",
    "engine",
    "workflows",
    "activities",
    "rulebook",
    "store",
    "templates",
    "interop",
    "intake",
    "services",
)
_KINDS = frozenset({".py", ".j2"})
_PATCH = re.compile(r'\.(?:patched|deprecate_patch)\(\s*"([^"]+)"')


@cache
def build_id() -> str:
    """Identifier of this release, shown in histories: its version and a hash over the files that a worker runs.

    The same code has the same id on every machine. Rules are data and no part of it: two plans with one release and rulebooks
    of their own run one build. The SDK's own id is a hash over every loaded module, which takes longer than everything else at
    the start.
    """
    digest = hashlib.sha256()
    files = [path for folder in _FOLDERS for path in (_ROOT / folder).rglob("*") if path.suffix in _KINDS]
    for path in sorted((*files, _ROOT / "worker.py")):
        digest.update(path.relative_to(_ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return f"{release_version()}-{digest.hexdigest()[:12]}"


@cache
def known_patches() -> frozenset[str]:
    """The ids of every `workflow.patched` of this release: a history with another one cannot be replayed by it."""
    texts = (path.read_text() for path in sorted((_ROOT / "workflows").rglob("*.py")))
    return frozenset(name for text in texts for name in _PATCH.findall(text))


def release_version() -> str:
    """The version of the installed package; "0" where it runs without being installed."""
    try:
        return metadata.version("umpire-um")
    except metadata.PackageNotFoundError:
        return "0"


class _UnversionedRunner(UnsandboxedWorkflowRunner):
    """Runs workflows, in the sandbox or not, as if they said nothing of versioning: a server refuses what a workflow says of it
    from a worker that does not say its release."""

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        return super().create_instance(replace(det, defn=replace(det.defn, versioning_behavior=None)))


def identify_release(deployment: str, runner: WorkflowRunner) -> dict[str, Any]:
    """The arguments by which a worker with this runner says which release it is. In a `deployment` Temporal routes by it: such
    a worker gets work when its build is the current or the ramping one, or a case is pinned to it. Else it gets any work."""
    if not deployment:
        unversioned: WorkflowRunner = _UnversionedRunner()
        if isinstance(runner, SandboxedWorkflowRunner):
            unversioned = replace(runner, runner_class=_UnversionedRunner)
        return {"build_id": build_id(), "workflow_runner": unversioned}
    version = WorkerDeploymentVersion(deployment_name=deployment, build_id=build_id())
    config = WorkerDeploymentConfig(
        version=version,
        use_worker_versioning=True,
        # Each workflow says its own behavior; one that says none makes the worker refuse to start.
        default_versioning_behavior=VersioningBehavior.UNSPECIFIED,
    )
    return {"deployment_config": config, "workflow_runner": runner}
