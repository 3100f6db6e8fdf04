"""Results of repeats and of requests after a decision, in words for their senders."""

from __future__ import annotations

from collections.abc import Sequence

from domain.cases.views import ENDED_UNDECIDED, CaseStatus, CaseView
from domain.plain_language.phrases import count_phrase
from domain.requests.after_decision import AfterDecision, AfterDecisionKind
from intake.requests.arrival_outcome import RepeatedRequest
from services.context import CommandResult, CommandStatus

_OUTCOMES = {
    CaseStatus.APPROVED: "approved",
    CaseStatus.APPROVED_IN_PART: "approved in part; the rest can be appealed",
    CaseStatus.DENIED: "denied; it can be appealed, the letter says how",
    CaseStatus.NOT_REQUIRED: "no authorization is required",
    CaseStatus.WITHDRAWN: "withdrawn",
    CaseStatus.DISMISSED: "dismissed without a decision",
    CaseStatus.NOT_COVERED: "closed without a decision, because it is not covered on these days",
    CaseStatus.MISDIRECTED: "forwarded to another plan without a decision",
    CaseStatus.NOT_FILED: "closed without a decision, because it was not properly filed",
    CaseStatus.COMPLETED: "kept with the decided case, for the appeal",
    CaseStatus.VOIDED: "given back",
}


def after_decision_text(case_id: str, asked: AfterDecision) -> str:
    """The result of a request that follows a decision."""
    if asked.kind is AfterDecisionKind.REOPENING:
        return f"{asked.case_id} is decided; it is looked at again as case {case_id}, with its own receipt and clock."
    number = asked.authorization_number or asked.case_id
    return f"Case {case_id} is running: {asked.kind.value.replace('_', ' ')} of authorization {number}."


def repeat_text(repeat: RepeatedRequest, view: CaseView | None, replies: Sequence[CommandResult]) -> str:
    """The result of a repeat, with what became of everything that it brought."""
    case_id = repeat.case_id
    party = f" as asked by the {repeat.party}" if repeat.party else ""
    if view is None:
        done = _effects_text(repeat, replies)
        return f"The same request is case {case_id} already, which is being opened. {done}"
    if view.status is CaseStatus.OPEN:
        waits = f" It waits for {view.waiting.what} from {view.waiting.owner}." if view.waiting else ""
        done = _effects_text(repeat, replies)
        return f"The same request is case {case_id} already and joined it{party}.{waits} {done}"
    number = f" Authorization number {view.authorization_number}." if view.authorization_number else ""
    if repeat.is_copy:
        anew = " To ask for it again, send it under a new identifier." if view.status in ENDED_UNDECIDED else ""
        return f"A copy of what case {case_id} has ({_OUTCOMES[view.status]}); it opened nothing.{number}{anew}"
    return f"Already decided as case {case_id}: {_OUTCOMES[view.status]}.{number}{_filed_text(repeat)}"


def _filed_text(repeat: RepeatedRequest) -> str:
    if repeat.filed:
        return f" {count_phrase(len(repeat.filed), 'new document')} put on its file."
    return " Its new facts were put on the file." if repeat.unseen_records else ""


def _effects_text(repeat: RepeatedRequest, replies: Sequence[CommandResult]) -> str:
    """The outcome of everything that the repeat brought, one sentence each."""
    said = []
    for does, reply in zip(repeat.does, replies[1:], strict=False):
        if reply.kind is CommandStatus.REFUSED:
            why = " ".join(f"{problem}" for problem in reply.issues)
            said.append(f"Not done ({does}): {why}")
        else:
            said.append(f"{does[0].upper()}{does[1:]}. {reply.says}")
    return " ".join(said) or "Nothing was added to it."
