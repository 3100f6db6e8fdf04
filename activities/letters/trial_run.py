"""Trial run of the rulebook's letters: every notice that a process can order is written with sample facts.

The proof is the letter itself: a notice without a rule, without a source for an element or without its page is reported by line
of business, audience and variant, before a case needs it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from domain.errors import LetterIncomplete
from domain.letters.context import PlanContact
from domain.letters.notice_rules import NoNoticeRule, NoticeRule
from domain.letters.reachable_notices import reachable_notices
from domain.vocabulary import Audience, Lob, NoticeKind, ServiceKind
from rulebook.notice_rules import NoticeBook
from rulebook.review_organizations import name_review_organization
from templates.rendering import render_letter
from templates.trial_letters import TrialPlace, trial_contexts

INVENTED_PLAN = PlanContact(
    plan_name="Sample Health Plan",
    phone="1-800-555-0100",
    tty="711",
    fax="1-800-555-0101",
    address=("100 Sample Plaza", "Springfield, IL 62701"),
    hours="8 a.m. to 8 p.m., Monday to Friday",
    website="www.example.com",
)
TRIAL_STATES = ("IL", "WY")
"""One State with offices of its own in the rulebook, and one without."""


class TrialRun(NamedTuple):
    """The number of letters that could be written, and in words those that could not."""

    written: int
    failures: tuple[str, ...]


def try_letters(notices: NoticeBook, lobs: frozenset[Lob], plan: PlanContact = INVENTED_PLAN) -> TrialRun:
    """Write every reachable notice for each line of business, audience and variant."""
    written, failures = 0, list[str]()
    for kind, lob in reachable_notices(lobs):
        for failure in _try_notice(notices, kind, lob, plan):
            if failure is None:
                written += 1
            elif failure not in failures:
                failures.append(failure)
    return TrialRun(written, tuple(failures))


def _try_notice(notices: NoticeBook, kind: NoticeKind, lob: Lob, plan: PlanContact) -> Iterator[str | None]:
    """For each trial letter of a notice None, or why it cannot be written."""
    try:
        known = (*notices.audiences(kind, lob), *notices.audiences_when_needed(kind, lob))
        rules = [notices.rule(kind, audience, lob) for audience in Audience if audience in known]
    except NoNoticeRule as missing:
        yield str(missing)
        return
    for rule in rules:
        for service in _services(notices, rule):
            yield from _try_rule(notices, rule, service, plan)


def _services(notices: NoticeBook, rule: NoticeRule) -> tuple[ServiceKind, ...]:
    """One kind of service for each of the line's rights to appeal."""
    allowed = [(notices.rights(rule.lob, kind), kind) for kind in ServiceKind if kind not in rule.never_for]
    return tuple({right: kind for right, kind in reversed(allowed) if right is not None}.values())


def _try_rule(notices: NoticeBook, rule: NoticeRule, service: ServiceKind, plan: PlanContact) -> Iterator[str | None]:
    rights = notices.rights(rule.lob, service)
    for number, state in enumerate(TRIAL_STATES):
        offices, region = notices.offices, notices.qio(state)
        place = TrialPlace(
            plan,
            offices.consumer_help(state, plan) or offices.listed_help(state),  # a trial is about the letter
            offices.hearing_office(state, rule.lob, plan),
            name_review_organization(state, plan, region) or (region.organization if region is not None else None),
        )
        for name, context in islice(trial_contexts(rule, service, rights, place), 1 if number else None):
            try:
                render_letter(context, rule, rights)
            except LetterIncomplete as incomplete:
                what = f"{rule.kind.value} to the {rule.audience.value} under {rule.lob.value}"
                yield f"{what} ({name}) cannot be written: {', '.join(incomplete.missing)}"
            else:
                yield None
