"""Reading of a decision that was typed: the form that every face sends, as far as it is answered."""

from __future__ import annotations

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
from services.commands.decision_form import ATTESTATION, ReviewWorksheet
from web.presentation.decisions.fields import TEXTS, cited_rule, read_day, read_number, without_number
from web.presentation.form_reading import read_typed
from web.presentation.forms import Typed, typed_text


def read_form(case: AuthorizationCase, before: ReviewWorksheet, typed: Typed) -> CompletionForm:
    """The form as typed, as far as it is answered: an approval of everything as asked, or a decision to be signed.

    What cannot be read (a day, a number) is left out here and named by `web.presentation.decisions.fields.build_fields`.
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
        approved_quantity=read_number(typed_text(typed, f"quantity.{named}")) if part else None,
        approved_start=read_day(typed_text(typed, f"start.{named}")) if part else None,
        approved_end=read_day(typed_text(typed, f"end.{named}")) if part else None,
        approved_level=before.sheet.proposed_level if takes_level else None,
        reason=_read_reason(case, before, line, typed),
    )


def _read_reason(case: AuthorizationCase, before: ReviewWorksheet, line: LineAssessment, typed: Typed) -> ReasonForm:
    said = {key: typed_text(typed, f"{key}.{line.line_id}").strip() for key, _, _, _ in TEXTS}
    cited = cited_rule(case, line, typed)
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
            found.append(CriterionFinding(criterion=without_number(one), finding=note, citation=cited))
    criterion = typed_text(typed, f"criterion.{line.line_id}").strip()
    finding = typed_text(typed, f"finding.{line.line_id}").strip()
    if criterion and finding:
        found.append(CriterionFinding(criterion=criterion, finding=finding, citation=cited))
    return found


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
