"""`umpire rulebook try`, `new` and `units`: an author's tools. None of them needs a server or a store."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.terminal import output
from cli.terminal.errors import handle_errors, print_error
from cli.terminal.exit_codes import ExitCode
from cli.terminal.options import Json
from cli.terminal.questions import question_lines
from domain.criteria.asked_groups import put_question
from domain.criteria.evaluation import CriteriaResult, Guideline, TraceNode, draft_reason, evaluate
from domain.criteria.questions import QuestionPlan, plan_questions
from domain.evidence.units import known_units
from rulebook.authoring.frames import FRAMES
from rulebook.authoring.patients import InventedPatient, NotThatFact, parse_facts, read_patient
from rulebook.guidelines import Criteria, load_criteria
from rulebook.rulebook import rulebook_root

_MARKS = {"met": "[x]", "not_met": "[ ]", "unknown": "[?]"}


def try_guideline(
    guideline: Annotated[str, typer.Argument(metavar="GUIDELINE", help="The id of a guideline, such as OXY.")],
    patient: Annotated[
        Path | None, typer.Option("--patient", metavar="FILE", help="A YAML file with facts and diagnoses.")
    ] = None,
    given: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="FACT=VALUE", help="A fact, such as o2.sat_rest=86; may be repeated."),
    ] = None,
    diagnosis: Annotated[
        list[str] | None, typer.Option("--diagnosis", metavar="CODE", help="An ICD-10-CM code of the request.")
    ] = None,
    day: Annotated[
        str | None,
        typer.Option("--day", metavar="YYYY-MM-DD", help="The day of service; the rule's first day unless given."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Try a guideline on an invented patient: its criteria, the questions in their order, and the letter's sentences."""
    with handle_errors():
        criteria = load_criteria(rulebook_root() / "criteria")
        chosen = _find_guideline(criteria, guideline.strip().upper(), _parse_day(day))
        on = _parse_day(day) or chosen.effective_from
        try:
            known = read_patient(patient, criteria.dictionary) if patient else InventedPatient({})
            facts = {**known.facts, **parse_facts(given or [], criteria.dictionary)}
        except NotThatFact as wrong:
            print_error(str(wrong))
            raise typer.Exit(ExitCode.USAGE) from None
        tried = replace(known, facts=facts, diagnoses=(*known.diagnoses, *(diagnosis or ())))
        result = evaluate(chosen, criteria.dictionary, tried.as_facts(criteria.dictionary, on), on)
        plan = plan_questions(chosen, criteria.dictionary, result, tried.diagnoses)
        unused = sorted(set(facts) - {node.fact for node in chosen.logic.walk()})
        if as_json:
            output.print_json(_trial_json(result, plan, unused))
            return
        output.print_lines(f"{chosen.title} ({chosen.id} {chosen.version}): {output.spell_out(result.state.value)}", "")
        if result.trace is not None:
            output.print_lines(*_tree_lines(result.trace))
        output.print_lines(*_plan_lines(plan), *_reason_lines(result))
        if unused:
            print_error(f"The guideline does not use {', '.join(unused)}.")


def _parse_day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        print_error(f"{text!r} is no day.", "Write year, month and day: 2027-01-31.")
        raise typer.Exit(ExitCode.USAGE) from None


def _find_guideline(criteria: Criteria, name: str, day: date | None) -> Guideline:
    """The guideline in force on the day, else its last version."""
    versions = [one for one in criteria.guidelines if one.id == name]
    if not versions:
        known = sorted({one.id for one in criteria.guidelines})
        near = difflib.get_close_matches(name, known, n=3)
        print_error(
            f"There is no guideline {name}.",
            f"Did you mean {', '.join(near)}?" if near else f"Guidelines: {', '.join(known)}.",
        )
        raise typer.Exit(ExitCode.NOT_FOUND)
    fitting = [one for one in versions if day and one.effective_from <= day <= (one.effective_to or date.max)]
    return fitting[-1] if fitting else versions[-1]


def _tree_lines(node: TraceNode, depth: int = 0) -> Iterator[str]:
    criterion = node.criterion
    words = criterion.text or criterion.label or "the criterion of this number"
    seen = node.reading.value if node.reading is not None and node.reading.seen is not None else None
    value = "" if seen is None else f" = {'yes' if seen is True else 'no' if seen is False else seen}"
    why = f" ({output.spell_out(node.gap.value)})" if node.gap is not None else ""
    yield f"{'  ' * depth}{_MARKS[node.state.value]} {criterion.id}: {words}{value}{why}"
    for child in node.children:
        yield from _tree_lines(child, depth + 1)


def _plan_lines(plan: QuestionPlan) -> Iterator[str]:
    if plan.questions:
        yield from ("", "The provider is asked, as in the letter:")
    yield from question_lines(put_question("1", question) for question in plan.questions)
    if plan.judged_now:
        yield from ("", "A clinician is asked at once:")
        yield from (f"- {need.ask}  [{need.criterion}]" for need in plan.judged_now)


def _reason_lines(result: CriteriaResult) -> Iterator[str]:
    reason = draft_reason(result)
    if reason.findings:
        yield from ("", "A reviewer's draft says:")
        yield from (f"- {found.finding}" for found in reason.findings)
    for words in reason.what_would_change:
        yield f"- {words}"


def _trial_json(result: CriteriaResult, plan: QuestionPlan, unused: list[str]) -> dict[str, Any]:
    reason = draft_reason(result)
    return {
        "guideline": result.guideline_id,
        "version": result.version,
        "state": result.state.value,
        "decided_by": list(result.decided_by),
        "questions": [
            {
                "title": question.title,
                "form": question.form.value,
                "options": [[need.fact for need in option] for option in question.options],
                "asks": [need.ask for need in question.needs()],
                "instead": list(question.instead),
            }
            for question in plan.questions
        ],
        "judged_now": [need.criterion for need in plan.judged_now],
        "findings": [found.finding for found in reason.findings],
        "what_would_change": list(reason.what_would_change),
        "facts_not_used": unused,
    }


def new(
    kind: Annotated[str, typer.Argument(metavar="KIND", help=f"One of {', '.join(FRAMES)}.")],
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="Where to write it; printed unless given.")
    ] = None,
) -> None:
    """Write a commented frame of a guideline, a clock or a notice, to be filled in and checked."""
    if kind not in FRAMES:
        print_error(f"There is no frame for {kind}.", f"Frames: {', '.join(FRAMES)}.")
        raise typer.Exit(ExitCode.USAGE)
    if file is None:
        output.print_lines(*FRAMES[kind].splitlines())
        return
    if file.exists():
        print_error(f"{file} exists already and is left as it is.", "Name a new file.")
        raise typer.Exit(ExitCode.USAGE)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(FRAMES[kind], encoding="utf-8")
    output.print_lines(f"Written to {file}. Fill it in, then run 'umpire rulebook check'.")


def units(as_json: Json = False) -> None:
    """List the units of facts: the code to write, how a clinic reads it, and spellings that are understood in records."""
    if as_json:
        output.print_json(
            [{"unit": code, "read_as": words, "spellings": list(same)} for code, words, same in known_units()]
        )
        return
    rows = [
        (code, words, ", ".join(one for one in same if one not in (code, ""))) for code, words, same in known_units()
    ]
    output.print_table(("Unit", "Read as", "Also understood in records"), rows)
    output.print_lines(
        "A count has no unit, or its name in braces: {events}. Units are UCUM codes and never converted."
    )
