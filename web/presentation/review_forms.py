"""The short forms of an authorization's tasks: for each outcome that the task may end with, only what that outcome takes.

The fields are those of the form that the command line asks for (`domain.authorization.forms`); what is read from them is
checked by its one validation. Findings of the record are offered as chips and tick boxes, judgments never.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from pydantic import JsonValue

from domain.authorization.assessment import LineAssessment
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.criteria.trace_wording import criterion_text
from domain.vocabulary import LineOutcome
from services.commands.decision_form import ReviewWorksheet
from web.presentation.form_reading import ReadForm
from web.presentation.forms import Chip, Choice, FieldKind, FormField, Typed, typed_text

MOST_NAMED = 8
"""Criteria that an approval may name, shown as tick boxes; others are written."""
MOST_CHIPS = 6
OTHER = "other"


def outcome_fields(
    outcome: TaskOutcome, before: ReviewWorksheet | None, typed: Typed, asks: Mapping[str, str] | None = None
) -> tuple[FormField, ...]:
    """The fields of the short form of this outcome with what was typed. Without a worksheet, as when no worker answers, nothing
    is offered to tick. `asks` are the questions of facts by their id."""
    build = _BUILDERS.get(outcome, _note_fields)
    return tuple(_with_typed(one, typed, asks or {}) for one in build(outcome.value, before))


def with_errors(fields: tuple[FormField, ...], errors: dict[str, str]) -> tuple[FormField, ...]:
    """The fields with the errors of their paths."""
    return tuple(replace(one, error=errors.get(one.path, "")) for one in fields)


def read_outcome(outcome: TaskOutcome, before: ReviewWorksheet | None, typed: Typed) -> ReadForm:
    """The typed fields of this outcome, as the values of a completion form."""
    found = ReadForm(values={"outcome": outcome.value}, places={"outcome": "outcome"})
    reads = _READERS.get(outcome, _read_note)
    fields = {one.path.partition(".")[2]: one for one in outcome_fields(outcome, before, typed)}
    reads(found, outcome.value, fields, before)
    for one in fields.values():
        if one.needed and not _is_answered(one):
            found.problems.setdefault(one.path, "Answer this.")
    return found


def offered_outcomes(before: ReviewWorksheet) -> tuple[TaskOutcome, ...]:
    """The outcomes that the rules allow here, in the order of the page. Lines go to benefit staff only where the plan file
    has a provision that they may apply without clinical judgment."""
    has_provision = any(not one.needs_judgment for line in before.sheet.lines for one in line.provisions)
    allowed = set(before.sheet.outcomes) - (set() if has_provision else {TaskOutcome.TO_BENEFITS})
    return tuple(one for one in _ORDER if one in allowed)


_ORDER = (TaskOutcome.APPROVE, TaskOutcome.ASK, TaskOutcome.REFER, TaskOutcome.DECIDE) + tuple(
    one
    for one in TaskOutcome
    if one not in (TaskOutcome.APPROVE, TaskOutcome.ASK, TaskOutcome.REFER, TaskOutcome.DECIDE)
)


def outcome_label(outcome: TaskOutcome, kind: TaskKind) -> str:
    """The outcome in words, as the button of its radio says it."""
    return _LABELS.get((outcome, kind)) or _PLAIN_LABELS[outcome]


def outcome_verb(outcome: TaskOutcome, kind: TaskKind) -> str:
    """The verb of the button that sends the form, followed there by 'and take the next task'."""
    return _VERBS.get((outcome, kind)) or _PLAIN_VERBS.get(outcome) or outcome_label(outcome, kind)


_PLAIN_LABELS = {
    TaskOutcome.APPROVE: "Approve",
    TaskOutcome.ASK: "Ask for information",
    TaskOutcome.REFER: "Refer to a physician",
    TaskOutcome.DECIDE: "Do not approve, in whole or in part",
    TaskOutcome.TO_BENEFITS: "Send to benefit staff",
    TaskOutcome.RETURN: "Return to clinical review",
    TaskOutcome.COVERAGE_CONFIRMED: "Coverage is confirmed",
    TaskOutcome.GRANT: "Expedite",
    TaskOutcome.REFUSE: "Do not expedite",
    TaskOutcome.RETRY: "Write the letters again",
    TaskOutcome.ACKNOWLEDGE: "Acknowledge",
    TaskOutcome.FORWARDED: "Forwarded",
    TaskOutcome.DONE: "Done",
}
_PLAIN_VERBS = {TaskOutcome.ASK: "Ask", TaskOutcome.REFER: "Refer", TaskOutcome.DECIDE: "Decide"}
_LABELS = {
    (TaskOutcome.GRANT, TaskKind.AFTER_DECISION): "Review it again",
    (TaskOutcome.ACKNOWLEDGE, TaskKind.AFTER_DECISION): "Keep it for the appeal",
}
_VERBS: dict[tuple[TaskOutcome, TaskKind], str] = {}


# -- fields ----------------------------------------------------------------------------------------------------------------


def _approval_fields(prefix: str, before: ReviewWorksheet | None) -> Iterator[FormField]:
    yield FormField(
        f"{prefix}.rationale",
        FieldKind.AREA,
        "Why is the care necessary?",
        "Read by quality review. The letter to the member says only that it is approved.",
        needed=True,
        chips=_met_chips(before),
    )
    named = before.sheet.criteria_to_name[:MOST_NAMED] if before is not None else ()
    if named:
        yield FormField(
            f"{prefix}.criteria",
            FieldKind.BOXES,
            "Criteria that you used",
            choices=tuple(Choice(name, name) for name in named),
            says_optional=False,
        )
    fold = "Other criteria, or none" if named else ""
    yield FormField(f"{prefix}.others", FieldKind.LINES, "Other criteria, by citation", rows=1, fold=fold)
    why = "Why no criteria were used, where none were"
    yield FormField(f"{prefix}.why_none", FieldKind.AREA, why, rows=1, fold=fold)
    for line in _lines_without_units(before):
        unit = line.benefit.unit if line.benefit is not None else "units"
        yield FormField(
            f"{prefix}.units-{line.line_id}",
            FieldKind.NUMBER,
            f"Line {line.line_id}: how many {unit}?",
            "It draws on a benefit limit, and the request does not say how many.",
            needed=True,
        )


def _question_fields(prefix: str, before: ReviewWorksheet | None) -> Iterator[FormField]:
    facts = tuple(_askable_facts(before)) if before is not None else ()
    if facts:
        yield FormField(
            f"{prefix}.facts",
            FieldKind.BOXES,
            "What is missing?",
            "Each item serves an open criterion; the letter asks for nothing else.",
            choices=facts,
            says_optional=False,
        )
    fold = "Ask something else" if facts else ""
    yield FormField(
        f"{prefix}.own",
        FieldKind.AREA,
        "Your own question, in a sentence",
        "It goes to the provider as you write it.",
        rows=1,
        fold=fold,
    )
    serves = tuple(Choice(one.node_id, one.text) for one in before.criteria) if before is not None else ()
    yield FormField(
        f"{prefix}.serves",
        FieldKind.SELECT,
        "Criterion that your own question serves",
        choices=(*serves, Choice(OTHER, "None of these, for the reason below")),
        fold=fold,
    )
    reason = "Reason for a question that no open criterion asks"
    yield FormField(f"{prefix}.note", FieldKind.AREA, reason, rows=1, fold=fold)


def _referral_fields(prefix: str, before: ReviewWorksheet | None) -> Iterator[FormField]:
    yield FormField(
        f"{prefix}.recommendation",
        FieldKind.AREA,
        "What should the physician know?",
        "The physician reads this first. The member does not see it.",
        needed=True,
        chips=_finding_chips(before),
    )


def _benefit_fields(prefix: str, before: ReviewWorksheet | None) -> Iterator[FormField]:
    known = [one for line in before.sheet.lines for one in line.provisions] if before is not None else []
    yield FormField(
        f"{prefix}.recommendation",
        FieldKind.AREA,
        "Which limit or exclusion should benefit staff look at?",
        needed=True,
        chips=tuple(Chip(one.citation, f"{one.citation}: {one.words}") for one in known[:MOST_CHIPS]),
    )


def _refusal_fields(prefix: str, _before: ReviewWorksheet | None) -> Iterator[FormField]:
    yield FormField(
        f"{prefix}.note",
        FieldKind.AREA,
        "Why does the standard time do no harm?",
        "In words for the member: it stands in the letter.",
        needed=True,
    )


def _return_fields(prefix: str, _before: ReviewWorksheet | None) -> Iterator[FormField]:
    yield FormField(f"{prefix}.note", FieldKind.AREA, "Why does no provision decide the line?", needed=True)


def _note_fields(prefix: str, _before: ReviewWorksheet | None) -> Iterator[FormField]:
    yield FormField(f"{prefix}.note", FieldKind.AREA, "Note")


_BUILDERS: dict[TaskOutcome, Callable[[str, ReviewWorksheet | None], Iterator[FormField]]] = {
    TaskOutcome.APPROVE: _approval_fields,
    TaskOutcome.ASK: _question_fields,
    TaskOutcome.REFER: _referral_fields,
    TaskOutcome.TO_BENEFITS: _benefit_fields,
    TaskOutcome.REFUSE: _refusal_fields,
    TaskOutcome.RETURN: _return_fields,
}


def _with_typed(one: FormField, typed: Typed, asks: Mapping[str, str]) -> FormField:
    said = set(typed.get(one.path, ()))
    choices = tuple(
        replace(choice, chosen=choice.value in said, label=asks.get(choice.value, choice.label))
        for choice in one.choices
    )
    value = typed_text(typed, one.path) if not one.choices else ""
    return replace(one, choices=choices, value=value)


def _is_answered(one: FormField) -> bool:
    return any(choice.chosen for choice in one.choices) if one.choices else bool(one.value.strip())


def _askable_facts(before: ReviewWorksheet) -> Iterator[Choice]:
    """The facts that the criteria ask next, in the words of the letter; then those of other branches and of limits."""
    seen: set[str] = set()
    for group in before.questions:
        for fact in (fact for option in group.options for fact in option):
            if fact.fact_id not in seen:
                seen.add(fact.fact_id)
                yield Choice(fact.fact_id, fact.ask, hint=group.title)
    for line in before.sheet.lines:
        limits = [name for limit in line.limits for name in limit.missing_facts]
        missing = (*line.criteria.facts_to_ask, *line.criteria.missing_facts) if line.criteria is not None else ()
        for name in (*limits, *missing):
            if name not in seen:
                seen.add(name)
                yield Choice(name, name.replace(".", ": ").replace("_", " "))


def _finding_chips(before: ReviewWorksheet | None) -> tuple[Chip, ...]:
    """The open criteria of which something was seen, each with what was seen: facts that one click cites."""
    if before is None:
        return ()
    found = [one for one in before.criteria if one.seen]
    return tuple(
        Chip(f"{one.node_id}: {_value_seen(one.seen)}", f"{one.text}: {one.seen}.") for one in found[:MOST_CHIPS]
    )


def _value_seen(seen: str) -> str:
    """The value alone, without its date and source."""
    return seen.partition(" on ")[0].partition(",")[0]


def _met_chips(before: ReviewWorksheet | None) -> tuple[Chip, ...]:
    """The criteria of lines that are met, to be cited by one click."""
    chips: list[Chip] = []
    for line in before.sheet.lines if before is not None else ():
        if line.criteria is None or line.criteria.state != "met":
            continue
        trace: Any = before.traces.get(line.line_id) if before is not None else None
        words = criterion_text(trace["trace"]) if isinstance(trace, dict) and trace.get("trace") else ""
        chips.append(Chip(f"{line.criteria.citation}: met", f"{words or line.criteria.citation}: met by the record."))
    return tuple(chips[:MOST_CHIPS])


def _lines_without_units(before: ReviewWorksheet | None) -> list[LineAssessment]:
    lines = before.sheet.lines if before is not None else ()
    return [line for line in lines if line.benefit is not None and line.quantity is None]


# -- reading ---------------------------------------------------------------------------------------------------------------

Fields = dict[str, FormField]


def _said(fields: Fields, name: str) -> str:
    return fields[name].value.strip() if name in fields else ""


def _chosen(fields: Fields, name: str) -> list[str]:
    return [choice.value for choice in fields[name].choices if choice.chosen] if name in fields else []


def _read_approval(found: ReadForm, prefix: str, fields: Fields, before: ReviewWorksheet | None) -> None:
    others = [line.strip() for line in _said(fields, "others").split("\n") if line.strip()]
    named: list[Any] = [*_chosen(fields, "criteria"), *others]
    basis: dict[str, Any] = {"rationale": _said(fields, "rationale"), "criteria": named}
    if _said(fields, "why_none"):
        basis["why_none"] = _said(fields, "why_none")
    found.values["basis"] = basis
    found.places |= {"basis": f"{prefix}.rationale", "basis.why_none": f"{prefix}.why_none"}
    if not named and "why_none" not in basis:
        found.problems[f"{prefix}.why_none"] = "Name the criteria that you used, or say why none were."
    without = {line.line_id for line in _lines_without_units(before)}
    if without and before is not None:
        units: dict[str, dict[str, JsonValue]] = {
            line_id: {"approved_quantity": _said(fields, f"units-{line_id}") or None} for line_id in without
        }
        found.values["lines"] = [
            {"line_id": line.line_id, "outcome": LineOutcome.APPROVED.value, **units.get(line.line_id, {})}
            for line in before.sheet.lines
        ]
        found.places |= {
            f"lines.{number}": f"{prefix}.units-{line.line_id}" for number, line in enumerate(before.sheet.lines)
        }


def _read_question(found: ReadForm, prefix: str, fields: Fields, before: ReviewWorksheet | None) -> None:
    own, note = _said(fields, "own"), _said(fields, "note")
    serves = next(iter(_chosen(fields, "serves")), "")
    facts: list[Any] = [*_chosen(fields, "facts"), *([own] if own else [])]
    found.values["facts_to_ask"] = facts
    found.places["facts_to_ask"] = f"{prefix}.{'facts' if 'facts' in fields else 'own'}"
    if not facts:
        found.problems[found.places["facts_to_ask"]] = "Tick what is missing, or write a question."
    if own and not serves:
        found.problems[f"{prefix}.serves"] = "Say which criterion your question serves."
    if serves == OTHER and own and not note:
        found.problems[f"{prefix}.note"] = "Give the reason for the question."
    criterion = next((one.text for one in before.criteria if one.node_id == serves), "") if before else ""
    said = " ".join(part for part in (f"It serves {criterion}." if own and criterion else "", note) if part)
    if said:
        found.values["note"] = said
        found.places["note"] = f"{prefix}.note"


def _read_recommendation(found: ReadForm, prefix: str, fields: Fields, _before: ReviewWorksheet | None) -> None:
    found.values["recommendation"] = _said(fields, "recommendation") or None
    found.places["recommendation"] = f"{prefix}.recommendation"


def _read_note(found: ReadForm, prefix: str, fields: Fields, _before: ReviewWorksheet | None) -> None:
    found.values["note"] = _said(fields, "note") or None
    found.places["note"] = f"{prefix}.note"


_READERS: dict[TaskOutcome, Callable[[ReadForm, str, Fields, ReviewWorksheet | None], None]] = {
    TaskOutcome.APPROVE: _read_approval,
    TaskOutcome.ASK: _read_question,
    TaskOutcome.REFER: _read_recommendation,
    TaskOutcome.TO_BENEFITS: _read_recommendation,
}
