"""Judging a service line by the guidelines that govern it, and keeping the trace."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from pydantic import TypeAdapter
from sqlalchemy.orm import Session

from domain.authorization.assessment import CriteriaFinding
from domain.authorization.orders import LookOrder
from domain.cases.views import ProcessKind
from domain.coverage.directory import Coverage
from domain.coverage.held_facts import facts_of_plan, without_claims_on_plan
from domain.criteria.evaluation import Guideline, evaluate, may_approve_by_rule, select_guidelines
from domain.criteria.fact_extraction import ClinicalStatement, QuestionnaireAnswer, extract_facts
from domain.criteria.selection import is_about_item
from domain.criteria.trace import Verdict, VerdictState
from domain.evidence.facts import Fact
from domain.model import Model
from domain.requests.request import AuthorizationRequest, ServiceLine
from domain.vocabulary import LineOutcome, ReviewKind
from rulebook.rulebook import Rulebook
from store import cases, directory, requests
from store import criteria_traces as verdicts

_VERDICT: TypeAdapter[Verdict] = TypeAdapter(Verdict)
_GRAVEST = {VerdictState.NOT_MET: 0, VerdictState.UNKNOWN: 1, VerdictState.MET: 2, VerdictState.NOT_APPLICABLE: 3}


class Answers(Model):
    """What came along with a request besides its own facts, as it is stored with the request."""

    statements: tuple[ClinicalStatement, ...] = ()
    answers: tuple[QuestionnaireAnswer, ...] = ()


def evidence_day(request: AuthorizationRequest, line: ServiceLine, today: date) -> date:
    """The day on which evidence has to be fresh: for care that was given its last day, else today. What was learned later
    counts neither way."""
    given = line.end or line.start
    after_care = request.review_kind is ReviewKind.RETROSPECTIVE and given is not None
    return min(given, today) if after_care and given is not None else today


@dataclass(frozen=True)
class Came:
    """What is known for one line: every fact, and the coded statements that came along."""

    facts: tuple[Fact, ...]
    statements: tuple[ClinicalStatement, ...]


class CriteriaDesk:
    """Facts in, verdicts out. It proposes: nothing here decides."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._rulebook = rulebook

    def judge(
        self,
        s: Session,
        order: LookOrder,
        request: AuthorizationRequest,
        came: Came,
        line: ServiceLine,
        coverage: Coverage,
        today: date,
    ) -> CriteriaFinding | None:
        """The finding for one line on `today` (the case's local day), or None when no guideline is about the service."""
        today = evidence_day(request, line, today)
        codes = replace(self._rulebook.code_map.line_codes(line), lob=coverage.lob)
        selection = select_guidelines(self._rulebook.criteria.guidelines, codes, line.start or today, coverage.state)
        chosen = selection.governing
        if not chosen:
            return None
        found = [evaluate(guideline, self._rulebook.criteria.dictionary, came.facts, today) for guideline in chosen]
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
            auto_approvable=all(may_approve_by_rule(verdict, floor) for verdict in found)
            and all(self._was_approved(s, order, request, guideline) for guideline in chosen if guideline.continues),
            missing_facts=tuple(dict.fromkeys(fact for verdict in found for fact in verdict.missing_facts)),
            open_criteria=tuple(sorted(open_criteria)),
            facts_held_by_plan=tuple(dict.fromkeys(fact for verdict in found for fact in verdict.facts_held_by_plan)),
            why_this_rule=dict(selection.reasons).get(worst.guideline_id),
        )

    def came(
        self, s: Session, request: AuthorizationRequest, answers: object, coverage: Coverage, line: ServiceLine
    ) -> Came:
        """The request's own facts, those read from what came along, and those that the plan itself holds."""
        stored = Answers.model_validate(answers if answers is not None else {})
        dictionary = self._rulebook.criteria.dictionary.by_id
        provider = directory.provider(s, (request.servicing_provider or request.requesting_provider).npi)
        facts = (
            *without_claims_on_plan(dictionary, request.facts),
            *extract_facts(dictionary, stored.statements, stored.answers, request, line),
            *facts_of_plan(dictionary, provider, coverage),
        )
        return Came(facts, stored.statements)

    def _was_approved(self, s: Session, order: LookOrder, request: AuthorizationRequest, continuing: Guideline) -> bool:
        """Whether the plan itself approved what is continued: the sender's word on that chooses no easier rule."""
        first = [found for found in self._rulebook.criteria.guidelines if found.id == continuing.continues]
        for view in cases.find(s, member_id=request.member.member_id):
            if view.process is not ProcessKind.REQUEST or view.case_id == order.case_id:
                continue
            approved = {
                line.line_id
                for line in cases.lines(s, view.case_id)
                if line.outcome in (LineOutcome.APPROVED, LineOutcome.APPROVED_IN_PART)
            }
            if not approved:
                continue
            asked = requests.load(s, view.case_id, view.request_version).request
            codes = [self._rulebook.code_map.line_codes(line) for line in asked.lines if line.line_id in approved]
            if any(is_about_item(guideline, code) for guideline in first for code in codes):
                return True
        return False

    def _keep(self, s: Session, order: LookOrder, line_id: str, verdict: Verdict) -> str:
        content = _VERDICT.dump_python(verdict, mode="json")
        return verdicts.save(s, order.case_id, line_id, order.request_version, verdict.guideline_id, content)
