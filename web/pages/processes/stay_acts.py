"""Acts on a stay that are no tasks: a clinical update, an avoidable day, an earlier end, a second look."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from starlette.datastructures import FormData

from domain.errors import NotOnFile, refusal
from domain.journal import Actor
from domain.stays.avoidable_days import Attribution, AvoidableDay
from domain.vocabulary import Channel, Role
from intake.stays import updates
from intake.stays.evidence import UpdateContents
from intake.stays.updates import ReconsiderationRequest
from services.commands import stay_actions
from services.context import CommandResult
from services.queries.processes.stay_detail import StayDetail
from web.context import SignedIn, WebContext
from web.pages.processes.stay_updates import make_form, read_file, send
from web.presentation.processes.act_fields import (
    ActField,
    ActForm,
    InputKind,
    need_day,
    read_day,
    read_instant,
    read_text,
)
from web.presentation.processes.stay_view import StayView
from web.presentation.words import spell_out

_PHYSICIANS = frozenset({Role.PHYSICIAN, Role.MEDICAL_DIRECTOR})


def may_propose_reduction(who: SignedIn) -> bool:
    """Whether this person may propose that approved days end earlier: physicians alone."""
    return bool(who.principal.roles & _PHYSICIANS)


@dataclass(frozen=True)
class StayAct:
    """An act on a stay: its form, how it is sent, and the first word of its notice."""

    form: Callable[[WebContext, StayDetail, StayView], ActForm]
    send: Callable[[WebContext, SignedIn, StayDetail, FormData], Awaitable[CommandResult]]
    done: str


def act_of(name: str, who: SignedIn) -> StayAct:
    """The act of this name. Raises NotOnFile for an unknown one, and Refused for one that is not this person's."""
    found = _ACTS.get(name)
    if found is None:
        raise NotOnFile("There is no such act on a stay.", "Choose one of those on the page of the stay.")
    if name == "reduction" and not may_propose_reduction(who):
        raise refusal("reduction.role", "Only a physician may propose it.", "Ask a physician or the medical director.")
    return found


def _avoidable_form(context: WebContext, detail: StayDetail, view: StayView) -> ActForm:
    reasons = tuple(
        (f"{one.reason}:{party.value}", f"{one.title} ({spell_out(party.value).lower()})")
        for one in context.rulebook.stays.delays.reasons
        for party in one.attributions
    )
    days = tuple(
        (one.day.isoformat(), f"{one.day:%a %b} {one.day.day}") for one in view.days if one.answer.value != "ahead"
    )
    return ActForm(
        f"/stays/{detail.case.case_id}/avoidable-day",
        "Avoidable day",
        "Record the day",
        "A day that could have been saved, by whom, and why; the plan's own delays too. It is a signal and denies no day.",
        (
            ActField("day", "Day", InputKind.CHOICE, choices=(("", "Choose"), *days), needed=True),
            ActField(
                "reason",
                "Reason, and whom it is laid to",
                InputKind.CHOICE,
                choices=(("", "Choose"), *reasons),
                needed=True,
            ),
            ActField("note", "What happened", InputKind.AREA),
        ),
    )


async def _send_avoidable(context: WebContext, who: SignedIn, detail: StayDetail, typed: FormData) -> CommandResult:
    reason, _, party = read_text(typed, "reason").partition(":")
    if party not in {one.value for one in Attribution}:
        raise refusal("delay.reason", "No reason was chosen.", "Choose one from the list.")
    entry = AvoidableDay(
        day=need_day(typed, "day"), reason=reason, attribution=Attribution(party), note=read_text(typed, "note")
    )
    return await stay_actions.record_avoidable_day(
        context.services, detail.case.case_id, entry, who.principal.reviewer, read_text(typed, "act") or None
    )


def _reduction_form(context: WebContext, detail: StayDetail, view: StayView) -> ActForm:
    return ActForm(
        f"/stays/{detail.case.case_id}/reduction",
        "Earlier end of approved days",
        "Propose it",
        "Approved days stay approved until a review of its own has decided and the member had notice. The law of most lines "
        "of business allows no earlier end at all. Proposing denies nothing.",
        (
            ActField("effective_on", "First approved day that would end", InputKind.DAY, needed=True),
            ActField("why", "Why the days are no longer needed", InputKind.AREA, needed=True),
        ),
    )


async def _send_reduction(context: WebContext, who: SignedIn, detail: StayDetail, typed: FormData) -> CommandResult:
    why = read_text(typed, "why")
    if not why:
        raise refusal("reduction.why", "The reason is missing.", "Say why the days are no longer needed.")
    return await stay_actions.propose_reduction(
        context.services,
        detail.case.case_id,
        need_day(typed, "effective_on"),
        why,
        who.principal.reviewer,
        read_text(typed, "act") or None,
    )


def _second_look_form(context: WebContext, detail: StayDetail, view: StayView) -> ActForm:
    denied = tuple((one.day.isoformat(), f"{one.day:%a %b} {one.day.day}") for one in view.days if one.glyph == "not")
    return ActForm(
        f"/stays/{detail.case.case_id}/second-look",
        "Second look at denied days",
        "Ask for it",
        "A physician looks at denied days again: after a peer-to-peer, or by a reopening. It is no appeal.",
        (
            ActField("first", "Denied day, or the first of several", InputKind.CHOICE, choices=denied, needed=True),
            ActField("last", "The last one", InputKind.CHOICE, choices=(("", "The same day"), *denied)),
            ActField(
                "held_at",
                f"When the peer-to-peer was held ({detail.case.zone})",
                InputKind.INSTANT,
                "Left out: a reopening.",
            ),
            ActField("note", "What came out", InputKind.AREA, needed=True),
            ActField("file", "New records", InputKind.FILE),
        ),
    )


async def _send_second_look(context: WebContext, who: SignedIn, detail: StayDetail, typed: FormData) -> CommandResult:
    name, content = await read_file(typed)
    first, held = need_day(typed, "first"), read_text(typed, "held_at")
    look = ReconsiderationRequest(
        first=first,
        last=read_day(typed, "last") or first,
        how="peer_to_peer" if held else "reopening",
        held_at=read_instant(typed, "held_at", detail.case.zone),
        note=read_text(typed, "note"),
    )
    brought = UpdateContents(content=content, name=name, note=read_text(typed, "note") or None, channel=Channel.PHONE)
    actor = Actor(kind="reviewer", id=who.principal.reviewer)
    return await updates.request_reconsideration(context.services, detail.case.case_id, brought, look, actor)


_ACTS: Mapping[str, StayAct] = {
    "update": StayAct(make_form, send, "Update added."),
    "avoidable-day": StayAct(_avoidable_form, _send_avoidable, "Recorded."),
    "reduction": StayAct(_reduction_form, _send_reduction, "Proposed."),
    "second-look": StayAct(_second_look_form, _send_second_look, "Asked for."),
}
