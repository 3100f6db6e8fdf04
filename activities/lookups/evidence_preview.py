"""The evidence that the criteria will ask for, before a request is sent: the questions of its lines, with what is known so far.

Nothing is kept, and nothing is decided: the case evaluates the same criteria again with the records that come with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from activities.lookups.criteria import CriteriaEvaluator
from activities.lookups.requirement import look_up_requirement
from domain.coverage.requirements import Requirement
from domain.criteria.trace import CriteriaResultState, Question
from domain.evidence.clinical_data import ClinicalStatement, QuestionnaireAnswer
from domain.requests.request import AuthorizationRequest, ServiceLine
from rulebook.rulebook import Rulebook


@dataclass(frozen=True)
class LinePreview:
    """A line as its case would find it now. `titles` are those of the guidelines that govern it, none where no guideline is
    about it; `state` is theirs together, `questions` those of the next round; `judged`: a clinician has to judge something."""

    line: ServiceLine
    requirement: Requirement
    titles: tuple[str, ...] = ()
    citation: str = ""
    state: CriteriaResultState | None = None
    questions: tuple[Question, ...] = ()
    judged: bool = False


def preview_lines(
    s: Session,
    book: Rulebook,
    request: AuthorizationRequest,
    statements: Sequence[ClinicalStatement],
    answers: Sequence[QuestionnaireAnswer],
    now: datetime,
) -> tuple[LinePreview, ...]:
    """Preview each line at `now` (UTC) with the facts, coded statements and answers that the request has by now. Raises Corrupt
    for a member without any coverage."""
    evaluator = CriteriaEvaluator(book)
    sent = {
        "statements": [one.model_dump(mode="json") for one in statements],
        "answers": [one.model_dump(mode="json") for one in answers],
    }
    found = []
    for line in request.lines:
        coverage, needed = look_up_requirement(s, book, request, line)
        came = evaluator.gather_evidence(s, request, sent, coverage).of_line(line)
        today = now.astimezone(ZoneInfo(coverage.zone)).date()
        asks = needed.required is not False
        judged = evaluator.preview_line(s, request, came, line, coverage, today) if asks else None
        if judged is None:
            found.append(LinePreview(line, needed))
            continue
        titles = tuple(guideline.title for guideline in judged.selection.governing)
        questions, by_people = judged.plan.questions, bool(judged.plan.judged_now)
        worst = judged.worst
        found.append(LinePreview(line, needed, titles, worst.citation, worst.state, questions, by_people))
    return tuple(found)
