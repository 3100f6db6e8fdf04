"""The form of a decision: its fields with what was typed, and what was typed as the form that every face sends.

Judgments are never filled in beforehand. The citation of a line's own rule is a fact and stands there; everything else is blank
until its signer writes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from pydantic import ValidationError

from domain.authorization.assessment import LineAssessment
from domain.authorization.case import AuthorizationCase
from domain.authorization.forms import CompletionForm, DecisionForm, LineDecisionForm, ReasonForm
from domain.authorization.task_checks import open_criteria
from domain.cases.tasks import TaskOutcome
from domain.decisions.determination import ApprovalBasis, CriterionAnswer
from domain.decisions.prudent_layperson import EmergencyDenial
from domain.decisions.reasons import CriterionFinding
from domain.vocabulary import LineOutcome
from services.commands.decision_form import ATTESTATION, CriterionInWords, ReviewWorksheet
from web.presentation.form_reading import read_typed
from web.presentation.forms import Chip, FormField, Typed, build_form, typed_text

NO_CONFLICT = "I have no tie to the member, to the requester, or to anybody who would give this care."
OUTCOMES = (
    (LineOutcome.APPROVED, "Approve"),
    (LineOutcome.APPROVED_IN_PART, "Approve in part"),
    (LineOutcome.DENIED, "Do not approve"),
)
ANSWERS = (("met", "Met"), ("not_met", "Not met"), ("cannot_tell", "Cannot tell"))
_TEXTS = (
    ("asked", "What was asked for", "In words the member knows.", 1),
    ("plain", "Why", "For the member: what the records show, and what they lack. 20 words or more.", 4),
    ("rule", "The rule", "In words; the citation is added.", 2),
    ("change", "What would change the decision", "A record, a finding, a date.", 2),
    ("gap", "What is missing", "For the provider's letter, in clinical words.", 2),
)
_MOST_NUMBERS = 15


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
        """What could not be read, each with the id of its field."""
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


def read_form(case: AuthorizationCase, before: ReviewWorksheet, typed: Typed) -> CompletionForm:
    """What was typed, as far as it is answered: an approval of everything as asked, or a decision to be signed.

    What cannot be read (a day, a number) is left out here and named by `build_fields`.
    """
    lines = tuple(one for line in before.sheet.lines if (one := _read_line(case, before, line, typed)) is not None)
    basis = _read_basis(typed)
    whole = len(lines) == len(before.sheet.lines) and all(one.outcome is LineOutcome.APPROVED for one in lines)
    if whole and lines:
        return CompletionForm(outcome=TaskOutcome.APPROVE, lines=lines, basis=basis)
    approves = any(one.outcome is LineOutcome.APPROVED for one in lines)
    decision = DecisionForm(
        evidence_opened=tuple(record.document_id for record in before.opened),
        criteria_answered=tuple(_read_answers(before, typed)),
        no_conflict_of_interest=typed_text(typed, "free") == "yes",
        attestation=ATTESTATION if typed_text(typed, "attested") == "yes" else "",
        licence=typed_text(typed, "licence") or None,
        specialty=typed_text(typed, "specialty") or None,
    )
    return CompletionForm(outcome=TaskOutcome.DECIDE, lines=lines, decision=decision, basis=basis if approves else None)


def short_evidence(seen: str) -> str:
    """The value and the day of what was seen, without its source."""
    return seen.partition(", ")[0].partition(";")[0].strip()


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


def _cited(case: AuthorizationCase, line: LineAssessment, typed: Typed) -> str:
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
        for key, label, hint, rows in _TEXTS
    )
    emergency, wrong = _emergency_fields(before, named, typed, case.zone)
    return LineField(
        number=number,
        line_id=named,
        title=line_title(line),
        outcome=typed_text(typed, f"outcome.{named}"),
        texts=texts,
        citations=citations_of(case, line),
        cited=_cited(case, line, typed),
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
        words=_without_number(one),
        seen=one.seen,
        chip=short_evidence(one.seen),
        answer=typed_text(typed, f"answer.{one.node_id}"),
        note=typed_text(typed, f"note.{one.node_id}"),
    )


def _without_number(one: CriterionInWords) -> str:
    return one.text.removeprefix(f"{one.node_id}: ")


def _read_answers(before: ReviewWorksheet, typed: Typed) -> list[CriterionAnswer]:
    found = []
    for one in before.criteria:
        match typed_text(typed, f"answer.{one.node_id}"):
            case "met" | "not_met" | "cannot_tell" as answer:
                note = typed_text(typed, f"note.{one.node_id}").strip()
                found.append(CriterionAnswer(node_id=one.node_id, answer=answer, note=note))
    return found


def _read_line(
    case: AuthorizationCase, before: ReviewWorksheet, line: LineAssessment, typed: Typed
) -> LineDecisionForm | None:
    named = line.line_id
    try:
        outcome = LineOutcome(typed_text(typed, f"outcome.{named}"))
    except ValueError:
        return None
    if outcome is LineOutcome.APPROVED:
        return LineDecisionForm(line_id=named, outcome=outcome)
    part = outcome is LineOutcome.APPROVED_IN_PART
    takes_level = part and typed_text(typed, f"level.{named}") == "yes"
    return LineDecisionForm(
        line_id=named,
        outcome=outcome,
        approved_quantity=_number(typed_text(typed, f"quantity.{named}")) if part else None,
        approved_start=_day(typed_text(typed, f"start.{named}")) if part else None,
        approved_end=_day(typed_text(typed, f"end.{named}")) if part else None,
        approved_level=before.sheet.proposed_level if takes_level else None,
        reason=_read_reason(case, before, line, typed),
    )


def _read_reason(case: AuthorizationCase, before: ReviewWorksheet, line: LineAssessment, typed: Typed) -> ReasonForm:
    said = {key: typed_text(typed, f"{key}.{line.line_id}").strip() for key, _, _, _ in _TEXTS}
    cited = _cited(case, line, typed)
    return ReasonForm(
        asked=said["asked"],
        findings=tuple(_findings(before, line, typed, cited)),
        rule=said["rule"],
        rule_citation=cited,
        gap=said["gap"],
        what_would_change=said["change"],
        plain_words=said["plain"],
        plan_provision=typed_text(typed, f"provision.{line.line_id}") or None,
        emergency=_read_emergency(before, line.line_id, typed, case.zone),
    )


def _findings(before: ReviewWorksheet, line: LineAssessment, typed: Typed, cited: str) -> list[CriterionFinding]:
    """The criteria of the line that its signer answered as not met, each with what they wrote of the record, and one of their
    own words, where no criterion of the guideline says it."""
    own, found = set(open_criteria(line)), []
    for one in before.criteria:
        note = typed_text(typed, f"note.{one.node_id}").strip()
        if one.node_id in own and note and typed_text(typed, f"answer.{one.node_id}") == "not_met":
            found.append(CriterionFinding(criterion=_without_number(one), finding=note, citation=cited))
    criterion = typed_text(typed, f"criterion.{line.line_id}").strip()
    finding = typed_text(typed, f"finding.{line.line_id}").strip()
    if criterion and finding:
        found.append(CriterionFinding(criterion=criterion, finding=finding, citation=cited))
    return found


def _emergency_fields(
    before: ReviewWorksheet, line_id: str, typed: Typed, zone: str
) -> tuple[tuple[FormField, ...], str]:
    if line_id not in before.emergency_lines:
        return (), ""
    prefix = f"emergency.{line_id}."
    fields = build_form(EmergencyDenial, typed, zone, prefix=prefix)
    read = read_typed(EmergencyDenial, typed, zone, prefix)
    return fields, next(iter(read.problems.values()), "")


def _read_emergency(before: ReviewWorksheet, line_id: str, typed: Typed, zone: str) -> EmergencyDenial | None:
    if line_id not in before.emergency_lines:
        return None
    try:
        return EmergencyDenial.model_validate(read_typed(EmergencyDenial, typed, zone, f"emergency.{line_id}.").values)
    except ValidationError:
        return None


def _read_basis(typed: Typed) -> ApprovalBasis | None:
    rationale, why_none = typed_text(typed, "rationale").strip(), typed_text(typed, "why_none").strip()
    used = tuple(one for one in typed.get("used", ()) if one)
    if not (rationale or used or why_none):
        return None
    return ApprovalBasis(rationale=rationale, criteria=used, why_none=why_none or None)


def _extent_problems(line_id: str, typed: Typed, number: int) -> dict[str, str]:
    if typed_text(typed, f"outcome.{line_id}") != LineOutcome.APPROVED_IN_PART:
        return {}
    quantity, problems = typed_text(typed, f"quantity.{line_id}"), {}
    if quantity.strip() and _number(quantity) is None:
        problems[f"quantity-{number}"] = "A quantity is a number, such as 12."
    for key in ("start", "end"):
        day = typed_text(typed, f"{key}.{line_id}")
        if day.strip() and _day(day) is None:
            problems[f"{key}-{number}"] = "A day is written year-month-day, such as 2027-01-15."
    return problems


def _number(said: str) -> Decimal | None:
    try:
        found = Decimal(said.strip()) if len(said.strip()) <= _MOST_NUMBERS else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() else None


def _day(said: str) -> date | None:
    try:
        return date.fromisoformat(said.strip())
    except ValueError:
        return None
