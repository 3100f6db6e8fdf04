"""Checks that make a letter unfit to send although every element has its source. Each issue names the element to fix.

Issues hold no text of the case, so that they can be logged.
"""

from __future__ import annotations

from collections.abc import Iterator

from domain.decisions.reason_wording import reason_issues
from domain.decisions.reasons import StructuredReason
from domain.letters.context import AskedBranch, AskedGroup, LetterContext
from domain.letters.request_facts import ExtensionFacts, MissedDeadlineFacts
from domain.plain_language.printable import (
    has_placeholder,
    has_ssn_or_mbi,
    has_word,
    is_blank_or_placeholder,
    is_ssn_or_mbi,
)
from domain.vocabulary import ADVERSE_OUTCOMES, LineOutcome, NoticeKind
from templates.required_elements import Letter
from templates.stay_letter_checks import listed_texts, stay_issues

LetterIssue = tuple[str, str]
_ELEMENT_OF_TEXT = {
    "extension_reason": "extension_reason",
    "not_required_because": "not_required_because",
    "withdrawn_by": "specific_reason",
    "expedite_refusal_reason": "specific_reason",
    "consequence_words": "legal_effect",
    "what_changed": "decision_statement",
    "service": "decision_statement",
    "setting": "decision_statement",
    "facility": "facility",
    "reason": "specific_reason",
    "basis": "criteria_reference",
    "plan_policy": "plan_provision",
    "changed_since": "change",
    "what_would_change": "missing_info",
    "advance_exception": "advance_notice",
    "signed_by": "decided_by",
}
"""The element that holds each fact which a person wrote."""


def case_issues(letter: Letter) -> Iterator[LetterIssue]:
    """(element key, what is wrong) from the case alone, before anything is rendered."""
    context = letter.context
    if context.notice is NoticeKind.MISSED_DEADLINE:
        yield from _missed_deadline_issues(letter)
    yield from stay_issues(context, letter.rule)
    for key, text in _written_texts(context):
        if is_blank_or_placeholder(text):
            yield key, "a text still holds a placeholder"
    for line in context.lines:
        if line.outcome in ADVERSE_OUTCOMES and line.reason is not None:
            codes = {line.code, *(diagnosis.split()[0] for diagnosis in context.diagnoses if diagnosis.split())}
            yield from reason_issues(line.reason, context.lob, codes)
    if is_ssn_or_mbi(context.member_id):
        yield "member_id", "the member number looks like a Social Security or Medicare number"


def rule_issues(letter: Letter) -> Iterator[LetterIssue]:
    """(element key, what is wrong) where the rule does not fit the case: no letter may state another law than its own."""
    yield from _rule_mismatches(letter)
    yield from _forbidden_notice_issues(letter)


def page_issues(letter: Letter, page: str) -> Iterator[LetterIssue]:
    """(element key, what is wrong) from the text of a rendered page."""
    if has_ssn_or_mbi(page):
        yield "member_id", "the page holds what looks like a Social Security or Medicare number"
    if has_placeholder(page) or has_word("None", page):
        ours = _remove_case_texts(letter.context, page)
        if has_placeholder(ours) or has_word("None", ours):
            yield "page", "the page holds a placeholder"


def _rule_mismatches(letter: Letter) -> Iterator[LetterIssue]:
    context, rule = letter.context, letter.rule
    asked = (context.notice, context.audience, context.lob)
    if asked != (rule.kind, rule.audience, rule.lob):
        yield "notice_rule", f"the rule is for {rule.kind} to the {rule.audience} under {rule.lob}"
    if letter.rights is not None and letter.rights.lob is not context.lob:
        yield "appeal_right", f"the rights to appeal are those of {letter.rights.lob}"
    elif letter.rights is not None and context.service_kind not in letter.rights.service_kinds:
        yield "appeal_right", f"the rights to appeal do not cover {context.service_kind}"


def _forbidden_notice_issues(letter: Letter) -> Iterator[LetterIssue]:
    context, rule = letter.context, letter.rule
    if context.service_kind in rule.never_for or context.urgency in rule.never_when:
        yield "notice_rule", f"this notice is not allowed for this request ({rule.never_citation})"
    facts = context.facts
    if isinstance(facts, MissedDeadlineFacts) and rule.consequences and facts.consequence not in rule.consequences:
        yield "legal_effect", f"this notice speaks of {', '.join(rule.consequences)}, not of {facts.consequence}"
    if context.notice is NoticeKind.APPROVAL and any(
        line.outcome is not LineOutcome.APPROVED for line in context.lines
    ):
        yield "decision_statement", "an approval may only hold lines that were approved as asked for"
    due = facts.request.decision_due if isinstance(facts, ExtensionFacts) else None
    if isinstance(facts, ExtensionFacts) and facts.new_due and due and facts.new_due <= due:
        yield "extension_until", "the new date is not after the first one"


def _missed_deadline_issues(letter: Letter) -> Iterator[LetterIssue]:
    """Issues of a missed-deadline letter: no clinical decision, so no reviewer, and no line has an outcome or a reason."""
    context = letter.context
    if context.decided_by is not None:
        yield "specific_reason", "a missed deadline has no reviewer"
    if any(line.reason is not None or line.outcome is not None for line in context.lines):
        yield "specific_reason", "a missed deadline has no decision on a line"


def _written_texts(context: LetterContext) -> Iterator[LetterIssue]:
    """(element key, text) of everything that a person wrote for this letter."""
    for name, key in _ELEMENT_OF_TEXT.items():
        text = getattr(context.facts, name, None)
        if text is not None:
            yield key, text
    for line in context.lines:
        if line.reason is not None:
            yield from _reason_texts(line.reason)
    if context.stay is not None:
        yield from listed_texts(context.stay)
    for group in context.asked:
        yield from (("info_needed", text) for text in _rule_texts(group))


def _rule_texts(group: AskedGroup) -> Iterator[str]:
    """The words of the rule in a request for information: headings may begin with any word, also with None."""
    yield group.title
    yield from (fact.ask for option in group.options for fact in option)
    waiting = [group.tree] if group.tree is not None else []
    while waiting:
        branch = waiting.pop()
        yield from (branch.title,) if branch.title else ()
        for item in branch.items:
            if isinstance(item, AskedBranch):
                waiting.append(item)
            else:
                yield item.ask


def _reason_texts(reason: StructuredReason) -> Iterator[LetterIssue]:
    yield from (("specific_reason", text) for text in (reason.asked, *reason.records_read, reason.gap))
    yield "specific_reason", reason.plain_words
    yield "missing_info", reason.what_would_change
    for finding in reason.findings:
        yield from (("criteria_reference", text) for text in (finding.criterion, finding.finding, finding.citation))
    yield from (("criteria_reference", text) for text in (reason.rule, reason.rule_citation))


def _remove_case_texts(context: LetterContext, page: str) -> str:
    """The page without the names and texts of the case: those are shown as they are, or were checked on their own."""
    parties = [context.recipient, context.requesting_provider, context.servicing_provider]
    known = [context.member_name, context.member_id, context.case_number, context.letter_number, context.plan.plan_name]
    known += [line.description for line in context.lines] + list(context.diagnoses)
    known += [text for party in parties if party for text in (party.name, *party.address)]
    known += [text for _, text in _written_texts(context)]
    known += [text for group in context.asked for text in (group.title, *group.instead)]
    for text in sorted({" ".join(text.split()) for text in known} - {""}, key=len, reverse=True):
        page = page.replace(text, " ")
    return page
