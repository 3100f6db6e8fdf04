"""The OpenAPI document against the API: what it promises holds for whatever a program sends, good or bad."""

from __future__ import annotations

import asyncio
import runpy
from itertools import islice
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.applications import Starlette

from demo.time_skipping_lab import Lab
from domain.cases.views import CaseStatus
from store import cases, journal
from tests.paths import ROOT
from tests.web.api.programs import make_token
from tests.web.conftest import lab_context
from web.api.app import PREFIX, ApiMount, build_api, write_document
from web.api.callers import RateLimit
from web.context import WebContext

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)


def _call_all(context: WebContext, examples: int, number: int, step: int = 1, case_id: str | None = None) -> None:
    """Call each operation, or one in `step`, with so many generated requests, half of them wrong, for staff and providers."""
    app = Starlette(routes=[ApiMount(build_api(context, limit=RateLimit(most=10**6, share=10**6)))])
    schema = schemathesis.openapi.from_dict(write_document())
    schema.app = app
    schema.config.update(base_url=f"http://umpire.test{PREFIX}")
    tokens = [make_token(context, subject) for subject in ("supervisor.bell", "nurse.adams", "1215000013")]
    for found in islice(schema.get_all_operations(), number % step, None, step):
        operation = found.ok()
        sendings = st.one_of(
            operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
            operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
        )

        @seed(number)
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
            verbosity=Verbosity.quiet,
        )
        @given(case=sendings, token=st.sampled_from(tokens))
        def call(case: Any, token: str) -> None:
            places = case.path_parameters or {}
            if case_id is not None:  # most requests are about the case that runs
                places |= {"case_id": case_id} if "case_id" in places else {}
                places |= {"task_id": f"{case_id}-T1"} if "task_id" in places else {}
            answer = case.call(headers={"Authorization": f"Bearer {token}"})
            if answer.status_code == 503:  # documented: no engine stands behind this store
                assert answer.headers["retry-after"]
                return
            case.validate_response(answer, checks=list(CHECKS))

        call()


def test_whatever_is_sent_the_document_holds(web_context: WebContext) -> None:
    _call_all(web_context, 2, 7, step=12)


@pytest.mark.many
def test_whatever_is_sent_for_long_the_document_holds(web_context: WebContext) -> None:
    _call_all(web_context, 40, 11)


@pytest.mark.many
async def test_over_running_cases_the_document_holds_and_nothing_says_no(lab: Lab) -> None:
    sent = await lab.submit((ROOT / "samples" / "requests" / "lumbar-fusion.json").read_bytes())
    case_id = str(sent.case_id)
    context = await lab_context(lab)
    await asyncio.to_thread(_call_all, context, 8, 5, 1, case_id)
    await lab.settle()
    with lab.store.read() as s:
        assert journal.verify(s, case_id) is None
        view = cases.get(s, case_id)
    assert view is not None and view.status not in (CaseStatus.DENIED, CaseStatus.APPROVED_IN_PART)


def test_the_stored_document_is_that_of_the_routes() -> None:
    """`python docs/write_openapi.py` writes it anew."""
    render = runpy.run_path(str(ROOT / "docs" / "write_openapi.py"))["render"]
    assert (ROOT / "docs" / "api" / "openapi.json").read_text() == render()


def test_every_operation_says_what_it_does_and_how_it_fails() -> None:
    document = write_document()
    for path, one in document["paths"].items():
        for method, operation in one.items():
            assert operation["summary"] and operation["description"], path
            assert {"401", "403", "422", "429", "503"} <= set(operation["responses"]), path
            keys = [each["name"] for each in operation.get("parameters", ()) if each["in"] == "header"]
            assert keys == (["Idempotency-Key"] if method == "post" else []), path
