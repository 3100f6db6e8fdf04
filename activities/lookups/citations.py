"""The rules that an adverse decision of a request may cite: of the line, of the plan's guidelines, and of the catalog."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from domain.authorization.assessment import LineAssessment
from domain.decisions.citations import CitableRules
from domain.vocabulary import Lob
from rulebook.rulebook import Rulebook


def find_citable_rules(book: Rulebook, lines: Sequence[LineAssessment], lob: Lob, day: date) -> CitableRules:
    """Find what may be cited on `day` (local to the case). A guideline without lines of business is for all of them."""
    catalog = (
        cite for rule in book.review.denial_rules if lob in rule.lobs and rule.first_day <= day for cite in rule.cites
    )
    own = (found.source.doc for found in book.criteria.guidelines if lob in (found.applies_to.lobs or Lob))
    return CitableRules(
        of_lob=tuple(dict.fromkeys((*catalog, *own))),
        of_lines={line.line_id: tuple(dict.fromkeys(_of_line(line))) for line in lines},
    )


def _of_line(line: LineAssessment) -> Iterator[str]:
    if line.criteria is not None:
        yield line.criteria.citation
    yield from (limit.citation for limit in line.limits)
