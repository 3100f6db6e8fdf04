"""Completion of an authorization's task from options, a form, or prompts: a review outcome or a signed decision."""

from __future__ import annotations

import re
from typing import Any, cast

import typer

from cli.tasks import form_prompts
from cli.tasks.answers import Answers, GivenOptions
from cli.terminal import criteria_tree, output
from cli.terminal.context import CliContext
from cli.terminal.files import read_content
from cli.terminal.prompts import ask_choice, ask_yes_no
from cli.terminal.questions import question_lines
from domain.authorization.forms import CompletionForm, DecisionForm, LineDecisionForm, ReasonForm, missing_fields
from domain.cases.tasks import TaskOutcome
from domain.decisions.determination import ApprovalBasis, CriterionAnswer
from domain.decisions.prudent_layperson import DenialGround, EmergencyDenial, PresentingFacts
from domain.decisions.reasons import CriterionFinding
from domain.errors import Refused, violation
from domain.vocabulary import LineOutcome
from services.commands import blank_forms, decision_form
from services.commands.decision_form import ATTESTATION, CriterionInWords, ReviewWorksheet

_FACT_ID = re.compile(r"[A-Za-z0-9_.-]+")


class WorksheetForm:
    """The form of an authorization's task, with the reviewer's worksheet."""

    def __init__(self, here: CliContext, given: GivenOptions) -> None:
        self._here, self._given = here, given

    def blank(self) -> dict[str, Any]:
        return blank_forms.blank_review_form(self._worksheet(), self._given.outcome)

    def read(self) -> Answers | None:
        given = self._given
        if given.file is not None:
            return self._answers(blank_forms.read_completion_form(read_content(given.file)))
        if given.outcome is None or missing_fields(filled := _completion_form(given, given.outcome)):
            return None
        return self._answers(filled)

    def ask(self) -> Answers:
        given = self._given
        return self._answers(_ask_form(self._worksheet(), given))

    def _worksheet(self) -> ReviewWorksheet:
        given = self._given
        return self._here.run_with_services(
            lambda services: decision_form.load_worksheet(services, given.task_id, given.user)
        )

    def _answers(self, filled: CompletionForm) -> Answers:
        given = self._given
        return Answers(
            lambda services: decision_form.complete_with_form(services, given.task_id, given.user, filled),
            filled.model_dump_json(indent=2, exclude_none=True),
        )


def _completion_form(given: GivenOptions, outcome: TaskOutcome) -> CompletionForm:
    return CompletionForm(
        outcome=outcome,
        recommendation=given.recommendation,
        facts_to_ask=given.facts,
        note=given.note,
        basis=given.basis,
    )


# -- questions -------------------------------------------------------------------------------------------------------------


def _ask_form(before: ReviewWorksheet, given: GivenOptions) -> CompletionForm:
    """Prompt for the form. Without a terminal, typer ends the command with a message."""
    _print_worksheet(before)
    outcome = given.outcome or ask_choice("Outcome", before.sheet.outcomes)
    if outcome not in before.sheet.outcomes:
        # The case would reject it too, but only after a long form was completed.
        may = f"It may end with: {', '.join(before.sheet.outcomes)}."
        message = f"A {output.spell_out(before.sheet.task.kind)} cannot end with '{outcome}'."
        raise Refused((violation("task.outcome", message, may),))
    if outcome is TaskOutcome.DECIDE:
        return _ask_decision(before, given)
    filled = _completion_form(given, outcome)
    if outcome is TaskOutcome.APPROVE and filled.basis is None:
        return filled.model_copy(update={"basis": _ask_basis(before, given)})
    if outcome is TaskOutcome.REFER and filled.recommendation is None:
        return filled.model_copy(update={"recommendation": typer.prompt("Your recommendation to the physician")})
    if outcome is TaskOutcome.TO_BENEFITS and filled.recommendation is None:
        looked_at = typer.prompt("The limit or exclusion that benefit staff should look at")
        return filled.model_copy(update={"recommendation": looked_at})
    if outcome is TaskOutcome.ASK and not filled.facts_to_ask:
        return filled.model_copy(update={"facts_to_ask": _ask_facts(before)})
    if outcome is TaskOutcome.REFUSE and filled.note is None:
        return filled.model_copy(update={"note": typer.prompt("Reason that the standard time does no harm")})
    return filled


def _ask_basis(before: ReviewWorksheet, given: GivenOptions) -> ApprovalBasis:
    """Ask why the care is necessary, and which criteria were used or why none."""
    rationale = given.rationale or str(typer.prompt("Why the care is necessary"))
    named = given.criteria or _ask_criteria_used(before.sheet.criteria_to_name)
    why_none = None if named else given.why_no_criteria or str(typer.prompt("Why no criteria were used"))
    return ApprovalBasis(rationale=rationale, criteria=named, why_none=why_none)


def _ask_criteria_used(known: tuple[str, ...]) -> tuple[str, ...]:
    if not known:
        output.print_lines("No criteria are on file for this.")
        return ()
    output.print_lines(*(f"  {number} {name}" for number, name in enumerate(known, start=1)))
    question = "Criteria used: numbers separated by commas; press Enter if none"
    said = str(typer.prompt(question, default="", show_default=False))
    words = [word.strip() for word in said.split(",") if word.strip()]
    return tuple(known[int(word) - 1] if word.isdecimal() and 1 <= int(word) <= len(known) else word for word in words)


def _print_worksheet(before: ReviewWorksheet) -> None:
    task = before.sheet.task
    output.print_lines(f"{task.task_id}: {task.why}")
    for line in before.sheet.lines:
        criteria = f"; {line.criteria.citation}: {output.spell_out(line.criteria.state)}" if line.criteria else ""
        output.print_lines(f"  line {line.line_id}: {line.code} {line.description}{criteria}")
        if line.line_id in before.emergency_lines:
            output.print_lines("    emergency care: judged by the presenting symptoms; a denial needs its ground")
        if line.required_set is not None:
            output.print_lines(f"    {line.required_set.in_words}")
        for limit in line.limits:
            output.print_lines(
                f"    {limit.rule_id}: {output.spell_out(limit.state.value)}: {limit.because} ({limit.citation})"
            )
            if limit.what_would_change:
                output.print_lines(f"      what would change it: {limit.what_would_change}")
    titles = {record.document_id: record.title for record in before.records}
    for trace in before.traces.values():
        output.print_tree(criteria_tree.build_tree(cast("dict[str, Any]", trace), titles))
    for number, record in enumerate(before.records, start=1):
        standing = "opened by you" if record in before.opened else "not opened by you yet"
        output.print_lines(f"  record {number}: {record.title} ({standing})")
    for remark in before.sheet.remarks:
        output.print_lines(f"  not read: {remark}")
    for proposal in before.sheet.proposals:
        output.print_lines(f"  proposed: {proposal}")
    if before.sheet.recommendation:
        output.print_lines(f"  recommendation: {before.sheet.recommendation}")


def _ask_facts(before: ReviewWorksheet) -> tuple[str, ...]:
    found = [line.criteria for line in before.sheet.lines if line.criteria]
    planned = [fact for one in found for fact in one.facts_to_ask]
    planned += [fact for line in before.sheet.lines for limit in line.limits for fact in limit.missing_facts]
    later = {fact for one in found for fact in one.missing_facts} - set(planned)
    output.print_lines(*question_lines(before.questions))
    if later:
        output.print_lines(
            f"Of other branches, to be asked when an answer rules this one out: {', '.join(sorted(later))}."
        )
    known = "; ".join(dict.fromkeys(planned))
    output.print_lines(
        "Write fact ids ('umpire facts' lists them), or questions in your own words, separated by semicolons."
    )
    return split_facts(str(typer.prompt("Facts to ask for", default=known or None)))


def split_facts(said: str) -> tuple[str, ...]:
    """The facts in a typed text: between semicolons; also between commas where only ids stand between them."""
    parts = [part.strip() for part in said.split(";") if part.strip()]
    listed = [[name.strip() for name in part.split(",") if name.strip()] for part in parts]
    return tuple(
        name
        for part, names in zip(parts, listed, strict=True)
        for name in (names if all(_FACT_ID.fullmatch(one) for one in names) else [part])
    )


def _ask_decision(before: ReviewWorksheet, given: GivenOptions) -> CompletionForm:
    if before.obstacles:
        # The case would refuse the decision for these whatever it says: nobody answers a dozen questions first.
        raise Refused(before.obstacles)
    answers = tuple(_ask_criterion(one) for one in before.criteria)
    lower = before.sheet.proposed_level
    lines = tuple(
        _ask_line(line.line_id, line.description, lower, is_emergency=line.line_id in before.emergency_lines)
        for line in before.sheet.lines
    )
    free = ask_yes_no("Are you free of any conflict of interest with a party of this request")
    attestation = ATTESTATION if ask_yes_no(f"You attest: '{ATTESTATION}'") else ""
    decision = DecisionForm(
        evidence_opened=tuple(record.document_id for record in before.opened),
        criteria_answered=answers,
        no_conflict_of_interest=free,
        attestation=attestation,
    )
    basis = None
    if any(line.outcome is LineOutcome.APPROVED for line in lines):
        basis = given.basis or _ask_basis(before, given)
    return CompletionForm(outcome=TaskOutcome.DECIDE, lines=lines, note=given.note, decision=decision, basis=basis)


def _ask_criterion(criterion: CriterionInWords) -> CriterionAnswer:
    output.print_lines(criterion.text, *((f"  seen: {criterion.seen}",) if criterion.seen else ()))
    answer: Any = ask_choice("Your answer", ("met", "not_met", "cannot_tell"))
    return CriterionAnswer(node_id=criterion.node_id, answer=answer, note=typer.prompt("  Why"))


def _ask_line(line_id: str, description: str, lower: str | None, *, is_emergency: bool) -> LineDecisionForm:
    outcome = ask_choice(f"Line {line_id} ({description})", tuple(LineOutcome))
    if outcome is LineOutcome.APPROVED:
        return LineDecisionForm(line_id=line_id, outcome=outcome)
    said: dict[str, Any] = {"line_id": line_id, "outcome": outcome, "reason": _ask_reason(is_emergency)}
    if outcome is LineOutcome.APPROVED_IN_PART:
        said["approved_quantity"] = typer.prompt("  Quantity approved", default="", show_default=False) or None
        if lower is not None and ask_yes_no(f"  Is the level approved as {output.spell_out(lower)} instead"):
            said["approved_level"] = lower
        said["approved_end"] = typer.prompt("  Last day approved (YYYY-MM-DD)", default="", show_default=False) or None
    return _validate(LineDecisionForm, said)


def _ask_reason(is_emergency: bool) -> ReasonForm:
    said: dict[str, Any] = {
        "asked": typer.prompt("  The request, in plain words"),
        "rule": typer.prompt("  The rule that decided, in words"),
        "rule_citation": typer.prompt("  Its citation"),
    }
    finding = {
        "criterion": typer.prompt("  The criterion that is not met"),
        "finding": typer.prompt("  What the record shows about it"),
        "citation": said["rule_citation"],
    }
    return ReasonForm(
        **said,
        findings=(CriterionFinding(**finding),),
        gap=typer.prompt("  What is missing"),
        what_would_change=typer.prompt("  What would change the decision"),
        plain_words=typer.prompt("  The explanation for the member, in plain words"),
        emergency=_ask_emergency_denial() if is_emergency else None,
    )


def _ask_emergency_denial() -> EmergencyDenial:
    ground = ask_choice("  The ground for denying emergency care", tuple(DenialGround))
    if ground is not DenialGround.PRESENTING_SYMPTOMS:
        return EmergencyDenial(grounds=(ground,))
    judged = form_prompts.ask_fields(PresentingFacts, but={"age_years"})
    return EmergencyDenial(grounds=(ground,), presentation=PresentingFacts.model_validate(judged))


def _validate(form: type[LineDecisionForm], said: dict[str, Any]) -> LineDecisionForm:
    try:
        return form.model_validate(said)
    except ValueError:
        raise typer.BadParameter("a quantity is a number, a day is written YYYY-MM-DD") from None
