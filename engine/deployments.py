"""Worker Deployments of the Temporal server: its builds, their routing, and cases that are pinned to one of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from google.protobuf.field_mask_pb2 import FieldMask
from temporalio.api.common.v1 import Payload, WorkflowExecution
from temporalio.api.deployment.v1 import WorkerDeploymentInfo, WorkerDeploymentVersion
from temporalio.api.enums.v1 import WorkerDeploymentVersionStatus
from temporalio.api.workflow.v1 import WorkflowExecutionOptions
from temporalio.api.workflowservice.v1 import (
    DescribeWorkerDeploymentRequest,
    DescribeWorkerDeploymentVersionRequest,
    SetWorkerDeploymentCurrentVersionRequest,
    SetWorkerDeploymentRampingVersionRequest,
    UpdateWorkerDeploymentVersionMetadataRequest,
    UpdateWorkflowExecutionOptionsRequest,
)
from temporalio.client import Client
from temporalio.common import PinnedVersioningOverride
from temporalio.common import WorkerDeploymentVersion as Version

PATCHES = "patches"
"""The key of a build's metadata under which it lists the patches that its workflows know."""
_STATUS = {
    WorkerDeploymentVersionStatus.WORKER_DEPLOYMENT_VERSION_STATUS_CREATED: "inactive",
    WorkerDeploymentVersionStatus.WORKER_DEPLOYMENT_VERSION_STATUS_INACTIVE: "inactive",
    WorkerDeploymentVersionStatus.WORKER_DEPLOYMENT_VERSION_STATUS_CURRENT: "current",
    WorkerDeploymentVersionStatus.WORKER_DEPLOYMENT_VERSION_STATUS_RAMPING: "ramping",
    WorkerDeploymentVersionStatus.WORKER_DEPLOYMENT_VERSION_STATUS_DRAINING: "draining",
    WorkerDeploymentVersionStatus.WORKER_DEPLOYMENT_VERSION_STATUS_DRAINED: "drained",
}


@dataclass(frozen=True)
class Build:
    """A build that has asked for work. Instants are UTC; `last_current_at` is None for one that never was the current."""

    build_id: str
    status: str
    created_at: datetime
    last_current_at: datetime | None


@dataclass(frozen=True)
class Deployment:
    """The builds of a deployment, and which of them get work. The token keeps two people from changing it at once."""

    name: str
    current: str | None
    ramping: str | None
    percentage: float
    builds: tuple[Build, ...]
    token: bytes


async def describe(client: Client, name: str) -> Deployment:
    """The deployment. Raises RPCError, NOT_FOUND before a worker of it has asked for work."""
    answer = await client.workflow_service.describe_worker_deployment(
        DescribeWorkerDeploymentRequest(namespace=client.namespace, deployment_name=name)
    )
    info: WorkerDeploymentInfo = answer.worker_deployment_info
    routing = info.routing_config
    return Deployment(
        name=name,
        current=routing.current_deployment_version.build_id or None,
        ramping=routing.ramping_deployment_version.build_id or None,
        percentage=routing.ramping_version_percentage,
        builds=tuple(_build(one) for one in info.version_summaries),
        token=answer.conflict_token,
    )


def _build(summary: Any) -> Build:
    return Build(
        build_id=summary.deployment_version.build_id,
        status=_STATUS.get(summary.status, "unknown"),
        created_at=summary.create_time.ToDatetime(tzinfo=UTC),
        last_current_at=_at(summary.last_current_time) or _at(summary.current_since_time),
    )


def _at(stamp: Any) -> datetime | None:
    found: datetime = stamp.ToDatetime(tzinfo=UTC)
    return found if found.year > 1970 else None


async def set_current(client: Client, deployment: Deployment, build: str) -> None:
    """Make a build the current one. Raises RPCError; FAILED_PRECONDITION when somebody changed the routing meanwhile."""
    await client.workflow_service.set_worker_deployment_current_version(
        SetWorkerDeploymentCurrentVersionRequest(
            namespace=client.namespace,
            deployment_name=deployment.name,
            build_id=build,
            conflict_token=deployment.token,
            identity=client.identity,
        )
    )


async def set_ramping(client: Client, deployment: Deployment, build: str, percentage: float) -> None:
    """Let a build have a part of the cases, in percent; none with an empty build. Raises RPCError as `set_current` does."""
    await client.workflow_service.set_worker_deployment_ramping_version(
        SetWorkerDeploymentRampingVersionRequest(
            namespace=client.namespace,
            deployment_name=deployment.name,
            build_id=build,
            percentage=percentage,
            conflict_token=deployment.token,
            identity=client.identity,
        )
    )


async def write_patches(client: Client, name: str, build: str, patches: Iterable[str]) -> None:
    """Note the patches that a build knows with it. Raises RPCError before the build has asked for work."""
    entry = Payload(metadata={"encoding": b"json/plain"}, data=json.dumps(sorted(patches)).encode())
    await client.workflow_service.update_worker_deployment_version_metadata(
        UpdateWorkerDeploymentVersionMetadataRequest(
            namespace=client.namespace,
            deployment_version=WorkerDeploymentVersion(deployment_name=name, build_id=build),
            upsert_entries={PATCHES: entry},
            identity=client.identity,
        )
    )


async def read_patches(client: Client, name: str, build: str) -> frozenset[str] | None:
    """The patches that a build knows; None before one of its workers has noted them."""
    answer = await client.workflow_service.describe_worker_deployment_version(
        DescribeWorkerDeploymentVersionRequest(
            namespace=client.namespace,
            deployment_version=WorkerDeploymentVersion(deployment_name=name, build_id=build),
        )
    )
    entries = answer.worker_deployment_version_info.metadata.entries
    return frozenset(json.loads(entries[PATCHES].data)) if PATCHES in entries else None


async def pin(client: Client, workflow_id: str, name: str, build: str) -> None:
    """Pin a running workflow to a build. Raises RPCError."""
    override = PinnedVersioningOverride(Version(name, build))._to_proto()
    await _set_options(client, workflow_id, WorkflowExecutionOptions(versioning_override=override))


async def unpin(client: Client, workflow_id: str) -> None:
    """Let a pinned workflow go on by its own behavior. Raises RPCError."""
    await _set_options(client, workflow_id, WorkflowExecutionOptions())


async def _set_options(client: Client, workflow_id: str, options: WorkflowExecutionOptions) -> None:
    await client.workflow_service.update_workflow_execution_options(
        UpdateWorkflowExecutionOptionsRequest(
            namespace=client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=workflow_id),
            workflow_execution_options=options,
            update_mask=FieldMask(paths=["versioning_override"]),
            identity=client.identity,
        )
    )


def on_build(name: str, build: str) -> str:
    """The list filter for running workflows whose last task ran under a build."""
    return f"ExecutionStatus = 'Running' AND TemporalWorkerDeploymentVersion = '{name}:{build}'"


def on_no_build(task_queue: str) -> str:
    """The list filter for running workflows that no versioned worker has served yet."""
    return f"ExecutionStatus = 'Running' AND TaskQueue = '{task_queue}' AND TemporalWorkerDeploymentVersion IS NULL"
