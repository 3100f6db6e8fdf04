"""Seen from outside, a case is a number and kinds: no log line, span or metric tells of the member."""

from __future__ import annotations

import io
import json
import logging
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from temporalio.client import WorkflowUpdateFailedError

from demo.time_skipping_lab import Lab, laboratory
from domain.cases.tasks import TaskKind, TaskOutcome
from engine.observing.logs import JsonLines
from engine.observing.metrics_pages import MetricsPage
from engine.observing.observation import ObservationSettings
from engine.observing.span_cleaning import ALLOWED
from engine.observing.tracing import start_tracing, temporal_interceptors, tracer_of
from services.queries.leading.measures import read_measures
from store import directory
from tests.workflows.care_requests import FUSION, FUSION_NOT_MET, request
from tests.workflows.lab_case import LabCase

SECRETS = ("Zabrowskaya", "Quintessa", "MBR1000011", "0SG00A0", "M41.26", "walks with two canes")


@pytest.fixture
def json_log() -> Iterator[io.StringIO]:
    """Everything that the process logs from INFO on, as a worker with UMPIRE_LOG=json writes it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield stream
    root.removeHandler(handler)
    root.setLevel(before)


async def denied_case(lab: Lab) -> LabCase:
    """A whole case about a member with a strange name, with a message that was refused on its way."""
    with lab.store.begin() as s:
        member = directory.member(s, "MBR1000011")
        assert member is not None
        renamed = member.model_copy(update={"family_name": "Zabrowskaya", "given_name": "Quintessa"})
        directory.put_member(s, renamed)
    line = FUSION.model_copy(update={"diagnoses": ("M41.26",)})
    people = LabCase(lab, await lab.open(request(line, known=FUSION_NOT_MET)))
    words = "She walks with two canes; twelve months are not documented."
    with pytest.raises(WorkflowUpdateFailedError):
        wrong = await people.completion(TaskKind.NURSE_REVIEW, "nurse.adams", TaskOutcome.DECIDE, note=words)
        await lab.act(people.case_id, wrong)
    refer = {"recommendation": words}
    await people.send(await people.completion(TaskKind.NURSE_REVIEW, "nurse.adams", TaskOutcome.REFER, **refer))
    await people.send(await people.settled("held"))
    await people.send(await people.denial())
    assert people.view().status == "denied"
    return people


async def test_logs_spans_and_metrics_of_a_whole_case_tell_nothing_of_the_member(
    tmp_path: Path, json_log: io.StringIO
) -> None:
    spans = InMemorySpanExporter()
    provider = start_tracing(ObservationSettings(), "umpire-worker", spans)
    assert provider is not None
    async with laboratory(tmp_path, interceptors=temporal_interceptors(provider)) as lab:
        people = await denied_case(lab)
        now = await lab.now()

        def read() -> dict[tuple[str, tuple[str, ...]], float]:
            with lab.store.read() as s:
                return dict(read_measures(s, now))

        page = MetricsPage(read).text()
        logging.getLogger("umpire.worker").info("%s went on", people.case_id)
        try:
            raise ValueError("Quintessa walks with two canes")
        except ValueError:
            logging.getLogger("umpire.worker").exception("a fault in %s", people.case_id)
    told = "\n".join(map(describe, spans.get_finished_spans()))
    assert people.case_id in told and "RunActivity:record" in told and "error.type" in told
    lines = [json.loads(line) for line in json_log.getvalue().splitlines()]
    (fault,) = [line for line in lines if line.get("error") == "ValueError"]
    assert fault["case"] == people.case_id and "test_observed_cases.py" in fault["at_places"][-1]
    assert "umpire_clocks" in page and people.case_id not in page
    for secret in SECRETS:
        assert secret not in told
        assert secret not in json_log.getvalue()
        assert secret not in page


async def test_every_span_has_allowed_attributes_alone(tmp_path: Path) -> None:
    spans = InMemorySpanExporter()
    provider = start_tracing(ObservationSettings(), "umpire-worker", spans)
    assert provider is not None
    with tracer_of(provider).start_as_current_span("GET /cases/{case_id}") as span:
        span.set_attribute("url.full", "http://127.0.0.1/find?q=Zabrowskaya")
        span.set_attribute("http.route", "/cases/{case_id}")
        span.record_exception(ValueError("Quintessa"))
        span.set_status(span.status.status_code.ERROR, "Quintessa")
    (sent,) = spans.get_finished_spans()
    assert dict(sent.attributes or {}) == {"http.route": "/cases/{case_id}", "error.type": "ValueError"}
    assert not sent.events and not sent.status.description
    assert set(sent.attributes or {}) <= ALLOWED


async def test_a_worker_that_replays_after_every_task_makes_each_span_once(tmp_path: Path) -> None:
    spans = InMemorySpanExporter()
    provider = start_tracing(ObservationSettings(), "umpire-worker", spans)
    assert provider is not None
    async with laboratory(tmp_path, cached=False, interceptors=temporal_interceptors(provider)) as lab:
        people = await denied_case(lab)
        history = await lab.handle(people.case_id).fetch_history()
    scheduled = Counter(
        event.activity_task_scheduled_event_attributes.activity_type.name
        for event in history.events
        if event.HasField("activity_task_scheduled_event_attributes")
    )
    started = Counter(
        span.name.partition(":")[2] for span in spans.get_finished_spans() if span.name.startswith("StartActivity:")
    )
    assert scheduled and {name: started[name] for name in scheduled} == dict(scheduled)


def test_traces_that_nobody_asked_for_load_nothing_and_intercept_nothing() -> None:
    assert start_tracing(ObservationSettings(), "umpire-worker") is None
    assert temporal_interceptors(None) == []


def describe(span: ReadableSpan) -> str:
    """Everything of a span that leaves the process."""
    return span.to_json()
