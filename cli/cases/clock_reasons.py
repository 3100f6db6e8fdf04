"""`umpire clocks CASE`: every clock of the rulebook, with the reason that it does or does not apply to this case."""

from __future__ import annotations

from functools import partial

import typer
from sqlalchemy.orm import Session

from activities.lookups.clock_inputs import clock_inputs
from cli.terminal import output
from cli.terminal.case_numbers import resolve_request_number
from cli.terminal.context import cli_context
from cli.terminal.errors import handle_errors
from cli.terminal.options import CaseNumber, Json
from domain.authorization.orders import ReviewInput
from domain.clocks.events import ClockEvent
from domain.clocks.facts import ClockFacts
from domain.clocks.survey import SurveyedRule
from rulebook.rulebook import Rulebook, load_rulebook
from services.queries.clock_survey import ClockSurvey, describe_facts, survey_clocks, survey_document


def clocks(context: typer.Context, case: CaseNumber, as_json: Json = False) -> None:
    """List every clock of the rulebook and why it does or does not apply: applicable clocks first, then near matches.

    Uses the facts on file now and the rulebook in use.
    """
    with handle_errors():
        book = load_rulebook()
        here = cli_context(context)
        with here.read_store() as s:
            number, now = resolve_request_number(s, case), here.clock()
            found = survey_clocks(s, number, book.clocks, book.calendar, partial(_inputs, book), now)
        if as_json:
            output.print_json(survey_document(found, book.version))
        else:
            _print_sections(found, book)


def _inputs(book: Rulebook, s: Session, order: ReviewInput) -> tuple[ClockFacts, tuple[ClockEvent, ...]]:
    return clock_inputs(s, book, order)


# -- for people ------------------------------------------------------------------------------------------------------------


def _print_sections(here: ClockSurvey, book: Rulebook) -> None:
    output.print_lines(
        f"Case {here.case_id}: {here.bound} of {len(book.clocks)} clock rules bind it, by rulebook {book.version}."
    )
    if here.pinned_version not in (None, book.version):
        output.print_lines(
            f"The case was last reviewed with rulebook {here.pinned_version}; its clocks below are by that version."
        )
    output.print_heading("Facts")
    output.print_table(("", ""), describe_facts(here.facts, output.format_instant), show_header=False)
    for section in here.sections:
        output.print_heading(f"{section.heading} ({len(section.rules)})")
        if section.group == "binds":
            bind = [
                (*_rule_name(one), here.clock_state(one, output.format_instant), one.verdict.why, *_rule_source(one))
                for one in section.rules
            ]
            output.print_table(("Rule", "What", "Clock", "Why", "Citation", "Confidence"), bind)
        else:
            rows = [(*_rule_name(one), here.why_not(one), *_rule_source(one)) for one in section.rules]
            output.print_table(("Rule", "What", "Why not", "Citation", "Confidence"), rows)


def _rule_name(one: SurveyedRule) -> tuple[str, str]:
    return f"{one.rule.rule_id} {one.rule.variant}".strip(), one.rule.title


def _rule_source(one: SurveyedRule) -> tuple[str, str]:
    return one.rule.citation, one.rule.confidence.value
