"""The dock of a case page: the task with the outcomes that the rules allow, each with its short form.

The same dock is shown on the case page, and with everything typed on the page that says why a form was not sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.cases.tasks import ALLOWED_OUTCOMES, Task, TaskKind, TaskOutcome
from services.commands.decision_form import ReviewWorksheet
from services.commands.task_forms import form_for
from web.presentation import form_words, review_forms
from web.presentation.fact_choices import offer_facts
from web.presentation.forms import Choice, FormField, Typed, build_form, count_fields, find_errors

KEYS = {TaskOutcome.APPROVE: "A", TaskOutcome.ASK: "I", TaskOutcome.REFER: "R"}
"""Keys that pick an outcome, where scripts run."""
FIELDS_THAT_FLOAT = 3
"""A dock with more fields than this does not float over the page."""


class Standing(StrEnum):
    """The standing of a task for who looks at it."""

    YOURS = "yours"
    FREE = "free"
    """Nobody has claimed it, and they may."""
    NOT_FOR_YOU = "not_for_you"
    """Nobody has claimed it, and they may not."""
    OTHERS = "others"
    ENDED = "ended"


@dataclass(frozen=True)
class DockOption:
    """An outcome with its short form. `address` is set instead of fields where it has a page of its own."""

    outcome: TaskOutcome
    label: str
    button: str
    fields: tuple[FormField, ...] = ()
    chosen: bool = False
    key: str = ""
    address: str = ""


@dataclass(frozen=True)
class Dock:
    """A task as its dock shows it. `act` is the id of the act that this page can send, once; `kept_at` when the draft in it was
    kept (UTC); `why_not` says why somebody may not do it; `late` that no worker answered, so that less is offered to tick."""

    task: Task
    case_id: str
    zone: str
    act: str
    standing: Standing
    holder: str = ""
    options: tuple[DockOption, ...] = ()
    about: tuple[str, ...] = ()
    kept_at: datetime | None = None
    why_not: tuple[str, ...] = ()
    late: bool = False
    others: tuple[str, ...] = field(default=())

    @property
    def errors(self) -> tuple[tuple[FormField, str], ...]:
        """The fields of the chosen outcome with an error."""
        return tuple(found for one in self.options if one.chosen for found in find_errors(one.fields))

    @property
    def is_long(self) -> bool:
        """Whether the form is too long to float over the page."""
        return any(count_fields(one.fields) > FIELDS_THAT_FLOAT for one in self.options) or bool(self.errors)


def build_options(
    task: Task,
    before: ReviewWorksheet | None,
    typed: Typed,
    zone: str,
    chosen: str | None,
    errors: Mapping[str, str],
    asks: Mapping[str, str] | None = None,
    facts: Sequence[Choice] = (),
) -> tuple[DockOption, ...]:
    """The outcomes that the rules allow, with what was typed. None is chosen beforehand, unless there is but one. `asks` are
    the questions of facts by their id; `facts` those that a form offers to state."""
    if task.kind is TaskKind.BENEFIT_REVIEW:
        return (_on_its_page(task, "Decide it by the plan's documents, or return it", chosen=True),)
    model = form_for(task.kind)
    if model is not None:
        fields = offer_facts(build_form(model, typed, zone, errors, f"{TaskOutcome.DONE.value}."), facts)
        return (DockOption(TaskOutcome.DONE, "Done", "Send", fields, chosen=True),)
    allowed = (
        review_forms.offered_outcomes(before) if before is not None else tuple(sorted(ALLOWED_OUTCOMES[task.kind]))
    )
    picked = chosen or (allowed[0].value if len(allowed) == 1 else None)
    return tuple(_build_option(one, task, before, typed, errors, picked, asks) for one in allowed)


def _build_option(
    outcome: TaskOutcome,
    task: Task,
    before: ReviewWorksheet | None,
    typed: Typed,
    errors: Mapping[str, str],
    picked: str | None,
    asks: Mapping[str, str] | None,
) -> DockOption:
    label = review_forms.outcome_label(outcome, task.kind)
    if outcome is TaskOutcome.DECIDE:
        return _on_its_page(task, label, chosen=picked == outcome.value)
    fields = review_forms.with_errors(review_forms.outcome_fields(outcome, before, typed, asks), dict(errors))
    verb = review_forms.outcome_verb(outcome, task.kind)
    return DockOption(outcome, label, verb, fields, picked == outcome.value, KEYS.get(outcome, ""))


def _on_its_page(task: Task, label: str, *, chosen: bool) -> DockOption:
    """A decision, which is written beside its letter and signed there."""
    address = f"/tasks/{task.task_id}/decision"
    return DockOption(TaskOutcome.DECIDE, label, "Write the decision", chosen=chosen, address=address)


def about_lines(before: ReviewWorksheet | None) -> tuple[str, ...]:
    """Lines to know before acting: the recommendation, proposals, and what of the request was not read."""
    if before is None:
        return ()
    sheet = before.sheet
    told = [f"Referred with: {sheet.recommendation}"] if sheet.recommendation else []
    told += [f"Proposed: {one}" for one in sheet.proposals]
    return (*told, *(f"Not read: {one}" for one in sheet.remarks))


def sentences(said: Sequence[str]) -> tuple[str, ...]:
    """Errors that belong to no field, as sentences."""
    return tuple(form_words.error_sentence(one) for one in said)
