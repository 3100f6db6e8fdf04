"""Renderer of letters that belong to no case: the rulebook's words, and the criteria where they were asked for.

A letter is complete or it is not made: a blank without a value, and criteria that are missing, raise `LetterIncomplete`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup, escape

from domain.criteria.statements import CriteriaText
from domain.errors import LetterIncomplete
from domain.letters.blanks import parse_words
from domain.letters.standalone import (
    BLANKS_OF,
    CRITERIA_KEY,
    StandaloneElement,
    StandaloneHead,
    StandalonePage,
    StandalonePrinter,
    StandaloneRule,
)
from templates.dates import long_date, with_zone
from templates.rendering import environment
from templates.text_layout import one_blank_line


def printer_of(rule: StandaloneRule, criteria: CriteriaText | None = None) -> StandalonePrinter:
    """The printer of this kind of letter; `criteria` are those that were asked for."""

    def print_letter(head: StandaloneHead, facts: Mapping[str, str]) -> StandalonePage:
        return render_standalone(rule, head, facts, criteria)

    return print_letter


def render_standalone(
    rule: StandaloneRule, head: StandaloneHead, facts: Mapping[str, str], criteria: CriteriaText | None = None
) -> StandalonePage:
    """The letter as HTML and as plain text. Raises LetterIncomplete with the keys of the elements that lack something."""
    filled = {**_plan_facts(head), **facts}
    lacking = tuple(one.key for one in rule.elements if _lacks(rule, one, filled, criteria))
    if lacking:
        raise LetterIncomplete(rule.kind, "its reader", lacking)
    return StandalonePage(
        subject=rule.title,
        html=_render("html", rule, head, filled, criteria, escape),
        text=one_blank_line(_render("text", rule, head, filled, criteria, str)),
    )


def _render(
    form: str,
    rule: StandaloneRule,
    head: StandaloneHead,
    facts: Mapping[str, str],
    criteria: CriteriaText | None,
    speak: Callable[[str], str],
) -> str:
    def words(element: StandaloneElement) -> str:
        parsed = parse_words(element.words or "", BLANKS_OF[rule.kind])
        said = "".join(speak(text) + (speak(facts[blank]) if blank else "") for text, blank in parsed)
        return Markup(said) if form == "html" else said

    values: dict[str, Any] = {
        "rule": rule,
        "head": head,
        "issued": long_date(head.issue_date),
        "criteria": criteria,
        "criteria_key": CRITERIA_KEY,
        "words": words,
    }
    return environment(form).get_template("standalone.j2").render(values)


def _plan_facts(head: StandaloneHead) -> dict[str, str]:
    plan = head.plan
    return {
        "plan_name": plan.plan_name,
        "plan_phone": plan.phone,
        "plan_tty": plan.tty,
        "plan_hours": with_zone(plan.hours, plan.zone or head.zone, head.issue_date),
        "plan_website": plan.website,
    }


def _lacks(
    rule: StandaloneRule, element: StandaloneElement, facts: Mapping[str, str], criteria: CriteriaText | None
) -> bool:
    if element.key == CRITERIA_KEY:
        return criteria is None or not criteria.lines
    blanks = (blank for _, blank in parse_words(element.words or "", BLANKS_OF[rule.kind]) if blank)
    return any(not facts.get(blank, "").strip() for blank in blanks)
