"""The status of a case of any process in one sentence, the same for the command line, the pages and the API."""

from __future__ import annotations

from domain.case_numbers import kind_of
from domain.cases.views import CaseStatus, CaseView
from domain.cases.waiting import wait_parts
from domain.plain_language.phrases import instant_phrase
from domain.vocabulary import ProcessKind

_CASE_NOUNS = {
    ProcessKind.REQUEST: "Case",
    ProcessKind.STAY: "Stay",
    ProcessKind.DISCHARGE_PLAN: "Discharge plan",
    ProcessKind.RETROSPECTIVE_REVIEW: "Retrospective review",
    ProcessKind.CONCERN: "Concern",
    ProcessKind.APPEAL: "Appeal",
    ProcessKind.CALLBACK: "Callback",
}


def case_noun(case_id: str) -> str:
    """The word for a case of this number."""
    return _CASE_NOUNS[kind_of(case_id) or ProcessKind.REQUEST]


def status_sentence(view: CaseView | None, case_id: str) -> str:
    """The case's status in one sentence, with its number."""
    return "".join(text for text, _ in sentence_parts(view, case_id))


def sentence_parts(view: CaseView | None, case_id: str) -> tuple[tuple[str, bool], ...]:
    """The sentence in parts, each with whether a reader looks for it first. The first part names the case."""
    named = f"{case_noun(case_id)} {case_id}"
    if view is None:
        is_request = kind_of(case_id) is ProcessKind.REQUEST
        what = "its request is stored and waits for a worker" if is_request else "it waits for a worker"
        return (f"{named} ", False), (f"is being opened: {what}.", False)
    if view.waiting is not None:
        return (f"{named}: ", False), *wait_parts(view.waiting, view.zone)
    if view.status is CaseStatus.OPEN:
        return (f"{named} ", False), ("continues automatically.", False)
    number = f" Authorization number {view.authorization_number}." if view.authorization_number else ""
    since = f" since {instant_phrase(view.closed_at, view.zone)}" if view.closed_at is not None else ""
    ended = view.status.value.replace("_", " ")
    return (f"{named} ", False), (f"is closed{since}: ", False), (ended, True), (f".{number}", False)
