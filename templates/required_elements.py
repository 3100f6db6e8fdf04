"""Strings that each required element must show on the page and in the plain text.

An element with words shows its statement. An element without words is laid out by the templates, and `LAID_OUT_ELEMENTS`
derives the strings that prove it from the letter's page. No strings means that the context lacks the element's source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from domain.decisions.reasons import StructuredReason
from domain.letters.blanks import parse_words
from domain.letters.context import LetterContext, NoticeElement
from domain.letters.notice_rules import AppealRights, NoticeRule
from domain.vocabulary import ADVERSE_OUTCOMES, APPROVING_OUTCOMES, Audience
from templates.blank_values import BlankValues, values_of_blanks
from templates.letter_page import LetterPage, ServiceRow, build_letter_page


@dataclass(frozen=True)
class Letter:
    """A letter before it is rendered: its context and rule, with every blank value and the page computed."""

    context: LetterContext
    rule: NoticeRule
    facts: BlankValues
    view: LetterPage
    required: tuple[NoticeElement, ...]
    rights: AppealRights | None

    @cached_property
    def shown(self) -> dict[str, tuple[str, ...]]:
        """By key, the strings that prove each required element; none for an element whose source is missing."""
        return {element.key: _required_strings(self, element) for element in self.required}

    @classmethod
    def of(cls, context: LetterContext, rule: NoticeRule, rights: AppealRights | None) -> Letter:
        return cls(
            context, rule, values_of_blanks(context, rights), build_letter_page(context), rule.required(context), rights
        )


def _required_strings(letter: Letter, element: NoticeElement) -> tuple[str, ...]:
    if element.words is not None:
        statement = fill_blanks(element.words, letter.facts)
        return () if statement is None else (_one_line(statement),)
    if element.key not in LAID_OUT_ELEMENTS:
        return ()
    strings = tuple(_one_line(text) for text in LAID_OUT_ELEMENTS[element.key](letter))
    return strings if all(strings) else ()


def fill_blanks(words: str, facts: BlankValues) -> str | None:
    """The text with every blank filled, as plain text; None when a blank has no value."""
    parts: list[str] = []
    for text, blank in parse_words(words):
        parts.append(text)
        if blank is not None:
            value = facts.get(blank)
            if value is None:
                return None
            parts.append(value)
    return "".join(parts)


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())


def _recipient(letter: Letter) -> Iterable[str]:
    """A member gets letters by mail; a provider may be reached by mail, by fax or through their identifier."""
    recipient = letter.context.recipient
    reached = (*recipient.address, *letter.view.reached_by)
    return (recipient.name, *reached) if reached else ()


def _service_lines(letter: Letter) -> Iterable[str]:
    for row in letter.view.services:
        yield from _row(row, decided=letter.rule.tells_outcome)


def _row(row: ServiceRow, *, decided: bool) -> Iterable[str]:
    yield row.description
    yield row.code
    if row.asked:
        yield row.asked
    if decided:
        yield row.answer or ""


def _approved(letter: Letter) -> Iterable[str]:
    """The approvals; none at all when neither the last day nor the units of one are known: the element is not complete then."""
    expected = sum(line.outcome in APPROVING_OUTCOMES for line in letter.context.lines)
    return letter.view.approved if len(letter.view.approved) == expected else ()


def _specific_reason(letter: Letter) -> Iterable[str]:
    for reason in _reasons(letter):
        yield reason.asked if reason else ""
        yield from reason.records_read if reason and reason.records_read else ("",)
        if letter.rule.audience is Audience.MEMBER:
            yield reason.plain_words if reason else ""
        else:
            yield reason.gap if reason else ""


def _criteria(letter: Letter) -> Iterable[str]:
    for reason in _reasons(letter):
        yield reason.rule if reason else ""
        yield reason.rule_citation if reason else ""
        if letter.rule.audience is Audience.PROVIDER:
            findings = reason.findings if reason else ()
            yield from (text for f in findings for text in (f.criterion, f.finding, f.citation))
            yield "" if not findings else findings[0].criterion


def _what_would_change(letter: Letter) -> Iterable[str]:
    return (reason.what_would_change if reason else "" for reason in _reasons(letter))


def _plan_provision(letter: Letter) -> Iterable[str]:
    for reason in _reasons(letter):
        yield (reason.plan_provision or reason.rule_citation) if reason else ""


def _reasons(letter: Letter) -> Iterable[StructuredReason | None]:
    """The reason of every line that was not fully approved; None where a line has no reason."""
    return [line.reason for line in letter.context.lines if line.outcome in ADVERSE_OUTCOMES] or [None]


def _asked(letter: Letter) -> Iterable[str]:
    for group in letter.view.asked:
        yield group.title
        yield from [text for _, text in group.rows] or [""]
        yield from group.instead


def _taglines(letter: Letter) -> Iterable[str]:
    return (fill_blanks(tagline.words, letter.facts) or "" for tagline in letter.rule.taglines)


def _form(letter: Letter) -> Iterable[str]:
    form = letter.rule.form
    return (form.form_id, form.omb) if form else ()


def _decider(letter: Letter) -> Iterable[str]:
    who = letter.context.decided_by
    return (who.name, who.credential, letter.view.decided_on or "") if who else ()


LAID_OUT_ELEMENTS: dict[str, Callable[[Letter], Iterable[str]]] = {
    "notice_date": lambda letter: (letter.view.issue_date,),
    "recipient_address": _recipient,
    "member_name": lambda letter: (letter.context.member_name,),
    "member_id": lambda letter: (letter.context.member_id,),
    "request_id": lambda letter: (letter.context.case_number,),
    "requesting_provider": lambda letter: (letter.view.provider or "",),
    "service_lines": _service_lines,
    "specific_reason": _specific_reason,
    "criteria_reference": _criteria,
    "missing_info": _what_would_change,
    "plan_provision": _plan_provision,
    "info_needed": _asked,
    "auth_dates": _approved,
    "denial_code": lambda letter: (text for code in letter.view.decision_codes for text in code),
    "reviewer_identity": _decider,
    "taglines": _taglines,
    "cms_form_ids": _form,
    "facility": lambda letter: (letter.view.stay.facility or "",),
    "asked_items": lambda letter: letter.view.stay.asked,
    "case_facts": lambda letter: letter.view.stay.facts,
    "gaps": lambda letter: letter.view.stay.gaps,
    "warning_signs": lambda letter: letter.view.stay.warning_signs,
    "teach_back": lambda letter: letter.view.stay.teaching,
    "equipment": lambda letter: letter.view.stay.equipment,
    "medicines": lambda letter: (text for row in letter.view.stay.medicines for text in row.shown),
    "appointments": lambda letter: (text for row in letter.view.stay.appointments for text in row.shown),
    "choices": lambda letter: (text for row in letter.view.stay.choices for text in row.shown),
}
"""Elements that templates lay out, by key. A key of the rulebook that is neither here nor has a text is rejected."""
