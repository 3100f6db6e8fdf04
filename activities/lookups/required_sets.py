"""Sets of criteria that the law names for a service line, and what a connected set answers about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from domain.coverage.directory import Coverage
from domain.criteria.required_sets import (
    LicensedCriteria,
    LicensedQuestion,
    RequiredSet,
    RequiredSetFinding,
    describe_required,
)
from domain.criteria.selection import LineCodes, age_on
from domain.evidence.facts import Fact
from domain.requests.request import AuthorizationRequest, ServiceLine
from rulebook.rulebook import Rulebook
from store import directory


def codes_of_line(
    s: Session, book: Rulebook, request: AuthorizationRequest, coverage: Coverage, line: ServiceLine, day: date
) -> LineCodes:
    """The codes by which guidelines are selected for a line, with the line of business and the member's age on the day."""
    member = directory.member(s, request.member.member_id)
    born = request.member.birth_date or (member.birth_date if member is not None else None)
    return replace(book.code_map.line_codes(line), lob=coverage.lob, age=age_on(day, born) if born else None)


def sets_that_bind(
    book: Rulebook, request: AuthorizationRequest, coverage: Coverage, line: ServiceLine, codes: LineCodes, day: date
) -> tuple[RequiredSet, ...]:
    """The laws that name the set of criteria for a line; the diagnoses of the line count, else those of the request."""
    diagnoses = line.diagnoses or request.diagnoses
    return tuple(
        rule
        for rule in book.review.required_sets
        if rule.binds(codes, coverage.state, coverage.self_funded, day, diagnoses)
    )


@dataclass(frozen=True)
class SetToAsk:
    """The set that the law names for a line, with a question for each connected one of which one has to be used."""

    finding: RequiredSetFinding
    questions: tuple[LicensedQuestion, ...] = ()


class RequiredSetLookup:
    """Finds the required set of a line and asks the connected one. Without a connection the slot is empty, and says so."""

    def __init__(self, rulebook: Rulebook, licensed: LicensedCriteria | None) -> None:
        self._rulebook, self._licensed = rulebook, licensed

    def find(
        self,
        s: Session,
        request: AuthorizationRequest,
        coverage: Coverage,
        line: ServiceLine,
        facts: tuple[Fact, ...],
        today: date,
    ) -> SetToAsk | None:
        """The set that binds a line on `today` (the case's local day), before it is asked; None where no law names a set."""
        day = line.start or today
        codes = codes_of_line(s, self._rulebook, request, coverage, line, day)
        bound = sets_that_bind(self._rulebook, request, coverage, line, codes, day)
        found = describe_required(bound, self._rulebook.review.licensed_sets)
        if found is None:
            return None
        questions = tuple(
            LicensedQuestion(
                set_id=set_id, code=line.code, level_of_care=line.level_of_care, age=codes.age, day=day, facts=facts
            )
            for set_id in (found.set_ids if self._licensed is not None else ())
        )
        return SetToAsk(found, questions)

    def ask(self, bound: SetToAsk) -> RequiredSetFinding:
        """The finding with the first answer of a set that may be used. One in the name of another set does not count. Not for
        use within a transaction: another system answers."""
        for question in bound.questions if self._licensed is not None else ():
            answer = self._licensed.answer(question) if self._licensed is not None else None
            if answer is not None and answer.set_id == question.set_id:
                return bound.finding.model_copy(update={"answer": answer})
        return bound.finding
