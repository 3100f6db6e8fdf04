"""The form of a decision: its fields with what was typed, and what was typed as the form that every face sends.

Judgments are never filled in beforehand. The citation of a line's own rule is a fact and stands there; everything else is blank
until its signer writes it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from domain.authorization.assessment import LineAssessment
from domain.authorization.case import AuthorizationCase
from domain.decisions.prudent_layperson import EmergencyDenial
from domain.vocabulary import LineOutcome
from services.commands.decision_form import CriterionInWords, ReviewWorksheet
from web.presentation.form_reading import read_typed
from web.presentation.forms import Chip, FormField, Typed, build_form, typed_text

NO_CONFLICT = "I have no tie to the member, to the requester, or to anybody who would give this care."
DECLARED, ATTESTED = ("free", "f-no_conflict_of_interest"), ("attested", "f-attested")
"""The ids of the fields of the two statements, in the form of clinicians and in that of benefit staff."""
DECLARE, ATTEST = "Declare that you have none, if it is so", "Make the statement"
OUTCOMES = (
    (LineOutcome.APPROVED, "Approve"),
    (LineOutcome.APPROVED_IN_PART, "Approve in part"),
    (LineOutcome.DENIED, "Do not approve"),
)
ANSWERS = (("met", "Met"), ("not_met", "Not met"), ("cannot_tell", "Cannot tell"))
TEXTS = (
    ("asked", "What was asked for", "In words the member knows.", 1),
    ("plain", "Why", "For the member: what the records show, and what they lack. 20 words or more.", 4),
    ("rule", "The rule", "In words; the citation is added.", 2),
    ("change", "What would change the decision", "A record, a finding, a date.", 2),
    ("gap", "What is missing", "For the provider's letter, in clinical words.", 2),
)
"""The texts of a reason: key, label, hint, and the rows that its field shows."""
_MOST_NUMBERS = 15
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class TextField:
    """A text of the reason. `name` is its name in the form, `key` what it is of its line."""

    key: str
    name: str
    label: str
    hint: str
    rows: int
    value: str
    chips: tuple[Chip, ...] = ()


@dataclass(frozen=True)
class CriterionField:
    """A criterion to be answered by the signer, with what the record shows; `number` counts from 1."""

    number: int
    node_id: str
    words: str
    seen: str
    chip: str
    answer: str
    note: str


@dataclass(frozen=True)
class LineField:
    """A line to be decided. `citations` are the rules that it may cite, `cited` the one chosen; `problems` by field."""

    number: int
    line_id: str
    title: str
    outcome: str
    texts: tuple[TextField, ...]
    citations: tuple[str, ...]
    cited: str
    quantity: str
    start: str
    end: str
    level: str | None
    level_taken: bool
    provisions: tuple[tuple[str, str], ...]
    provision: str
    criterion: str
    finding: str
    emergency: tuple[FormField, ...]
    problems: Mapping[str, str]


@dataclass(frozen=True)
class DecisionFields:
    """The whole form, in the order of the page."""

    lines: tuple[LineField, ...]
    criteria: tuple[CriterionField, ...]
    rationale: str
    known_criteria: tuple[str, ...]
    used: tuple[str, ...]
    why_none: str
    licences: tuple[tuple[str, str], ...]
    licence: str
    specialties: tuple[str, ...]
    specialty: str
    free: bool
    attested: bool

    @property
    def approves(self) -> bool:
        """Whether some line is approved as asked."""
        return any(line.outcome == LineOutcome.APPROVED for line in self.lines)

    @property
    def is_adverse(self) -> bool:
        """Whether some line is not (fully) approved, so that it has to be signed."""
        return any(line.outcome not in ("", LineOutcome.APPROVED) for line in self.lines)

    @property
    def problems(self) -> tuple[tuple[str, str], ...]:
        """The answers that could not be read, each with the id of its field."""
        return tuple((key, said) for line in self.lines for key, said in line.problems.items())


def build_fields(case: AuthorizationCase, before: ReviewWorksheet, typed: Typed) -> DecisionFields:
    """The fields of the decision on this worksheet, with what was typed."""
    chips = tuple(
        Chip(f"{one.node_id}: {short}", short) for one in before.criteria if (short := short_evidence(one.seen))
    )
    licences = before.reviewer.licences
    return DecisionFields(
        lines=tuple(
            _line_field(case, before, line, number, typed, chips)
            for number, line in enumerate(before.sheet.lines, start=1)
        ),
        criteria=tuple(_criterion_field(one, number, typed) for number, one in enumerate(before.criteria, start=1)),
        rationale=typed_text(typed, "rationale"),
        known_criteria=before.sheet.criteria_to_name,
        used=tuple(typed.get("used", ())),
        why_none=typed_text(typed, "why_none"),
        licences=tuple((one.number, f"{one.state} {one.number}, valid to {one.expires}") for one in licences),
        licence=typed_text(typed, "licence"),
        specialties=before.reviewer.specialties,
        specialty=typed_text(typed, "specialty"),
        free=typed_text(typed, "free") == "yes",
        attested=typed_text(typed, "attested") == "yes",
    )


def find_blanks(fields: DecisionFields) -> tuple[tuple[str, str], ...]:
    """The answers that a signed decision still needs of its writer, each as the id of a field and words."""
    blanks = [(f"answer-{one.number}", f"Answer {one.node_id}") for one in fields.criteria if not one.answer]
    for line in fields.lines:
        of_line = f" (line {line.number})" if len(fields.lines) > 1 else ""
        if not line.outcome:
            blanks.append((f"outcome-{line.number}", f"Choose what is decided{of_line}"))
        if line.outcome in ("", LineOutcome.APPROVED):
            continue
        blanks += [
            (f"{text.key}-{line.number}", f"Write: {text.label.lower()}{of_line}")
            for text in line.texts
            if not text.value.strip()
        ]
        if not line.cited:
            blanks.append((f"cite-{line.number}", f"Choose the citation{of_line}"))
        unsaid = [one for one in fields.criteria if one.answer == "not_met" and not one.note.strip()]
        blanks += [(f"note-{one.number}", f"Write what the record shows of {one.node_id}") for one in unsaid]
        if not any(one.answer == "not_met" for one in fields.criteria) and not (line.criterion and line.finding):
            blanks.append(
                (f"criterion-{line.number}", f"Name a criterion that is not met, and what the record shows{of_line}")
            )
    if fields.is_adverse or not fields.approves:
        blanks += [] if fields.free else [(DECLARED[0], DECLARE)]
        blanks += [] if fields.attested else [(ATTESTED[0], ATTEST)]
    return tuple(dict.fromkeys(blanks))


def short_evidence(seen: str) -> str:
    """The value and the day of what was seen, without its source."""
    return _ISO_DAY.sub(_us_day, seen.partition(", ")[0].partition(";")[0].strip())


def _us_day(found: re.Match[str]) -> str:
    day = read_day(found[0])
    return f"{day:%b} {day.day}, {day.year}" if day is not None else found[0]


def line_title(line: LineAssessment) -> str:
    """The line as it was asked for: service, quantity, days."""
    amount = (
        "" if line.quantity is None else f"{line.quantity.normalize():f} {'unit' if line.quantity == 1 else 'units'}"
    )
    days = " to ".join(f"{day:%b} {day.day}, {day.year}" for day in dict.fromkeys((line.start, line.end)) if day)
    return ", ".join(part for part in (line.description or line.code, amount, days) if part)


def citations_of(case: AuthorizationCase, line: LineAssessment) -> tuple[str, ...]:
    """The rules that a decision on the line may cite, its own first."""
    own = [line.criteria.citation] if line.criteria is not None else []
    own += [limit.citation for limit in line.limits]
    citable = case.require_context().citable
    return tuple(dict.fromkeys((*own, *(citable.for_line(line.line_id) if citable is not None else ()))))


def cited_rule(case: AuthorizationCase, line: LineAssessment, typed: Typed) -> str:
    """The citation that was chosen; before anybody chose, the line's own rule, where it has one."""
    name = f"cite.{line.line_id}"
    known = citations_of(case, line)
    if name in typed:
        said = typed_text(typed, name)
        return said if said in known else ""
    return known[0] if known and (line.criteria is not None or line.limits) else ""


def _line_field(
    case: AuthorizationCase,
    before: ReviewWorksheet,
    line: LineAssessment,
    number: int,
    typed: Typed,
    chips: tuple[Chip, ...],
) -> LineField:
    named = line.line_id
    texts = tuple(
        TextField(
            key=key,
            name=f"{key}.{named}",
            label=label,
            hint=hint,
            rows=rows,
            value=typed_text(typed, f"{key}.{named}"),
            chips=chips if key in ("plain", "gap") else (),
        )
        for key, label, hint, rows in TEXTS
    )
    emergency, wrong = _emergency_fields(before, named, typed, case.zone)
    return LineField(
        number=number,
        line_id=named,
        title=line_title(line),
        outcome=typed_text(typed, f"outcome.{named}"),
        texts=texts,
        citations=citations_of(case, line),
        cited=cited_rule(case, line, typed),
        quantity=typed_text(typed, f"quantity.{named}"),
        start=typed_text(typed, f"start.{named}"),
        end=typed_text(typed, f"end.{named}"),
        level=before.sheet.proposed_level,
        level_taken=typed_text(typed, f"level.{named}") == "yes",
        provisions=tuple((one.citation, f"{one.citation}: {one.words}") for one in line.provisions),
        provision=typed_text(typed, f"provision.{named}"),
        criterion=typed_text(typed, f"criterion.{named}"),
        finding=typed_text(typed, f"finding.{named}"),
        emergency=emergency,
        problems=_extent_problems(named, typed, number) | ({f"emergency-{number}": wrong} if wrong else {}),
    )


def _criterion_field(one: CriterionInWords, number: int, typed: Typed) -> CriterionField:
    return CriterionField(
        number=number,
        node_id=one.node_id,
        words=without_number(one),
        seen=one.seen,
        chip=short_evidence(one.seen),
        answer=typed_text(typed, f"answer.{one.node_id}"),
        note=typed_text(typed, f"note.{one.node_id}"),
    )


def without_number(one: CriterionInWords) -> str:
    """The words of the criterion without its number."""
    return one.text.removeprefix(f"{one.node_id}: ")


def _emergency_fields(
    before: ReviewWorksheet, line_id: str, typed: Typed, zone: str
) -> tuple[tuple[FormField, ...], str]:
    if line_id not in before.emergency_lines:
        return (), ""
    prefix = f"emergency.{line_id}."
    fields = build_form(EmergencyDenial, typed, zone, prefix=prefix)
    read = read_typed(EmergencyDenial, typed, zone, prefix)
    return fields, next(iter(read.problems.values()), "")


def _extent_problems(line_id: str, typed: Typed, number: int) -> dict[str, str]:
    if typed_text(typed, f"outcome.{line_id}") != LineOutcome.APPROVED_IN_PART:
        return {}
    quantity, problems = typed_text(typed, f"quantity.{line_id}"), {}
    if quantity.strip() and read_number(quantity) is None:
        problems[f"quantity-{number}"] = "A quantity is a number, such as 12."
    for key in ("start", "end"):
        day = typed_text(typed, f"{key}.{line_id}")
        if day.strip() and read_day(day) is None:
            problems[f"{key}-{number}"] = "A day is written year-month-day, such as 2027-01-15."
    return problems


def read_number(said: str) -> Decimal | None:
    """The number that was typed; None for what is none."""
    try:
        found = Decimal(said.strip()) if len(said.strip()) <= _MOST_NUMBERS else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() else None


def read_day(said: str) -> date | None:
    """The day that was typed as year-month-day; None for what is none."""
    try:
        return date.fromisoformat(said.strip())
    except ValueError:
        return None
