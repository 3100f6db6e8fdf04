"""`umpire complete`: completes a task from options, a form, or prompts, and asks only for required input."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.tasks import form_prompts
from cli.terminal import command_results, output
from cli.terminal.context import CliContext, cli_context
from cli.terminal.errors import handle_errors, print_error
from cli.terminal.files import read_content
from cli.terminal.options import TaskId, User
from cli.terminal.prompts import ask_choice, ask_yes_no
from domain.cases.tasks import TaskOutcome
from domain.decisions.determination import CriterionAnswer
from domain.decisions.prudent_layperson import DenialGround, EmergencyDenial, PresentingFacts
from domain.decisions.reasons import CriterionFinding
from domain.errors import Refused, RuleViolation
from domain.vocabulary import LineOutcome
from services.commands import decision_form
from services.commands.decision_form import CompletionForm, DecisionForm, LineDecisionForm, ReasonForm, ReviewWorksheet
from services.context import CommandResult, CommandStatus

_NEEDS_A_FORM = frozenset({TaskOutcome.DECIDE})
_NEEDS_NOTHING = frozenset(
    {
        TaskOutcome.APPROVE,
        TaskOutcome.COVERAGE_CONFIRMED,
        TaskOutcome.GRANT,
        TaskOutcome.RETRY,
        TaskOutcome.ACKNOWLEDGE,
        TaskOutcome.FORWARDED,
    }
)
_ATTESTATION = "I reviewed the record of this request myself, and this decision is mine."


def complete(
    context: typer.Context,
    task: TaskId,
    user: User,
    outcome: Annotated[TaskOutcome | None, typer.Option(help="Outcome of the task. Prompted for unless given.")] = None,
    decide: Annotated[bool, typer.Option("--decide", help="The same as --outcome decide.")] = False,
    recommendation: Annotated[str | None, typer.Option(help="To refer: findings and recommendation.")] = None,
    fact: Annotated[
        list[str] | None,
        typer.Option(metavar="FACT", help="To ask: a fact to request from the provider; may be repeated."),
    ] = None,
    note: Annotated[str | None, typer.Option(help="A note; when refusing to expedite, the reason.")] = None,
    form: Annotated[
        str | None, typer.Option("--json", metavar="FILE", help="Everything from a JSON form; '-' is standard input.")
    ] = None,
    blank: Annotated[
        bool, typer.Option("--form", help="Print an empty form for this task, with a description of each field.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--reply-json", help="Print the case's answer as JSON.")] = False,
) -> None:
    """Complete a task. Prompts only for the input that the task and the outcome require.

    Scripts use a form with --json, or options. Many kinds of tasks have their own form: print it with --form. A decision
    that is not a full approval is signed under your own license.
    """
    with handle_errors():
        here = cli_context(context)
        elsewhere = form_prompts.process_specific_task(here, task)
        if elsewhere is not None:
            command_results.print_result(
                form_prompts.complete_with_form(here, elsewhere, user, outcome, note, form, blank), as_json
            )
            return
        if blank:
            before = here.desk(lambda desk: decision_form.load_worksheet(desk, task, user))
            output.print_lines(json.dumps(decision_form.blank_decision_form(before), indent=2, ensure_ascii=False))
            return
        outcome = TaskOutcome.DECIDE if decide else outcome
        kept: Path | None = None
        if form is not None:
            filled = decision_form.read_form(read_content(form))
        elif outcome is not None and _has_required_options(outcome, recommendation, fact, note):
            filled = CompletionForm(
                outcome=outcome, recommendation=recommendation, facts_to_ask=tuple(fact or ()), note=note
            )
        else:
            before = here.desk(lambda desk: decision_form.load_worksheet(desk, task, user))
            filled = _ask_form(before, outcome, recommendation, tuple(fact or ()), note)
            kept = _save_answers(filled, here.settings.home / "forms" / f"{before.sheet.task.task_id}.json")
        reply = _send_form(here, task, user, filled, kept)
        command_results.print_result(reply, as_json)


def _send_form(here: CliContext, task: str, user: str, filled: CompletionForm, kept: Path | None) -> CommandResult:
    """Send the form. `kept` is the file with prompted answers; it is deleted when no longer needed."""
    done = False
    try:
        reply = here.desk(lambda desk: decision_form.complete_with_form(desk, task, user, filled))
        done = reply.kind is not CommandStatus.REFUSED
    finally:
        if kept is not None and done:
            kept.unlink()
        elif kept is not None:
            print_error(f"Your answers are saved in {kept}: correct them there and send them with --json {kept}")
    return reply


def _save_answers(filled: CompletionForm, path: Path) -> Path:
    """Save prompted answers, so that they survive a rejection. Only the owner may read the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(filled.model_dump_json(indent=2, exclude_none=True))
    return path


def _has_required_options(
    outcome: TaskOutcome, recommendation: str | None, facts: list[str] | None, note: str | None
) -> bool:
    match outcome:
        case TaskOutcome.REFER:
            return recommendation is not None
        case TaskOutcome.ASK:
            return bool(facts)
        case TaskOutcome.REFUSE:
            return note is not None
        case _:
            return outcome in _NEEDS_NOTHING


# -- questions -------------------------------------------------------------------------------------------------------------


def _ask_form(
    before: ReviewWorksheet,
    outcome: TaskOutcome | None,
    recommendation: str | None,
    facts: tuple[str, ...],
    note: str | None,
) -> CompletionForm:
    """Prompt for the form. Without a terminal, typer ends the command with a message."""
    _print_worksheet(before)
    outcome = outcome or ask_choice("Outcome", before.sheet.outcomes)
    if outcome not in before.sheet.outcomes:
        # The case would reject it too, but only after a long form was completed.
        may = f"It may end with: {', '.join(before.sheet.outcomes)}."
        message = f"A {output.spell_out(before.sheet.task.kind)} cannot end with '{outcome}'."
        raise Refused((RuleViolation(rule="task.outcome", message=message, way_out=may),))
    if outcome in _NEEDS_A_FORM:
        return _ask_decision(before, note)
    if outcome is TaskOutcome.REFER and recommendation is None:
        recommendation = typer.prompt("Your recommendation to the physician")
    if outcome is TaskOutcome.ASK and not facts:
        facts = _ask_facts(before)
    if outcome is TaskOutcome.REFUSE and note is None:
        note = typer.prompt("Reason that the standard time does no harm")
    return CompletionForm(outcome=outcome, recommendation=recommendation, facts_to_ask=facts, note=note)


def _print_worksheet(before: ReviewWorksheet) -> None:
    task = before.sheet.task
    output.print_lines(f"{task.task_id}: {task.why}")
    for line in before.sheet.lines:
        criteria = f"; {line.criteria.citation}: {output.spell_out(line.criteria.state)}" if line.criteria else ""
        output.print_lines(f"  line {line.line_id}: {line.code} {line.description}{criteria}")
        if line.line_id in before.emergency_lines:
            output.print_lines("    emergency care: judged by the presenting symptoms; a denial needs its ground")
        for limit in line.limits:
            output.print_lines(
                f"    {limit.rule_id}: {output.spell_out(limit.state.value)}: {limit.because} ({limit.citation})"
            )
            if limit.what_would_change:
                output.print_lines(f"      what would change it: {limit.what_would_change}")
    if before.sheet.recommendation:
        output.print_lines(f"  recommendation: {before.sheet.recommendation}")


def _ask_facts(before: ReviewWorksheet) -> tuple[str, ...]:
    missing = {fact for line in before.sheet.lines if line.criteria for fact in line.criteria.missing_facts}
    missing |= {fact for line in before.sheet.lines for limit in line.limits for fact in limit.missing_facts}
    known = ", ".join(sorted(missing))
    said = typer.prompt("Facts to ask for, separated by commas", default=known or None)
    return tuple(name.strip() for name in said.split(",") if name.strip())


def _ask_decision(before: ReviewWorksheet, note: str | None) -> CompletionForm:
    opened = [record for record in before.records if ask_yes_no(f"Record '{record.title}': did you open it")]
    answers = tuple(_ask_criterion(node) for node in before.sheet.open_criteria)
    lines = tuple(
        _ask_line(line.line_id, line.description, is_emergency=line.line_id in before.emergency_lines)
        for line in before.sheet.lines
    )
    free = ask_yes_no("Are you free of any conflict of interest with a party of this request")
    attestation = _ATTESTATION if ask_yes_no(f"You attest: '{_ATTESTATION}'") else ""
    decision = DecisionForm(
        evidence_opened=tuple(record.document_id for record in opened),
        criteria_answered=answers,
        no_conflict_of_interest=free,
        attestation=attestation,
    )
    return CompletionForm(outcome=TaskOutcome.DECIDE, lines=lines, note=note, decision=decision)


def _ask_criterion(node: str) -> CriterionAnswer:
    answer: Any = ask_choice(f"Criterion {node}", ("met", "not_met", "cannot_tell"))
    return CriterionAnswer(node_id=node, answer=answer, note=typer.prompt("  Why"))


def _ask_line(line_id: str, description: str, *, is_emergency: bool) -> LineDecisionForm:
    outcome = ask_choice(f"Line {line_id} ({description})", tuple(LineOutcome))
    if outcome is LineOutcome.APPROVED:
        return LineDecisionForm(line_id=line_id, outcome=outcome)
    said: dict[str, Any] = {"line_id": line_id, "outcome": outcome, "reason": _ask_reason(is_emergency)}
    if outcome is LineOutcome.APPROVED_IN_PART:
        said["approved_quantity"] = typer.prompt("  Quantity approved", default="", show_default=False) or None
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
