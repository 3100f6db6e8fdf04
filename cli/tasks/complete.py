"""`umpire complete`: a task is finished with what it needs and nothing else, from flags, a form, or questions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.tasks import form_prompts as filling
from cli.terminal import output, replies
from cli.terminal.context import Office, office
from cli.terminal.errors import complain, told
from cli.terminal.files import content_of
from cli.terminal.options import TaskId, User
from cli.terminal.prompts import choice, yes
from domain.cases.tasks import TaskOutcome
from domain.decisions.determination import CriterionAnswer
from domain.decisions.reasons import CriterionFinding
from domain.errors import Refusal, Refused
from domain.vocabulary import LineOutcome
from services.commands import decision_form
from services.commands.decision_form import CompletionForm, DecisionForm, Desktop, LineForm, ReasonForm
from services.context import Reply, ReplyKind

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
    outcome: Annotated[TaskOutcome | None, typer.Option(help="How the task ends. Asked for, unless given.")] = None,
    decide: Annotated[bool, typer.Option("--decide", help="The same as --outcome decide.")] = False,
    recommendation: Annotated[str | None, typer.Option(help="To refer: what was found and what is suggested.")] = None,
    fact: Annotated[
        list[str] | None, typer.Option(metavar="FACT", help="To ask: a fact to ask the provider for; may be repeated.")
    ] = None,
    note: Annotated[str | None, typer.Option(help="A remark; the reason, to refuse to expedite.")] = None,
    form: Annotated[
        str | None, typer.Option("--json", metavar="FILE", help="Everything from a JSON form; '-' is standard input.")
    ] = None,
    blank: Annotated[
        bool, typer.Option("--form", help="Print an empty form for this task, with what each field means.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--reply-json", help="Print the case's answer as JSON.")] = False,
) -> None:
    """Complete a task. Asks only for what the task and the outcome need.

    Scripts give a form with --json, or flags. Many kinds of tasks end with a form of their own: print it with --form. A
    decision that is not a full approval is signed under your own licence.
    """
    with told():
        here = office(context)
        elsewhere = filling.own_way(here, task)
        if elsewhere is not None:
            replies.show(filling.complete(here, elsewhere, user, outcome, note, form, blank), as_json)
            return
        if blank:
            before = here.desk(lambda desk: decision_form.desktop(desk, task, user))
            output.say(json.dumps(decision_form.blank(before), indent=2, ensure_ascii=False))
            return
        outcome = TaskOutcome.DECIDE if decide else outcome
        kept: Path | None = None
        if form is not None:
            filled = decision_form.read_form(content_of(form))
        elif outcome is not None and _is_enough(outcome, recommendation, fact, note):
            filled = CompletionForm(
                outcome=outcome, recommendation=recommendation, facts_to_ask=tuple(fact or ()), note=note
            )
        else:
            before = here.desk(lambda desk: decision_form.desktop(desk, task, user))
            filled = _asked(before, outcome, recommendation, tuple(fact or ()), note)
            kept = _keep(filled, here.settings.home / "forms" / f"{before.sheet.task.task_id}.json")
        reply = _send(here, task, user, filled, kept)
        replies.show(reply, as_json)


def _send(here: Office, task: str, user: str, filled: CompletionForm, kept: Path | None) -> Reply:
    """Send the form. `kept` is the file with what was answered by hand; it goes once it is not needed any more."""
    done = False
    try:
        reply = here.desk(lambda desk: decision_form.complete(desk, task, user, filled))
        done = reply.kind is not ReplyKind.REFUSED
    finally:
        if kept is not None and done:
            kept.unlink()
        elif kept is not None:
            complain(f"Your answers are kept in {kept}: correct them there and send them with --json {kept}")
    return reply


def _keep(filled: CompletionForm, path: Path) -> Path:
    """Nobody answers twenty questions twice: what was answered outlives a refusal. Only its owner may read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(filled.model_dump_json(indent=2, exclude_none=True))
    return path


def _is_enough(outcome: TaskOutcome, recommendation: str | None, facts: list[str] | None, note: str | None) -> bool:
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


def _asked(
    before: Desktop, outcome: TaskOutcome | None, recommendation: str | None, facts: tuple[str, ...], note: str | None
) -> CompletionForm:
    """The form from questions and answers. Without anybody to answer, typer ends the command and says so."""
    _show(before)
    outcome = outcome or choice("How does it end", before.sheet.outcomes)
    if outcome not in before.sheet.outcomes:
        # The case would say the same, but only after a long form was filled in.
        may = f"It may end with: {', '.join(before.sheet.outcomes)}."
        message = f"A {output.words(before.sheet.task.kind)} cannot end with '{outcome}'."
        raise Refused((Refusal(rule="task.outcome", message=message, way_out=may),))
    if outcome in _NEEDS_A_FORM:
        return _decision(before, note)
    if outcome is TaskOutcome.REFER and recommendation is None:
        recommendation = typer.prompt("Your recommendation to the physician")
    if outcome is TaskOutcome.ASK and not facts:
        facts = _facts(before)
    if outcome is TaskOutcome.REFUSE and note is None:
        note = typer.prompt("Why the standard time does no harm")
    return CompletionForm(outcome=outcome, recommendation=recommendation, facts_to_ask=facts, note=note)


def _show(before: Desktop) -> None:
    task = before.sheet.task
    output.say(f"{task.task_id}: {task.why}")
    for line in before.sheet.lines:
        criteria = f"; {line.criteria.citation}: {output.words(line.criteria.state)}" if line.criteria else ""
        output.say(f"  line {line.line_id}: {line.code} {line.description}{criteria}")
        for limit in line.limits:
            output.say(f"    {limit.rule_id}: {output.words(limit.state.value)}: {limit.because} ({limit.citation})")
            if limit.what_would_change:
                output.say(f"      what would change it: {limit.what_would_change}")
    if before.sheet.recommendation:
        output.say(f"  recommendation: {before.sheet.recommendation}")


def _facts(before: Desktop) -> tuple[str, ...]:
    missing = {fact for line in before.sheet.lines if line.criteria for fact in line.criteria.missing_facts}
    missing |= {fact for line in before.sheet.lines for limit in line.limits for fact in limit.missing_facts}
    known = ", ".join(sorted(missing))
    said = typer.prompt("Facts to ask for, separated by commas", default=known or None)
    return tuple(name.strip() for name in said.split(",") if name.strip())


def _decision(before: Desktop, note: str | None) -> CompletionForm:
    opened = [record for record in before.records if yes(f"Record '{record.title}': did you open it")]
    answers = tuple(_criterion(node) for node in before.sheet.open_criteria)
    lines = tuple(_line(line.line_id, line.description) for line in before.sheet.lines)
    free = yes("Are you free of any conflict of interest with a party of this request")
    attestation = _ATTESTATION if yes(f"You attest: '{_ATTESTATION}'") else ""
    decision = DecisionForm(
        evidence_opened=tuple(record.document_id for record in opened),
        criteria_answered=answers,
        no_conflict_of_interest=free,
        attestation=attestation,
    )
    return CompletionForm(outcome=TaskOutcome.DECIDE, lines=lines, note=note, decision=decision)


def _criterion(node: str) -> CriterionAnswer:
    answer: Any = choice(f"Criterion {node}", ("met", "not_met", "cannot_tell"))
    return CriterionAnswer(node_id=node, answer=answer, note=typer.prompt("  Why"))


def _line(line_id: str, description: str) -> LineForm:
    outcome = choice(f"Line {line_id} ({description})", tuple(LineOutcome))
    if outcome is LineOutcome.APPROVED:
        return LineForm(line_id=line_id, outcome=outcome)
    said: dict[str, Any] = {"line_id": line_id, "outcome": outcome, "reason": _reason()}
    if outcome is LineOutcome.APPROVED_IN_PART:
        said["approved_quantity"] = typer.prompt("  Quantity approved", default="", show_default=False) or None
        said["approved_end"] = typer.prompt("  Last day approved (YYYY-MM-DD)", default="", show_default=False) or None
    return _valid(LineForm, said)


def _reason() -> ReasonForm:
    said: dict[str, Any] = {
        "asked": typer.prompt("  What was asked for, in plain words"),
        "rule": typer.prompt("  The rule that decided, in words"),
        "rule_citation": typer.prompt("  Its citation"),
    }
    finding = {
        "criterion": typer.prompt("  The criterion that is not met"),
        "finding": typer.prompt("  What the record shows on it"),
        "citation": said["rule_citation"],
    }
    return ReasonForm(
        **said,
        findings=(CriterionFinding(**finding),),
        gap=typer.prompt("  What is missing"),
        what_would_change=typer.prompt("  What would change the decision"),
        plain_words=typer.prompt("  The explanation for the member, in plain words"),
    )


def _valid(form: type[LineForm], said: dict[str, Any]) -> LineForm:
    try:
        return form.model_validate(said)
    except ValueError:
        raise typer.BadParameter("a quantity is a number, a day is written YYYY-MM-DD") from None
