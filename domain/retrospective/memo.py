"""Memo for the reviewers of a post-service review: the questions, and the presenting symptoms of the patient."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from domain.retrospective.claim import Claim
from domain.retrospective.parts import EmergencyJudgment
from domain.retrospective.questions import ReviewQuestion

MEMO_TITLE = "Retrospective review: what was found"
_EMERGENCY_PHRASES = {"met": "an emergency", "not_met": "not found to be an emergency", "unknown": "cannot be told"}


def memo_text(
    review: str, claim: Claim, asked: Iterable[ReviewQuestion], judgments: Iterable[EmergencyJudgment]
) -> str:
    """The memo as plain text; the same findings always give the same text, so that it is stored once."""
    return "\n".join(_paragraphs(review, claim, tuple(asked), tuple(judgments))) + "\n"


def _paragraphs(
    review: str, claim: Claim, asked: tuple[ReviewQuestion, ...], judgments: tuple[EmergencyJudgment, ...]
) -> Iterator[str]:
    yield f"Retrospective review {review} of claim {claim.claim_number}; care from {claim.first_day}."
    yield "The care was given. What was authorized is approved as authorized and is no part of this review."
    yield ""
    yield "Asked:"
    for question in asked:
        part = question.portion
        units = f"{part.units} units, " if part.units is not None else ""
        yield f"- line {question.line_id}: {units}{part.start} to {part.end}; {question.why}"
    if not claim.emergency_lines:
        return
    yield ""
    yield f"Emergency care is billed on line {', '.join(claim.emergency_lines)}."
    yield f"Symptoms as the patient came: {'; '.join(claim.presentation.symptoms) or 'not on the bill'}."
    for one in judgments:
        who = "a physician" if one.a_physicians else "a nurse"
        yield f"Judged by {who} ({one.by}): {_EMERGENCY_PHRASES[one.finding.state.value]}; {one.finding.because}."
    yield (
        "Emergency care is not denied because of its final diagnosis, for want of authorization, out of the network, or for a"
        " late notice: the presenting symptoms count, as a prudent layperson could see them"
        f"{_citation_suffix(judgments)}."
    )


def _citation_suffix(judgments: tuple[EmergencyJudgment, ...]) -> str:
    cites = dict.fromkeys(cite for one in judgments for cite in one.finding.citations)
    return f" ({'; '.join(cites)})" if cites else ""
