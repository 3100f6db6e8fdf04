"""Judging a service line by the guidelines that govern it, and keeping the trace."""

from __future__ import annotations

from datetime import date

from pydantic import TypeAdapter
from sqlalchemy.orm import Session

from domain.assessment import CriteriaFinding
from domain.criteria import evaluate, may_approve_by_rule, select_guidelines
from domain.criteria_trace import Verdict, VerdictState
from domain.fact_extraction import ClinicalStatement, QuestionnaireAnswer, extract_facts
from domain.facts import Fact
from domain.model import Model
from domain.orders import LookOrder
from domain.request import AuthorizationRequest, ServiceLine
from rulebook.book import Rulebook
from store import verdicts

_VERDICT: TypeAdapter[Verdict] = TypeAdapter(Verdict)
_GRAVEST = {VerdictState.NOT_MET: 0, VerdictState.UNKNOWN: 1, VerdictState.MET: 2, VerdictState.NOT_APPLICABLE: 3}


class Answers(Model):
    """What came along with a request besides its own facts, as it is stored with the request."""

    statements: tuple[ClinicalStatement, ...] = ()
    answers: tuple[QuestionnaireAnswer, ...] = ()


class CriteriaDesk:
    """Facts in, verdicts out. It proposes: nothing here decides."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._rulebook = rulebook

    def judge(
        self,
        s: Session,
        order: LookOrder,
        request: AuthorizationRequest,
        answers: object,
        line: ServiceLine,
        state: str,
        today: date,
    ) -> CriteriaFinding | None:
        """The finding for one line on `today` (the case's local day), or None when no guideline is about the service."""
        codes = self._rulebook.code_map.line_codes(line)
        chosen = select_guidelines(self._rulebook.criteria.guidelines, codes, line.start or today, state).governing
        if not chosen:
            return None
        facts = self._facts(request, answers, line)
        found = [evaluate(guideline, self._rulebook.criteria.dictionary, facts, today) for guideline in chosen]
        ids = [self._keep(s, order, line.line_id, verdict) for verdict in found]
        worst, verdict_id = min(zip(found, ids, strict=True), key=lambda pair: _GRAVEST[pair[0].state])
        floor = self._rulebook.review.policy.evidence_floor
        open_criteria = {*worst.open_criteria, *(worst.decided_by if worst.state is VerdictState.NOT_MET else ())}
        return CriteriaFinding(
            guideline_id=worst.guideline_id,
            guideline_version=worst.version,
            citation=worst.citation,
            state=worst.state.value,
            verdict_id=verdict_id,
            auto_approvable=all(may_approve_by_rule(verdict, floor) for verdict in found),
            missing_facts=tuple(dict.fromkeys(fact for verdict in found for fact in verdict.missing_facts)),
            open_criteria=tuple(sorted(open_criteria)),
        )

    def _facts(self, request: AuthorizationRequest, answers: object, line: ServiceLine) -> tuple[Fact, ...]:
        """The request's own facts and those read from what came along, as far as they are about this line."""
        came = Answers.model_validate(answers if answers is not None else {})
        dictionary = self._rulebook.criteria.dictionary.by_id
        return (*request.facts, *extract_facts(dictionary, came.statements, came.answers, request, line))

    def _keep(self, s: Session, order: LookOrder, line_id: str, verdict: Verdict) -> str:
        content = _VERDICT.dump_python(verdict, mode="json")
        return verdicts.save(s, order.case_id, line_id, order.request_version, verdict.guideline_id, content)
