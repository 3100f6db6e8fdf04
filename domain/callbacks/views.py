"""A callback as lists and screens show it. Who left the message, and their number, is not in it."""

from __future__ import annotations

from pydantic import AwareDatetime

from domain.callbacks.case import CallbackDossier
from domain.cases import task_case_views as contact_rows
from domain.cases.views import CaseView, ProcessKind, Sheet
from domain.model import Model


class CallView(Model):
    """One call that was placed, with who placed it as they named themselves."""

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


class CallbackView(Model):
    """The whole callback. Instants are UTC. `say_first` is what whoever calls says before anything else."""

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
    calls: tuple[CallView, ...]
    another_way: str | None
    another_way_in_words: str | None


def view(call: CallbackDossier) -> CallbackView:
    window, other = call.window, call.not_reached
    return CallbackView(
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
            CallView(
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


def sheet(call: CallbackDossier) -> Sheet:
    return Sheet(process=ProcessKind.CALLBACK, content=view(call).model_dump(mode="json"))


def row(call: CallbackDossier) -> CaseView:
    """One row of the case list. Raises LookupError before the first look."""
    title = f"call about {call.about.value.replace('_', ' ')} from {_whom(call)}"
    return contact_rows.row(call, ProcessKind.CALLBACK, title, call.status)


def _whom(call: CallbackDossier) -> str:
    return "somebody else" if call.from_whom == "other" else f"the {call.from_whom}"
