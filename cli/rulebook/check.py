"""`umpire rulebook check` and `test`: soundness of the rulebook, and worked examples of its clocks."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from activities.integrations.licensed_criteria import connected_set_ids
from activities.letters.trial_run import INVENTED_PLAN, try_letters
from cli.terminal import output
from cli.terminal.errors import handle_errors, print_error
from cli.terminal.exit_codes import ExitCode
from cli.terminal.options import Json
from domain.clocks.emitted_events import WaitingEvent, unknown_events, waiting_events
from domain.clocks.rules import ClockRule
from rulebook.aid_continuing import load_continuation_rules
from rulebook.authoring.question_counts import count_questions
from rulebook.calendar_rules import load_federal_calendar
from rulebook.clock_examples import EXAMPLES, ExampleOutcome, ExampleResult, load_examples, run_examples
from rulebook.clock_rules import load_clock_rules
from rulebook.coverage_gaps import find_coverage_gaps
from rulebook.errors import RulebookErrors
from rulebook.guidelines import load_criteria, run_guideline_tests
from rulebook.rulebook import failing_guideline_tests, load_rulebook, rulebook_root
from store.seed import read_plan

_SHOWN = {ExampleOutcome.PASS: "pass", ExampleOutcome.FAIL: "FAIL", ExampleOutcome.NOT_COVERED: "not covered"}


def check(
    plan: Annotated[
        Path | None,
        typer.Option("--plan", help="Write the trial letters of this plan file instead of an invented plan's."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Load every rule, run the worked examples of every guideline, write every letter once with sample facts, and list the
    laws that have to be settled, the events that no process records yet, and the gaps between guidelines, requirements and
    the code map. Errors are reported with file and line."""
    with handle_errors():
        try:
            book = load_rulebook()
            failures = failing_guideline_tests(book)
            asked = count_questions(book.criteria)
            trial = try_letters(book.notices, book.lobs, read_plan(plan).plan.contact if plan else INVENTED_PLAN)
            gaps = find_coverage_gaps(book.criteria.guidelines, book.review, book.code_map, book.drugs)
            slots, connected = {found.set_id for found in book.review.licensed_sets}, connected_set_ids()
            gaps += tuple(
                f"{name}: a package connects this set, and review/licensed_sets.yaml has no slot for it; add one"
                for name in sorted(connected - slots)
            )
            never = tuple(f"{rule}: nothing records the event {event}" for rule, event in unknown_events(book.clocks))
        except RulebookErrors as wrong:
            if as_json:
                output.print_json({"errors": [_error_json(error) for error in wrong.errors]})
                raise typer.Exit(ExitCode.NOT_READABLE) from None
            raise
        if as_json:
            output.print_json(
                {
                    "version": book.version,
                    "errors": [],
                    "failing_examples": failures,
                    "questions": asked._asdict(),
                    "letters_written": trial.written,
                    "letters_not_written": list(trial.failures),
                    "rules_that_never_run": list(never),
                    "rules_not_settled": dict(_unsettled(book.clocks)),
                    "coverage_gaps": list(gaps),
                    "licensed_sets": {name: name in connected for name in sorted(slots)},
                    "events_that_wait": {one.event.value: _waiting_json(one) for one in waiting_events(book.clocks)},
                }
            )
        else:
            examples = sum(len(guideline.tests) for guideline in book.criteria.guidelines)
            review = book.review
            output.print_lines(
                f"Rulebook {book.version}: {len(book.clocks)} clock rules, {len(book.criteria.guidelines)} guidelines "
                f"with {examples} worked examples, {len(review.requirements)} requirement rules, "
                f"{len(review.steps)} step rules, {len(review.quantities)} quantity limits, "
                f"{len(book.drugs.edits)} drug edits, {len(book.drugs.labels)} labeled indications, "
                f"{len(review.gold_cards)} gold card programs: all pass."
                if not failures
                else f"Rulebook {book.version}: worked examples that fail: {len(failures)}."
            )
            output.print_lines(
                f"Questions in one round: {asked.per_example:.2f} on average over {asked.open_examples} open examples, "
                f"{asked.per_first_request:.1f} for a request that brings no facts."
            )
            output.print_lines(f"{trial.written} trial letters written; {len(trial.failures)} cannot be written.")
            for name, why in _unsettled(book.clocks):
                output.print_lines(f"{name} binds no case until it is settled: {why}.")
            empty = ", ".join(sorted(slots - connected)) or "none"
            output.print_lines(f"Licensed sets of criteria that are empty slots: {empty}.")
            for one in waiting_events(book.clocks):
                output.print_lines(f"{one.event.value} waits for {one.waits_for}: {', '.join(one.rules)}.")
        print_error(*failures, *trial.failures, *never, *gaps)
        if failures or trial.failures or never or gaps:
            raise typer.Exit(ExitCode.NOT_READABLE)


def _unsettled(clocks: Iterable[ClockRule]) -> tuple[tuple[str, str], ...]:
    """The rules on laws of which nobody knows yet whether they are in force, each with what is to be settled."""
    return tuple(dict.fromkeys((rule.rule_id, rule.unsettled) for rule in clocks if rule.unsettled))


def _waiting_json(one: WaitingEvent) -> dict[str, object]:
    return {"waits_for": one.waits_for, "rules": list(one.rules)}


def _error_json(error: object) -> dict[str, object]:
    return {name: getattr(error, name) for name in ("file", "line", "key", "problem", "expected")}


def test(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="Worked examples of clocks; all of the rulebook unless given."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Run the worked examples of every guideline and clock; with FILE those of clocks in it. Each passes, fails with both
    values, or is not covered."""
    with handle_errors():
        root = rulebook_root()
        own = root / "examples" / "clocks.yaml"
        path = file or (own if own.exists() else EXAMPLES)
        results = run_examples(
            load_examples(path),
            load_clock_rules(root / "clocks"),
            load_federal_calendar(root / "calendars"),
            load_continuation_rules(root / "continuation.yaml"),
        )
        if file is None:
            results = (*_guideline_results(root), *results)
        if as_json:
            output.print_json(
                [one.model_dump(mode="json", include={"id", "result", "expected", "got"}) for one in results]
            )
        else:
            _print_results(results)
        if any(one.result is not ExampleOutcome.PASS for one in results):
            raise typer.Exit(ExitCode.NOT_READABLE)


def _guideline_results(root: Path) -> tuple[ExampleResult, ...]:
    """The worked examples of every guideline, in the form of those of clocks."""
    criteria = load_criteria(root / "criteria")
    failed = {(one.guideline_id, one.name): one.got.value for one in run_guideline_tests(criteria)}
    return tuple(
        ExampleResult(
            id=f"{guideline.id}: {example.name}",
            result=ExampleOutcome.FAIL if (guideline.id, example.name) in failed else ExampleOutcome.PASS,
            expected={"state": example.expect.value},
            got={"state": failed.get((guideline.id, example.name), example.expect.value)},
        )
        for guideline in criteria.guidelines
        for example in guideline.tests
    )


def _print_results(results: tuple[ExampleResult, ...]) -> None:
    output.print_table(
        ("Example", "Result", "Expected", "Got"),
        [(one.id, _SHOWN[one.result], _pairs_text(one.expected), _pairs_text(one.got)) for one in results],
    )
    count = {outcome: sum(1 for one in results if one.result is outcome) for outcome in ExampleOutcome}
    output.print_lines("", ", ".join(f"{count[outcome]} {_SHOWN[outcome].lower()}" for outcome in ExampleOutcome) + ".")
    for one in results:
        print_error(*(f"{one.id}: {why}" for why in one.why))


def _pairs_text(said: dict[str, Any]) -> str:
    return "; ".join(f"{key}: {value}" for key, value in said.items())
