"""Acts on a stay that are no tasks: a clinical update, an avoidable day, an earlier end, a second look."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from starlette.datastructures import FormData, UploadFile

from domain.errors import NotOnFile, refusal
from domain.journal import Actor
from domain.stays.avoidable_days import Attribution, AvoidableDay
from domain.stays.levels_of_care import LevelOfCare
from domain.vocabulary import Channel, Role
from intake.stays import updates
from intake.stays.evidence import UpdateContents
from intake.stays.updates import ReconsiderationRequest, UpdateRequest
from services.commands import stay_actions
from services.context import CommandResult
from services.queries.processes.stay_detail import StayDetail
from web.context import SignedIn, WebContext
from web.presentation.processes.act_fields import (
    YES_NO,
    ActField,
    ActForm,
    InputKind,
    need_day,
    read_choice,
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


def _update_form(context: WebContext, detail: StayDetail, view: StayView) -> ActForm:
    levels = tuple((one.level.value, one.title) for one in context.rulebook.stays.levels.levels)
    return ActForm(
        f"/stays/{detail.case.case_id}/update",
        "Clinical update",
        "Add the update",
        "What the facility says about the patient: by telephone as a note, or as a file of records. The days that are open are "
        "reviewed then; an update that comes during a review waits for its end. Nobody loses a day by it.",
        (
            ActField(
                "note", "Note of the call", InputKind.AREA, "Who said what about the patient's state and treatment."
            ),
            ActField("file", "Records", InputKind.FILE, "A document, or records as JSON (FHIR or plain)."),
            ActField(
                "as_of", "Day of which the records tell", InputKind.DAY, "For values without a date of their own."
            ),
            ActField("through", "Days asked for through", InputKind.DAY, "By the plan's policy, if left out."),
            ActField("level", "Level of care, if it changed", InputKind.CHOICE, choices=(("", "As it was"), *levels)),
            ActField("drg", "Working DRG", hint="Three digits. A signal for the usual length, never a limit."),
            ActField("expected_discharge", "Expected discharge", InputKind.DAY),
            ActField(
                "post_stabilization",
                "After an emergency: the patient is stable, and the facility asks for care from now on",
                InputKind.CHOICE,
                "One hour decides then.",
                YES_NO,
            ),
        ),
    )


async def _send_update(context: WebContext, who: SignedIn, detail: StayDetail, typed: FormData) -> CommandResult:
    name, content = await _read_file(typed)
    level, drg = read_choice(typed, "level", set(LevelOfCare)), read_text(typed, "drg")
    if drg and not (drg.isascii() and drg.isdecimal() and len(drg) == 3):
        raise refusal("update.drg", "A DRG has three digits.", "Write it such as 291, or leave it out.")
    brought = UpdateContents(
        content=content,
        name=name,
        note=read_text(typed, "note") or None,
        as_of=read_day(typed, "as_of"),
        channel=Channel.PORTAL if content is not None else Channel.PHONE,
    )
    wanted = UpdateRequest(
        through=read_day(typed, "through"),
        level=LevelOfCare(level) if level else None,
        working_drg=drg or None,
        expected_discharge=read_day(typed, "expected_discharge"),
        post_stabilization={"yes": True, "no": False}.get(read_text(typed, "post_stabilization")),
    )
    actor = Actor(kind="reviewer", id=who.principal.reviewer)
    return await updates.send_update(context.services, detail.case.case_id, brought, wanted, actor)


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
    name, content = await _read_file(typed)
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


async def _read_file(typed: FormData) -> tuple[str | None, bytes | None]:
    """The name and content of the chosen file; None twice where none was."""
    file = typed.get("file")
    return (file.filename, await file.read()) if isinstance(file, UploadFile) and file.filename else (None, None)


_ACTS: Mapping[str, StayAct] = {
    "update": StayAct(_update_form, _send_update, "Update added."),
    "avoidable-day": StayAct(_avoidable_form, _send_avoidable, "Recorded."),
    "reduction": StayAct(_reduction_form, _send_reduction, "Proposed."),
    "second-look": StayAct(_second_look_form, _send_second_look, "Asked for."),
}
