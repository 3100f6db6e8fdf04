"""What the answer of a review has to carry before a process that asked for it acts on it."""

from __future__ import annotations

from collections.abc import Iterator

from domain.cases.messages import ReviewAnswered
from domain.errors import Refusal, refusal
from domain.vocabulary import ADVERSE_OUTCOMES


def unsigned(message: ReviewAnswered) -> Iterator[Refusal]:
    """An adverse answer that names no person: software may approve, ask or route, whoever brings its word."""
    for line in message.lines:
        if line.outcome in ADVERSE_OUTCOMES and (line.by is None or ":" in line.by):
            yield refusal(
                "answer.unsigned",
                f"Line {line.line_id} is answered adversely, and nobody is named who signed it.",
                "Only the answer of the review itself, with its signer, can be adverse.",
            )
