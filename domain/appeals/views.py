"""Summary, list row and status of an appeal."""

from __future__ import annotations

from datetime import date

from pydantic import AwareDatetime

from domain.appeals.case import AppealCase, AppealedLine, Effectuation, ForwardedFile
from domain.cases import journal_rows, waiting
from domain.cases.views import AnsweredLine, CaseStatusSummary, CaseSummary, CaseView, Waiting
from domain.clocks.engine import DueKind
from domain.model import Model
from domain.plain_language.phrases import count_phrase
from domain.vocabulary import ProcessKind


class AppealSummary(Model):
    """The summary of an appeal. `may_file_until` (UTC) is the last instant of the time to file, None where none has begun."""

    appealed: str
    level: int
    received: AwareDatetime
    filed_by: str
    person: str
    channel: str
    said: str
    entered_by: str | None
    fast_decision_asked: bool
    lines: tuple[AppealedLine, ...]
    notice_dated: date | None
    may_file_until: AwareDatetime | None
    may_appeal: str
    timeliness: str
    review: str | None
    review_ended: str | None
    review_lines: tuple[AnsweredLine, ...]
    carried_out: Effectuation | None
    forwarded: ForwardedFile | None
    next_step: str
    joined: tuple[int, ...]


def case_summary(appeal: AppealCase) -> CaseSummary:
    """The summary of an appeal whose determination is known."""
    said, origin, answer = appeal.require_filing(), appeal.require_origin(), appeal.answer
    shown = AppealSummary(
        appealed=appeal.appealed,
        level=appeal.level,
        received=appeal.received_at,
        filed_by=said.by.value,
        person=said.asked.person,
        channel=said.asked.channel.value,
        said=said.said,
        entered_by=said.entered_by,
        fast_decision_asked=said.expedited,
        lines=origin.lines,
        notice_dated=origin.noticed_on,
        may_file_until=origin.window.until if origin.window is not None else None,
        may_appeal=appeal.standing.value if appeal.standing is not None else "",
        timeliness=appeal.timeliness.value if appeal.timeliness is not None else "",
        review=appeal.review,
        review_ended=answer.status.value if answer is not None else None,
        review_lines=answer.lines if answer is not None else (),
        carried_out=appeal.effectuation,
        forwarded=appeal.forwarding,
        next_step=origin.rule.next_step,
        joined=tuple(appeal.joined),
    )
    return CaseSummary(process=ProcessKind.APPEAL, content=shown.model_dump(mode="json"))


def case_view(appeal: AppealCase) -> CaseView:
    """The row of the appeal for lists."""
    origin, answer = appeal.require_origin(), appeal.answer
    due = appeal.due(DueKind.DECISION) if answer is None else None
    return journal_rows.member_case_view(
        appeal,
        ProcessKind.APPEAL,
        f"Appeal of {appeal.appealed}: {count_phrase(len(origin.lines), 'line')}",
        appeal.status,
        current_wait(appeal),
        review_kind=origin.review_kind,
        service_kind=origin.service_kind,
        urgency=appeal.urgency,
        requesting_npi=origin.requesting_npi,
        decision_due=due[1].at if due is not None else None,
        governing_rule=due[0].rule_id if due is not None else None,
        decided_at=answer.decided_at if answer is not None else None,
        follows=appeal.appealed,
    )


def current_wait(appeal: AppealCase) -> Waiting | None:
    """The current wait of the appeal; None when it waits for nobody."""
    if not appeal.is_open or appeal.origin is None:
        return None
    if (wait := waiting.task_wait(appeal)) is not None:
        return wait
    if appeal.review is not None and appeal.answer is None:
        due = appeal.due(DueKind.DECISION)
        return Waiting(
            what=f"review {appeal.review}",
            owner="a physician who took no part before",
            until=due[1].at if due is not None else None,
            then="the review records the missed deadline, and what the law says of it follows",
        )
    return waiting.NEXT_STEP


def status_summary(appeal: AppealCase) -> CaseStatusSummary:
    """The status of the appeal, with a sentence that names the zone of its times."""
    return waiting.status_summary(appeal, appeal.status, current_wait(appeal))
