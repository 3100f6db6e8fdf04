"""The clocks of a case as `show` prints them: the notice of an extension stands there only while the plan may still extend."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cli.cases.tables import print_clocks
from domain.cases.views import CaseStatus, CaseView
from domain.vocabulary import Lob
from services.queries.case_detail import CaseDetail

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
DUE = NOW + timedelta(days=2)


def shown(capsys: pytest.CaptureFixture[str], status: CaseStatus = CaseStatus.OPEN, **changes: Any) -> list[str]:
    """The rows of the table for a clock with a decision and a notice of extension."""
    duties = (
        {"kind": kind, "to": to, "at": DUE.isoformat(), "citation": "42 CFR 422.568", "reason": ""}
        for kind, to in DUTIES
    )
    clock = {"rule_id": "MA-OD-STD", "variant": "", "confidence": "confirmed", "due": list(duties)}
    clock |= {"title": "Standard", "starts_at": NOW.isoformat()}
    view = CaseView(
        case_id="PA-AAAABBBBCCCC",
        lob=Lob.MEDICARE_ADVANTAGE,
        state="IL",
        zone="UTC",
        member_id="M1",
        received_at=NOW,
        status=status,
        waiting=None,
        rulebook_version="1",
    )
    detail = CaseDetail(
        case_id=view.case_id,
        view=view,
        sheet=None,
        clocks=(clock | {"judged": {}, "set_aside": None, "extended": False} | changes,),
        tasks=(),
        entries=(),
        letters=(),
        documents=(),
        arrivals=(),
    )
    print_clocks(detail, NOW)
    return capsys.readouterr().out.splitlines()


DUTIES = (("decision", "member"), ("extension_notice_latest", None))


def test_while_the_plan_may_extend_the_last_instant_of_the_notice_stands_with_its_recipient_and_state(
    capsys: pytest.CaptureFixture[str],
) -> None:
    (row,) = [line for line in shown(capsys) if line.startswith("extension notice latest")]
    assert "member" in row and "only if the plan extends: 2 d 0 h left" in row


@pytest.mark.parametrize(
    "settled",
    [
        {"status": CaseStatus.APPROVED},
        {"extended": True},
        {"set_aside": "another rule governs"},
        {"judged": {"decision": "met"}},
    ],
)
def test_an_extension_that_cannot_be_any_more_has_no_row(
    settled: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    lines = shown(capsys, **settled)
    assert any(line.startswith("decision") for line in lines)
    assert not any(line.startswith("extension") for line in lines)
