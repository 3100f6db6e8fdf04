"""Rules that an adverse decision may cite in a line of business, and the check that its reason cites one of them.

A Medicaid member is not refused by a rule of Medicare: the reason has to name what binds the plan for this member
(42 CFR 422.101(b)(6), 438.210(a)(5), 438.404(b)(2); 29 CFR 2560.503-1(g)).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date

from pydantic import Field

from domain.cited_value import Confidence
from domain.decisions.reasons import StructuredReason
from domain.errors import RuleViolation, violation
from domain.model import Model
from domain.plain_language.readability import split_sentences
from domain.vocabulary import MEDICARE_LOBS, Lob

_OF_MEDICARE = re.compile(
    r"\b(?:[NL]CD|Medicare|(?:national|local) coverage determination"
    r"|42 C\.?F\.?R\.? *(?:parts?|§+)? *4(?:0[5-9]|1\d|2[0-6]))\b",
    re.IGNORECASE,
)
_OTHER_PAYER = re.compile(
    r"\bMedicare (?:pays|paid|is (?:the )?(?:first|primary|other)|as (?:the )?(?:first|primary|other))\b", re.IGNORECASE
)
_SHOWN = 5


class DenialRule(Model):
    """A source that an adverse decision of these lines of business may cite from `first_day` (of the decision) on."""

    rule_id: str = Field(min_length=1)
    lobs: tuple[Lob, ...] = Field(min_length=1)
    cites: tuple[str, ...] = Field(min_length=1)
    about: str = Field(min_length=1)
    first_day: date
    confidence: Confidence


class CitableRules(Model):
    """The words that a citation may hold: those of the line of business, and further ones of single lines."""

    of_lob: tuple[str, ...]
    of_lines: dict[str, tuple[str, ...]] = {}

    def for_line(self, line_id: str) -> tuple[str, ...]:
        return (*self.of_lines.get(line_id, ()), *self.of_lob)


def citation_violations(
    reason: StructuredReason, line_id: str, lob: Lob, citable: CitableRules
) -> Iterator[RuleViolation]:
    """Violations of a rule cited that is not of the line or its line of business, and of Medicare's rules elsewhere."""
    allowed = citable.for_line(line_id)
    way_out = f"Cite the guideline of the line or one of: {'; '.join(allowed[:_SHOWN])}."
    if not is_citable(reason.rule_citation, allowed):
        yield violation(
            "decision.rule_of_other_business",
            f"Line {line_id}: the cited rule is neither of this line nor of {lob.value.replace('_', ' ')}.",
            way_out,
        )
    others = (reason.rule_citation, *(found.citation for found in reason.findings), reason.plan_provision or "")
    if lob not in MEDICARE_LOBS and any(_OF_MEDICARE.search(cite) and not is_citable(cite, allowed) for cite in others):
        yield violation(
            "decision.rule_of_medicare",
            f"Line {line_id}: a rule of Medicare is cited, and the member's plan is not of Medicare.",
            way_out,
        )


def text_violations(
    reason: StructuredReason, line_id: str, lob: Lob, allowed: Iterable[str]
) -> Iterator[RuleViolation]:
    """Violation of a sentence that tells a member of another plan what Medicare covers. A sentence that cites what may be cited
    passes, and so does one on Medicare as another payer."""
    if lob in MEDICARE_LOBS:
        return
    known = tuple(allowed)
    texts = (reason.rule, reason.plain_words, reason.gap, reason.what_would_change)
    sentences = [sentence for text in texts for sentence in split_sentences(text)]
    if any(_of_medicare(sentence) and not is_citable(sentence, known) for sentence in sentences):
        yield violation(
            "decision.text_of_medicare",
            f"Line {line_id}: the reason says what Medicare asks for or covers, and the member's plan is not of Medicare.",
            "Say what the member's own plan asks for.",
        )


def _of_medicare(sentence: str) -> bool:
    return bool(_OF_MEDICARE.search(sentence)) and not _OTHER_PAYER.search(sentence)


def is_citable(cite: str, allowed: Iterable[str]) -> bool:
    """Whether a citation holds one of the allowed words."""
    said = _normalize(cite)
    return any(re.search(rf"(?<!\w){re.escape(_normalize(one))}(?!\w)", said) for one in allowed if one.strip())


def _normalize(text: str) -> str:
    """The text in lower case with single spaces, and without the marks that only some write."""
    plain = text.casefold().replace("§", " ").replace("c.f.r.", "cfr").replace("u.s.c.", "usc")
    return " ".join(plain.split())
