"""Wording rules of letters about a stay: the forms that ask for the words, and the letters that print them, both apply them.

Problems hold no text of the case, so that they can be logged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from domain.letters.stay_facts import Medicine
from domain.plain_language.readability import split_sentences

FEWEST_FACTS = 2
"""Facts of the member's own case in a reason to end care."""
TOO_FEW_FACTS = f"there are fewer than {FEWEST_FACTS} facts of the member's own case"
MEDICINE_ACTIONS = ("new", "continue", "change", "stop")
# Organs, grafts and treatments fail too: blame is that somebody failed to do something. Failure to thrive is a diagnosis.
_BLAME = re.compile(
    r"\b(?:fault|blame[ds]?|fail(?:s|ed|ing|ures?)?\s+to\b(?!\s+thrive\b)|neglect(?:ed|ful|s)?|negligen(?:t|ce)|careless(?:ly)?|"
    r"ignored|incompetent|should have|violat(?:ed|ion))\b",
    re.IGNORECASE,
)


def gap_problems(gap: str) -> Iterator[str]:
    """Problems of a gap found after a discharge. The provider reads it word for word."""
    if len(split_sentences(gap)) != 1:
        yield "each gap is told in one sentence"
    if _BLAME.search(gap):
        yield "a gap is told without blame"


def medicine_problems(medicines: Iterable[Medicine]) -> Iterator[str]:
    """Problems of a reconciled list of medicines."""
    if any(medicine.action not in MEDICINE_ACTIONS for medicine in medicines):
        yield f"what happens with a medicine is one of {', '.join(MEDICINE_ACTIONS)}"
