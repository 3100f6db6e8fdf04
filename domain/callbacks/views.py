"""Summary and list row of a callback, without the caller's name and number."""

from __future__ import annotations

from pydantic import AwareDatetime

from domain.callbacks.case import CallbackCase
from domain.cases import journal_rows, waiting
from domain.cases.views import CaseStatusSummary, CaseSummary, CaseView, Waiting
from domain.model import Model
from domain.vocabulary import ProcessKind


class CallSummary(Model):
    """One call that was placed, with the name, title and organization that its caller gave."""

    at: AwareDatetime
    by: str
    name: str
    title: str
    organization: str
    reached: str
    outcome: str
    in_time: bool
    language_help: str | None
    tty_used: bool | None
    said: str | None


class CallbackSummary(Model):
    """The summary of a callback. Instants are UTC. `say_first` is the script that begins every call."""

    from_whom: str
    about: str
    about_dossier: str | None
    member_id: str | None
    left_at: AwareDatetime
    call_from: AwareDatetime | None
    call_by: AwareDatetime | None
    needs: dict[str, str]
    message_document: str
    say_first: str
    attempts_before_another_way: int
    calls: tuple[CallSummary, ...]
    another_way: str | None
    another_way_in_words: str | None


def callback_summary(call: CallbackCase) -> CallbackSummary:
    window, other = call.window, call.not_reached
    return CallbackSummary(
        from_whom=call.from_whom,
        about=call.about.value,
        about_dossier=call.about_case_id,
        member_id=call.member_id or None,
        left_at=call.received_at,
        call_from=window.opens_at if window is not None else None,
        call_by=window.due_at if window is not None else None,
        needs=call.needs,
        message_document=call.message_document,
        say_first=call.rules.identification.says,
        attempts_before_another_way=call.rules.attempts.value,
        calls=tuple(
            CallSummary(
                at=attempt.at,
                by=attempt.by,
                name=attempt.record.caller_name,
                title=attempt.record.caller_title,
                organization=attempt.record.caller_organization,
                reached=attempt.record.reached,
                outcome=attempt.record.outcome,
                in_time=attempt.in_window,
                language_help=attempt.record.language_help,
                tty_used=attempt.record.tty_used,
                said=attempt.record.said,
            )
            for attempt in call.attempts
        ),
        another_way=other.way if other is not None else None,
        another_way_in_words=other.what if other is not None else None,
    )


def case_summary(call: CallbackCase) -> CaseSummary:
    return CaseSummary(process=ProcessKind.CALLBACK, content=callback_summary(call).model_dump(mode="json"))


def case_view(call: CallbackCase) -> CaseView:
    """The row of the callback for lists."""
    title = f"call about {call.about.value.replace('_', ' ')} from {_caller_phrase(call)}"
    return journal_rows.member_case_view(call, ProcessKind.CALLBACK, title, call.status, current_wait(call))


def current_wait(call: CallbackCase) -> Waiting | None:
    """The current wait of the callback; None when it waits for nobody."""
    return waiting.task_wait(call) if call.is_open else None


def status_summary(call: CallbackCase) -> CaseStatusSummary:
    """The status of the callback, with a sentence that names the zone of its times."""
    return waiting.status_summary(call, call.status, current_wait(call))


def _caller_phrase(call: CallbackCase) -> str:
    return "somebody else" if call.from_whom == "other" else f"the {call.from_whom}"
