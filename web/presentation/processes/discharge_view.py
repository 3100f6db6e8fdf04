"""The page of a discharge plan as its template draws it: checklist with owners, choices, scores, notices, follow-up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.cases.tasks import Task
from domain.cases.views import CaseSummary
from domain.discharge.policy import TransitionPolicy
from domain.discharge.risk_scores import Score
from domain.discharge.views import ChecklistItemView, NextSettingReviewView, QioReviewView
from domain.letters.stay_facts import Appointment, ProviderChoice
from web.presentation.instants import describe_day, describe_instant
from web.presentation.processes.contents import day_of, instant_of, items_of
from web.presentation.processes.stay_view import StateLine, list_duties
from web.presentation.words import spell_out


@dataclass(frozen=True)
class ChecklistRow:
    """An item of the checklist: its owner, its state in words, and the open task that does it, if there is one."""

    title: str
    owner: str
    state: str
    tone: str
    task: Task | None
    done_at: datetime | None


@dataclass(frozen=True)
class OfferedProvider:
    """A provider that was offered to the member: the one that the member chose is marked so."""

    name: str
    detail: str
    is_chosen: bool
    answer: str
    tone: str


@dataclass(frozen=True)
class DischargeView:
    """All that the page of a discharge plan shows."""

    facts: tuple[tuple[str, str], ...]
    checklist: tuple[ChecklistRow, ...]
    done: int
    other_tasks: tuple[Task, ...]
    needs: tuple[tuple[str, str, str], ...]
    choices: tuple[OfferedProvider, ...]
    choice_made: str
    scores: tuple[StateLine, ...]
    notices: tuple[StateLine, ...]
    qio: tuple[StateLine, ...]
    next_setting: tuple[NextSettingReviewView, ...]
    appointments: tuple[Appointment, ...]
    after: tuple[StateLine, ...]
    gaps: tuple[str, ...]
    referrals: tuple[str, ...]
    readmissions: tuple[str, ...]


def view_plan(
    content: Mapping[str, object], tasks: tuple[Task, ...], policy: TransitionPolicy, zone: str
) -> DischargeView:
    """The view of a plan from its summary and its tasks; `policy` names the owners of the items."""
    items = [ChecklistItemView.model_validate(one) for one in items_of(content, "checklist")]
    rows = tuple(_row(one, tasks, policy) for one in items)
    shown = {row.task.task_id for row in rows if row.task is not None}
    chosen = content.get("chosen_npi")
    choices = tuple(_choice(ProviderChoice.model_validate(one), chosen) for one in items_of(content, "choices"))
    return DischargeView(
        facts=_facts(content, zone),
        checklist=rows,
        done=sum(1 for row in rows if row.done_at is not None),
        other_tasks=tuple(one for one in tasks if one.is_open and one.task_id not in shown),
        needs=tuple(_need(one) for one in items_of(content, "needs") if isinstance(one, Mapping)),
        choices=choices,
        choice_made=_choice_words(choices),
        scores=tuple(_score(Score.model_validate(one)) for one in items_of(content, "scores")),
        notices=tuple(list_duties(content, zone)),
        qio=tuple(_qio(QioReviewView.model_validate(one), zone) for one in items_of(content, "qio")),
        next_setting=tuple(NextSettingReviewView.model_validate(one) for one in items_of(content, "next_setting")),
        appointments=tuple(Appointment.model_validate(one) for one in items_of(content, "appointments")),
        after=tuple(_after(content, policy, zone)),
        gaps=tuple(str(one["what"]) for one in items_of(content, "gaps") if isinstance(one, Mapping)),
        referrals=tuple(str(one) for one in items_of(content, "referrals")),
        readmissions=tuple(
            f"{one['stay_id']}, day {one['days_since']} after the discharge"
            for one in items_of(content, "readmissions")
            if isinstance(one, Mapping)
        ),
    )


def plan_lines(plan: CaseSummary | None, zone: str) -> tuple[StateLine, ...]:
    """A discharge plan in four lines, for the page of its stay."""
    if plan is None:
        return ()
    content = plan.content
    asked, unknown = len(items_of(content, "needs")), len(items_of(content, "not_answered"))
    items = [ChecklistItemView.model_validate(one) for one in items_of(content, "checklist")]
    done = sum(1 for one in items if one.done_at is not None)
    target, on = content.get("target_setting"), day_of(content, "target_date")
    found = [
        StateLine(
            "Checklist",
            f"{done} of {len(items)} items are done",
            "Complete" if done == len(items) else f"{len(items) - done} open",
            "ok" if done == len(items) else "hot",
        ),
        StateLine(
            "Needs",
            f"{asked} of {asked + unknown} domains answered",
            f"{unknown} unknown" if unknown else "Assessed",
            "hot" if unknown else "ok",
        )
        if asked
        else StateLine("Needs", "not assessed yet", "Open", "hot"),
        StateLine("Next setting", f"{spell_out(str(target))}{f', {describe_day(on)}' if on else ''}", "Planned", "ok")
        if target
        else StateLine("Next setting", "not known yet", "Open", "hot"),
    ]
    found += [
        StateLine(
            "Its authorization",
            f"{one.case_id}, {spell_out(one.setting)}",
            spell_out(one.answer or "open"),
            "ok" if one.answer in ("approved", "not_required") else "hot",
        )
        for one in (NextSettingReviewView.model_validate(item) for item in items_of(content, "next_setting"))
    ]
    return (*found, *(_score(Score.model_validate(one)) for one in items_of(content, "scores")))


def _row(item: ChecklistItemView, tasks: Iterable[Task], policy: TransitionPolicy) -> ChecklistRow:
    rule = next((one for one in policy.checklist if one.item == item.item), None)
    about = [one for one in tasks if one.about == item.item or one.kind.value == item.item]
    task = next((one for one in about if one.is_open), None)
    last = task or (about[-1] if about else None)
    owner = (
        last.assignee if last is not None and last.assignee else spell_out(rule.role.value) if rule is not None else ""
    )
    if item.done_at is not None:
        return ChecklistRow(item.title, owner, "Done", "ok", None, item.done_at)
    state = "Open" if task is not None else "Not begun: its task opens in its time"
    return ChecklistRow(item.title, owner, state, "hot" if task is not None else "", task, None)


def _facts(content: Mapping[str, object], zone: str) -> tuple[tuple[str, str], ...]:
    target = content.get("target_setting")
    rows = (
        ("Goes to", spell_out(str(target)) if target else "not known yet"),
        ("Planned discharge", describe_day(day_of(content, "leaves_on")) or "not known yet"),
        ("Discharged", describe_instant(instant_of(content, "discharged_at"), zone)),
        ("Coverage ends", describe_day(day_of(content, "coverage_ends"))),
        ("QIO", "asked in time, not decided: nothing ends before it has" if content.get("waits_for_qio") else ""),
        ("Member owes nothing before", describe_instant(instant_of(content, "owes_nothing_before"), zone)),
        ("Left undone at the discharge", ", ".join(spell_out(str(one)) for one in items_of(content, "not_done"))),
    )
    return tuple(row for row in rows if row[1])


def _need(one: Mapping[str, object]) -> tuple[str, str, str]:
    """Domain, answer in words, note."""
    needs = one.get("needs")
    answer = "Unknown" if needs is None else "Needs help" if needs else "No need"
    return spell_out(str(one["domain"])), answer, str(one.get("note") or "")


def _choice(one: ProviderChoice, chosen: object) -> OfferedProvider:
    network = {True: "in the network", False: "not in the network", None: "network not known"}[one.in_network]
    interest = "; the plan has a financial interest in it" if one.plan_has_interest else ""
    quality = f"; {one.quality}" if one.quality else ""
    answer, tone = {True: ("Accepts", "ok"), False: ("Declines", ""), None: ("No answer yet", "hot")}[one.accepts]
    detail = f"NPI {one.npi}, {network}{quality}{interest}{f', {one.phone}' if one.phone else ''}"
    return OfferedProvider(one.name, detail, one.npi == chosen, answer, tone)


def _choice_words(choices: tuple[OfferedProvider, ...]) -> str:
    if not choices:
        return "None was offered yet"
    made = next((one.name for one in choices if one.is_chosen), None)
    return f"{len(choices)} offered; the member chose {made}" if made else f"{len(choices)} offered; no choice yet"


def _score(one: Score) -> StateLine:
    """A score in words: 'at least' while values are missing."""
    if one.is_complete:
        return StateLine(f"{one.name} {one.at_least} of {one.most}", f"{one.band.value} · {one.citation}", "", "")
    missing = f"not known: {', '.join(one.missing)} · {one.citation}"
    return StateLine(f"{one.name} at least {one.at_least} of {one.most}, {one.band.value} or higher", missing, "", "")


def _qio(one: QioReviewView, zone: str) -> StateLine:
    about = "The end of services" if one.about == "end_of_services" else "The discharge"
    time = {
        True: "asked in time",
        False: "asked too late to stop anything",
        None: "whether in time is not known: it counts as in time",
    }
    detail = f"{time[one.in_time]}, {describe_instant(one.asked_at, zone)}"
    if one.decided_at is None:
        return StateLine(about, detail, "Waits for the QIO", "hot")
    said = {True: "It stands", False: "It does not stand: the care goes on", None: "Decided; the result is not known"}
    return StateLine(
        about,
        f"{detail}; decided {describe_instant(one.decided_at, zone)}",
        said[one.upheld],
        "ok" if one.upheld is not None else "hot",
    )


def _after(content: Mapping[str, object], policy: TransitionPolicy, zone: str) -> Iterable[StateLine]:
    """The follow-up after the discharge: what was done, and when."""
    done = content.get("done_after")
    titles = {one.task: one.title for one in policy.tasks}
    if isinstance(done, Mapping):
        for name, at in done.items():
            when = describe_instant(datetime.fromisoformat(str(at)), zone)
            yield StateLine(titles.get(str(name), spell_out(str(name))), "", f"Done {when}", "ok")
    attempts = content.get("call_attempts")
    if attempts:
        yield StateLine("Calls after the discharge", f"{attempts} placed", "", "")
