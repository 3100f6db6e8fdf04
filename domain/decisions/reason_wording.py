"""Denial rationale wording: issues that make a clinician's written reason unfit for a letter, found before signing.

The member has to understand the reason and be able to respond: it names facts and a rule, in sentences of readable length,
without codes. Issues hold no text of the case, so that they can be logged.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from domain.decisions.reasons import StructuredReason
from domain.plain_language.readability import split_sentences, split_words
from domain.vocabulary import Lob

LONGEST_SENTENCE = 30
FEWEST_WORDS = 20
FEWEST_OWN_WORDS = 8

_STOCK_PHRASES = re.compile(
    r"(?:is |was |are |were )?(?:not (?:medically )?(?:necessary|needed|indicated|appropriate)"
    r"|(?:does|do|did) not meet (?:the |our |medical )*(?:necessity |coverage )?(?:criteria|guidelines?|policy)"
    r"|(?:not enough|insufficient|lack of|no) (?:clinical |medical )?(?:documentation|information|evidence)"
    r"|experimental(?: (?:and|or) investigational)?|investigational|medical necessity)",
    re.IGNORECASE,
)
_SMALL_WORDS = frozenset(
    "a an the this that it is was were are be of for to in on at by and or we you your our us not no do does did".split()  # noqa: SIM905
    + ["request", "service", "services", "care", "approve", "approved", "decided", "because", "denied", "criteria"]
)
_CODE = re.compile(r"\b(?:\d{5}|[A-V]\d{4}|[A-TV-Z]\d[0-9A-Z]\.[0-9A-Z]{1,4}|(?:CO|PR|OA)-\d{1,3})\b")
_MEDICARE_SOURCE = re.compile(
    r"\b(?:NCD|LCD|CFR|U\.?S\.?C|Social Security Act|Federal Register|national coverage|local coverage|"
    r"Medicare [A-Z][\w ]*Manual|Pub\. ?100)",
    re.IGNORECASE,
)

ReasonIssue = tuple[str, str]
"""(element of the letter, what is wrong)"""


def reason_issues(reason: StructuredReason, lob: Lob, codes: Collection[str]) -> Iterator[ReasonIssue]:
    """Find the issues for which a letter would reject a reason, so that the writer can correct them before signing.

    `codes` are the service and diagnosis codes of the request; none of them may occur in texts for the member.
    """
    for key, text in (
        ("specific_reason", reason.asked),
        ("specific_reason", reason.plain_words),
        ("missing_info", reason.what_would_change),
    ):
        yield from ((key, problem) for problem in member_text_problems(text, codes))
    if is_stock_phrase(reason.plain_words):
        yield "specific_reason", "the plain words are only a stock phrase; they must say which facts and which rule"
    elif len(split_words(reason.plain_words)) < FEWEST_WORDS:
        yield "specific_reason", f"the plain words are fewer than {FEWEST_WORDS}"
    if lob is Lob.MEDICARE_ADVANTAGE:
        yield from _citation_order_issues(reason)


def is_stock_phrase(text: str) -> bool:
    """Whether the text is little more than phrases that would fit any case."""
    own = [word for word in split_words(_STOCK_PHRASES.sub(" ", text)) if word.lower() not in _SMALL_WORDS]
    return len(own) < FEWEST_OWN_WORDS


def member_text_problems(text: str, codes: Collection[str] = ()) -> Iterator[str]:
    """Problems of any text that the member reads: long sentences, and codes of services, diagnoses or adjustments."""
    if any(len(split_words(sentence)) > LONGEST_SENTENCE for sentence in split_sentences(text)):
        yield f"a sentence for the member has more than {LONGEST_SENTENCE} words"
    if _CODE.search(text) or _has_code_of(text, codes):
        yield "a text for the member holds a code"


def _has_code_of(text: str, codes: Collection[str]) -> bool:
    """Whether the text holds one of these codes, with or without its point; also one that looks like a word (I10)."""
    written = {word.replace(".", "").upper() for word in re.findall(r"[A-Za-z0-9.]+", text)}
    return any(code.replace(".", "").upper() in written for code in codes if any(c.isdigit() for c in code))


def _citation_order_issues(reason: StructuredReason) -> Iterator[ReasonIssue]:
    """Issues of citation order: Medicare's own criteria come before a plan's internal ones (42 CFR 422.101(b)-(c))."""
    cited = [reason.rule_citation, *(finding.citation for finding in reason.findings)]
    seen_internal = False
    for citation in cited:
        if not _MEDICARE_SOURCE.search(citation):
            seen_internal = True
        elif seen_internal:
            yield "criteria_reference", "an internal criterion is cited before Medicare's own (42 CFR 422.101(b)-(c))"
            return
