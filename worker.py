"""Worker service: `python worker.py` or `umpire-worker`. The only place that builds a worker."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from temporalio.client import Client
from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions
from temporalio.workflow import SandboxImportNotificationPolicy

from activities.appeals import AppealLookups
from activities.authorization_review import AuthorizationLookups
from activities.case_records import CaseRecords
from activities.concerns_and_callbacks import TaskCaseLookups
from activities.delivery import Carrier, LetterDelivery, hand_over_standalone
from activities.discharge import DischargeLookups
from activities.integrations.compendia import Compendia, NoCompendia
from activities.integrations.drg_grouper import installed_grouper
from activities.integrations.eligibility import DirectoryEligibility, Eligibility
from activities.integrations.file_outbox import FileOutbox
from activities.integrations.licensed_criteria import installed_licensed_criteria
from activities.members import MemberLookups
from activities.retrospective import RetrospectiveLookups
from activities.stay_reviews import StayLookups
from activities.upkeep import UpkeepRuns
from domain.errors import UmpireError
from domain.letters.standalone import StandaloneKind
from engine import edge_clock
from engine.client import connect
from engine.health import HealthServer, Pulse
from engine.observing.logs import configure_logging
from engine.observing.metrics_pages import BUCKET_OVERRIDES, KEPT_SECONDS, SdkMeters
from engine.observing.observation import ObservationSettings
from engine.observing.tracing import start_tracing, temporal_interceptors
from engine.polls import require_recent_polls
from engine.process_exit import leave
from engine.release import identify_release
from engine.settings import Settings
from intake.resume import is_stored, resume_arrivals
from rulebook.errors import RulebookErrors
from rulebook.rulebook import Rulebook, load_rulebook
from services.commands.draft_upkeep import tend_drafts
from services.commands.releases import describe_own_release
from services.context import ServiceContext
from services.queries.leading.measures import read_measures
from services.upkeep import runs as upkeep
from store import installation
from store.engines.private_files import make_private
from store.session import WORKER_BUSY_SECONDS, Store, open_store
from templates.standalone_letters import printer_of
from workflows.appeal import Appeal
from workflows.callback import MemberCallback
from workflows.concurrent_review import ConcurrentReview
from workflows.discharge_planning import DischargePlanning
from workflows.prior_authorization import PriorAuthorization
from workflows.quality_concern import QualityConcern
from workflows.retrospective_review import RetrospectiveReview
from workflows.upkeep import Upkeep

if sys.platform != "win32":
    import uvloop

WORKFLOWS: list[type] = [
    PriorAuthorization,
    ConcurrentReview,
    DischargePlanning,
    QualityConcern,
    MemberCallback,
    RetrospectiveReview,
    Appeal,
]
# The sandbox wraps every call into a workflow, and imports the workflow's file anew for every case: more than a tenth of what
# a case costs, and most of what a message to an evicted one does. It sees nothing of the code behind the workflow files anyway.
# So workflows run in it where they are tried out, and without it in service; that no line of them, or behind them, asks a
# clock, chance or a file is tested (tests/test_architecture.py).
RUNNER = UnsandboxedWorkflowRunner()
"""The runner in service."""
SANDBOX = SandboxedWorkflowRunner(
    restrictions=SandboxRestrictions.default.with_passthrough_modules(
        "domain", "engine", "activities", "rulebook", "store", "templates", "workflows.steps"
    ).with_import_notification_policy(SandboxImportNotificationPolicy.RAISE_ON_UNINTENTIONAL_PASSTHROUGH),
)
"""The runner of the laboratory: a workflow file that asks a clock or chance, or imports what is not passed through, fails."""
CANNOT_START = 2
RESUME_SECONDS, RECONCILE_SECONDS = 15.0, 120.0
MAIL_SECONDS, DRAFTS_SECONDS = 15.0, 600.0
log = logging.getLogger("umpire.worker")


@dataclass(frozen=True, repr=False)  # a whole rulebook is no text
class Dependencies:
    """Dependencies of the activities."""

    store: Store
    rulebook: Rulebook
    eligibility: Eligibility
    carrier: Carrier
    compendia: Compendia = NoCompendia()

    @classmethod
    def embedded(cls, settings: Settings, threads: int = 32) -> Dependencies:
        """The store of the settings, the directory as eligibility, and the file outbox.

        A database server gets a connection for each of so many threads of activities, and two for who watches over them.
        """
        make_private(settings.home)
        connections = settings.database_connections or threads + 2
        store = open_store(settings.database_url, WORKER_BUSY_SECONDS, connections)
        return cls(store, load_rulebook(), DirectoryEligibility(store), FileOutbox(settings.outbox))


@dataclass(frozen=True)
class WorkerLimits:
    """Concurrency limits of a worker, and the grace period it has to finish running work on shutdown."""

    workflow_tasks: int = 40
    activities: int = 16
    cached_workflows: int = 1000
    grace: timedelta = timedelta(seconds=20)

    @property
    def threads(self) -> int:
        """Threads of activities. Regular and local ones share them: hanging deliveries must not starve activities that
        workflows wait for."""
        return 2 * self.activities


def bound_activities(dependencies: Dependencies) -> list[Callable[..., Any]]:
    """Every activity, bound to its dependencies."""
    review = AuthorizationLookups(
        dependencies.store,
        dependencies.rulebook,
        dependencies.eligibility,
        dependencies.compendia,
        installed_licensed_criteria(),
    )
    delivery = LetterDelivery(dependencies.store, dependencies.carrier)
    records = CaseRecords(dependencies.store, dependencies.rulebook, delivery)
    discharges = DischargeLookups(dependencies.store, dependencies.rulebook)
    people = MemberLookups(dependencies.store, dependencies.rulebook, dependencies.eligibility)
    contacts = TaskCaseLookups(dependencies.store, dependencies.rulebook, people)
    stays = StayLookups(dependencies.store, dependencies.rulebook, people)
    retrospective = RetrospectiveLookups(dependencies.store, dependencies.rulebook, installed_grouper())
    appeals = AppealLookups(dependencies.store, dependencies.rulebook, people)
    return [
        review.look_into,
        review.look_patiently,
        review.compute_clocks,
        records.record,
        records.reserve,
        records.claim_supplies,
        records.try_letters,
        records.read_follow_up,
        records.read_booked_call,
        records.note_follow_up,
        records.read_kept_case,
        records.await_start,
        records.keep_start,
        records.read_known,
        delivery.deliver,
        people.look_up_person,
        people.compute_duties,
        people.read_review_record,
        contacts.look_into_concern,
        contacts.read_involved,
        contacts.look_into_callback,
        contacts.plan_dues,
        stays.look_at_stay,
        stays.open_review,
        stays.delay_reasons,
        discharges.look_up_discharge_policy,
        discharges.look_up_networks,
        discharges.open_next_setting,
        discharges.find_admissions,
        retrospective.look_into_claim,
        retrospective.open_post_service,
        appeals.look_into_appeal,
        appeals.open_appeal_review,
    ]


def build_worker(
    client: Client,
    dependencies: Dependencies,
    task_queue: str,
    limits: WorkerLimits | None = None,
    deployment: str = "",
    services: ServiceContext | None = None,
    runner: WorkflowRunner = RUNNER,
) -> Worker:
    """Build a worker; tests and benchmarks use it too. With a `deployment` Temporal routes by this release's build id; with
    `services` it also does the upkeep that schedules start."""
    limits = limits or WorkerLimits()
    return Worker(
        client,
        task_queue=task_queue,
        workflows=[*WORKFLOWS, Upkeep],
        activities=[*bound_activities(dependencies), UpkeepRuns(upkeep.runs(services) if services else {}).run_upkeep],
        activity_executor=ThreadPoolExecutor(limits.threads, thread_name_prefix="activity"),
        max_concurrent_workflow_tasks=limits.workflow_tasks,
        max_concurrent_activities=limits.activities,
        max_concurrent_local_activities=limits.activities,
        max_cached_workflows=limits.cached_workflows,
        **identify_release(deployment, runner),
        graceful_shutdown_timeout=limits.grace,
    )


async def serve(
    settings: Settings, queues: tuple[str, ...], limits: WorkerLimits, health: int | None, metrics: int | None
) -> None:
    """Run until SIGTERM or SIGINT, then let running work finish within the grace time."""
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    stopped = asyncio.create_task(stop.wait())
    dependencies = Dependencies.embedded(settings, limits.threads * len(queues))
    dependencies.store.create()
    observation = ObservationSettings.from_environment()
    traces = start_tracing(observation, "umpire-worker")
    runtime = _runtime(metrics, observation.metrics_host)
    connecting = asyncio.create_task(connect(settings, runtime, interceptors=temporal_interceptors(traces)))
    await asyncio.wait([stopped, connecting], return_when=asyncio.FIRST_COMPLETED)
    if not connecting.done():
        connecting.cancel()
        await asyncio.gather(connecting, return_exceptions=True)
        await asyncio.sleep(0.05)  # the SDK's threads must have left Python before the interpreter ends
        return
    client = connecting.result()
    services = ServiceContext(
        dependencies.store,
        client,
        settings.task_queue,
        lobs=dependencies.rulebook.lobs,
        facts=dependencies.rulebook.criteria.dictionary,
        test_messages_live=settings.test_messages_live,
        relays=settings.relays,
    )
    workers = [build_worker(client, dependencies, queue, limits, settings.deployment, services) for queue in queues]
    async with HealthServer(health, workers, _pulses(dependencies.store, client, queues)):
        beside = [
            asyncio.create_task(watch_over_cases(services)),
            asyncio.create_task(watch_over_mail(services, dependencies)),
            asyncio.create_task(publish_measures(services, runtime)),
        ]
        running = [asyncio.create_task(worker.run()) for worker in workers]
        beside.append(asyncio.create_task(describe_own_release(client, settings.deployment)))
        log.info("worker started on %s", ", ".join(queues))
        await asyncio.wait([stopped, *running], return_when=asyncio.FIRST_COMPLETED)
        log.info("worker stopping")
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        await asyncio.gather(*(worker.shutdown() for worker in workers))
        await asyncio.gather(*running)
        stopped.cancel()
    if traces is not None:
        await asyncio.to_thread(traces.shutdown)
    dependencies.store.close()
    await asyncio.sleep(0.05)  # the SDK's threads must have left Python before the interpreter ends


def run(service: Coroutine[Any, Any, None]) -> None:
    """Run a worker's service on the event loop that costs least here."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop if sys.platform != "win32" else None) as runner:
        runner.run(service)


async def watch_over_cases(
    services: ServiceContext, resume_seconds: float = RESUME_SECONDS, reconcile_seconds: float = RECONCILE_SECONDS
) -> None:
    """Again and again, in every worker: kept arrivals go on, and cases whose workflow is lost are started again."""
    next_reconciliation = 0.0
    while True:
        try:
            for outcome in await resume_arrivals(services):
                if not is_stored(outcome):
                    log.info("INBOX-%d went on", outcome.inbox_id)
            if asyncio.get_running_loop().time() >= next_reconciliation:
                next_reconciliation = asyncio.get_running_loop().time() + reconcile_seconds
                # Where schedules run, one worker has just done it; a little patience lets it be first.
                every = timedelta(seconds=1.1 * reconcile_seconds)
                await upkeep.reconcile_unless_scheduled(services, every)
        except Exception as error:
            # The next round tries again; the error's text may quote a document.
            log.warning("arrivals and lost cases wait for the next round: %s", type(error).__name__)
        await asyncio.sleep(resume_seconds)


async def publish_measures(
    services: ServiceContext, runtime: Runtime | None, every_seconds: float = KEPT_SECONDS
) -> None:
    """Again and again, where metrics are served: the readings of the store are put beside the SDK's own metrics."""
    if runtime is None:
        return
    meters = SdkMeters(runtime.metric_meter)
    services.store.on_turn = meters.record_turn
    while True:
        try:
            meters.show(await services.read(read_measures, services.clock()))
        except Exception as error:
            # The next round tries again; until then `umpire_measured_at_seconds` stands still.
            log.warning("metrics wait for the next round: %s", type(error).__name__)
        await asyncio.sleep(every_seconds)


async def watch_over_mail(
    services: ServiceContext,
    parts: Dependencies,
    mail_seconds: float = MAIL_SECONDS,
    drafts_seconds: float = DRAFTS_SECONDS,
) -> None:
    """Again and again, in every worker, whether Temporal answers or not: drafts are reminded of, and letters that belong to no
    case are handed over."""
    print_reminder = printer_of(parts.rulebook.notices.standalone[StandaloneKind.DRAFT_REMINDER])
    next_drafts = 0.0
    while True:
        try:
            if asyncio.get_running_loop().time() >= next_drafts:
                next_drafts = asyncio.get_running_loop().time() + drafts_seconds
                await tend_drafts(services, print_reminder)
            await asyncio.to_thread(hand_over_standalone, services.store, parts.carrier, services.clock())
        except Exception as error:
            # The next round tries again; the error's text may quote a draft or a letter.
            log.warning("letters of the desk wait for the next round: %s", type(error).__name__)
        await asyncio.sleep(mail_seconds)


def _pulses(store: Store, client: Client, queues: Sequence[str]) -> list[Pulse]:
    """The proofs of work behind /healthz: a write to the store, and a poll of each queue that Temporal has seen."""

    def write() -> None:
        with store.begin() as s:
            installation.record_heartbeat(s, edge_clock.now())

    async def write_lately() -> None:
        await asyncio.to_thread(write)

    polls = [Pulse(f"queue {queue}", partial(_poll_lately, client, queue)) for queue in queues]
    return [Pulse("store", write_lately), *polls]


async def _poll_lately(client: Client, queue: str) -> None:
    await require_recent_polls(client, queue, edge_clock.now())


def _runtime(metrics: int | None, host: str) -> Runtime | None:
    if metrics is None:
        return None
    served = PrometheusConfig(bind_address=f"{host}:{metrics}", histogram_bucket_overrides=BUCKET_OVERRIDES)
    return Runtime(telemetry=TelemetryConfig(metrics=served))


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="umpire-worker", description="Run Umpire's workflows and activities.")
    defaults = WorkerLimits()
    parser.add_argument("--task-queue", action="append", help="serve this queue (may be repeated)")
    parser.add_argument("--workflow-tasks", type=int, default=defaults.workflow_tasks, help="workflow tasks at once")
    parser.add_argument("--activities", type=int, default=defaults.activities, help="activities at once")
    parser.add_argument("--cached-workflows", type=int, default=defaults.cached_workflows, help="cases kept in memory")
    parser.add_argument("--grace", type=float, default=20, help="seconds that running work has on shutdown")
    parser.add_argument("--health-port", type=int, help="answer GET /healthz here")
    parser.add_argument("--metrics-port", type=int, help="serve Prometheus metrics here")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    """The console script. Exit code 2 with a reason when it cannot start."""
    given = _arguments(argv)
    limits = WorkerLimits(
        given.workflow_tasks, given.activities, given.cached_workflows, timedelta(seconds=given.grace)
    )
    try:
        configure_logging(ObservationSettings.from_environment().log)
        settings = Settings.from_environment()
        settings.require_versioned_worker()
        queues = tuple(given.task_queue or [settings.task_queue])
        run(serve(settings, queues, limits, given.health_port, given.metrics_port))
    except (OSError, ValueError, RuntimeError, RulebookErrors, UmpireError) as error:
        log.debug("the worker did not start", exc_info=error)
        print(f"umpire-worker: {error}", file=sys.stderr)  # noqa: T201
        leave(CANNOT_START)
    leave(0)


if __name__ == "__main__":
    main()
