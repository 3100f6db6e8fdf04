"""Evaluation of a service line by the guidelines that govern it, with its stored criteria trace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from pydantic import TypeAdapter
from sqlalchemy.orm import Session

from activities.lookups.other_requests import OtherRequests, other_requests
from activities.lookups.required_sets import codes_of_line, sets_that_bind
from domain.authorization.assessment import CriteriaFinding
from domain.authorization.orders import ReviewInput
from domain.coverage.directory import Coverage
from domain.coverage.plan_held_facts import collect_plan_facts, collect_recorded_sex, drop_claims_on_plan_facts
from domain.criteria.certified_time import is_within_certified_time, longest_certified
from domain.criteria.evaluation import Guideline, evaluate, may_approve_by_rule, select_guidelines
from domain.criteria.fact_extraction import (
    ClinicalStatement,
    QuestionnaireAnswer,
    extract_line_facts,
    extract_shared_facts,
)
from domain.criteria.foreign_units import find_foreign_units
from domain.criteria.questions import QuestionPlan, merge_plans, plan_questions
from domain.criteria.required_sets import may_judge
from domain.criteria.selection import GuidelineSelection, LineCodes, is_about_item, is_left_to_people
from domain.criteria.trace import CriteriaResult, CriteriaResultState
from domain.evidence.facts import Fact, FactDefinition
from domain.model import Model
from domain.requests.remarks import ReadingRemark
from domain.requests.request import AuthorizationRequest, ServiceLine
from domain.vocabulary import LineOutcome, ReviewKind
from rulebook.guidelines import Edition
from rulebook.rulebook import Rulebook
from store import criteria_traces, directory
from store.read_cache import read_once

_VERDICT: TypeAdapter[CriteriaResult] = TypeAdapter(CriteriaResult)
_SEVERITY = {
    CriteriaResultState.NOT_MET: 0,
    CriteriaResultState.UNKNOWN: 1,
    CriteriaResultState.MET: 2,
    CriteriaResultState.NOT_APPLICABLE: 3,
}


class SubmittedEvidence(Model):
    """Statements and questionnaire answers that were submitted with a request, as stored with it."""

    statements: tuple[ClinicalStatement, ...] = ()
    answers: tuple[QuestionnaireAnswer, ...] = ()


def evidence_day(request: AuthorizationRequest, line: ServiceLine, today: date) -> date:
    """The day on which evidence must be current: for care already given its last day, else today. Later findings count
    neither for nor against."""
    given = line.end or line.start
    after_care = request.review_kind is ReviewKind.RETROSPECTIVE and given is not None
    return min(given, today) if after_care and given is not None else today


@dataclass(frozen=True)
class LineEvidence:
    """The evidence for one line: every fact, and the coded statements that were submitted."""

    facts: tuple[Fact, ...]
    statements: tuple[ClinicalStatement, ...]


@dataclass(frozen=True)
class RequestEvidence:
    """The evidence for a request, gathered once for all its lines: facts that the sender gave and facts that the plan holds.

    `remarks` say which measurements came in a unit in which they do not count."""

    dictionary: Mapping[str, FactDefinition]
    request: AuthorizationRequest
    given: tuple[Fact, ...]
    held: tuple[Fact, ...]
    statements: tuple[ClinicalStatement, ...]
    remarks: tuple[ReadingRemark, ...] = ()

    def of_line(self, line: ServiceLine) -> LineEvidence:
        """The evidence for one line, with the facts of the line itself."""
        own = extract_line_facts(self.dictionary, self.request, line)
        return LineEvidence((*self.given, *own, *self.held), self.statements)


@dataclass(frozen=True)
class JudgedLine:
    """The governing guidelines of a line, their results in the same order, and the questions of the next round."""

    codes: LineCodes
    selection: GuidelineSelection
    found: tuple[CriteriaResult, ...]
    plan: QuestionPlan

    @property
    def worst(self) -> CriteriaResult:
        """The result that the line has: the one furthest from met."""
        return min(self.found, key=lambda verdict: _SEVERITY[verdict.state])


class CriteriaEvaluator:
    """Evaluates criteria for service lines. It proposes: nothing here decides."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._rulebook = rulebook

    def evaluate_line(
        self,
        s: Session,
        order: ReviewInput,
        request: AuthorizationRequest,
        came: LineEvidence,
        line: ServiceLine,
        coverage: Coverage,
        today: date,
    ) -> CriteriaFinding | None:
        """Evaluate one line on `today` (the case's local day); None when no guideline is about the service."""
        edition = self._edition(s, order, line)
        judged = self._judge(s, request, came, line, coverage, today, edition)
        if judged is None:
            return None
        codes, selection, found, plan = judged.codes, judged.selection, judged.found, judged.plan
        chosen, worst = selection.governing, judged.worst
        is_open = worst.state is CriteriaResultState.UNKNOWN
        told = worst.model_copy(update={"questions": plan.questions}) if is_open else worst
        ids = {id(one): self._keep(s, order, line.line_id, told if one is worst else one) for one in found}
        bounds = (longest_certified(rule, verdict) for rule, verdict in zip(chosen, found, strict=True))
        longest = min((days for days in bounds if days is not None), default=None)
        floor = self._rulebook.review.policy.evidence_floor
        open_criteria = {
            *worst.open_criteria,
            *(worst.decided_by if worst.state is CriteriaResultState.NOT_MET else ()),
        }
        return CriteriaFinding(
            guideline_id=worst.guideline_id,
            guideline_version=worst.version,
            citation=worst.citation,
            state=worst.state.value,
            verdict_id=ids[id(worst)],
            auto_approvable=edition is None
            and all(may_approve_by_rule(verdict, floor) for verdict in found)
            and all(
                is_within_certified_time(rule, verdict, line.start, line.end)
                for rule, verdict in zip(chosen, found, strict=True)
            )
            and not any(is_left_to_people(guideline, codes) for guideline in chosen)
            and all(self._was_approved(s, order, request, guideline) for guideline in chosen if guideline.continues),
            missing_facts=tuple(dict.fromkeys(fact for verdict in found for fact in verdict.missing_facts)),
            open_criteria=tuple(sorted(open_criteria)),
            facts_held_by_plan=tuple(dict.fromkeys(fact for verdict in found for fact in verdict.facts_held_by_plan)),
            asks=plan.facts if is_open else None,
            judged_now=tuple(need.criterion for need in plan.judged_now) if is_open else (),
            why_this_rule=dict(selection.reasons).get(worst.guideline_id),
            certifies_days=longest,
            why_not_by_rule=next((why for guideline in chosen if (why := guideline.why_not_by_rule)), None),
        )

    def preview_line(
        self,
        s: Session,
        request: AuthorizationRequest,
        came: LineEvidence,
        line: ServiceLine,
        coverage: Coverage,
        today: date,
    ) -> JudgedLine | None:
        """The criteria of a line of a request that is no case yet, as its case would find them on `today` (the local day).
        Nothing is kept. None when no guideline is about the service."""
        return self._judge(s, request, came, line, coverage, today, None)

    def _judge(
        self,
        s: Session,
        request: AuthorizationRequest,
        came: LineEvidence,
        line: ServiceLine,
        coverage: Coverage,
        today: date,
        edition: Edition | None,
    ) -> JudgedLine | None:
        today = evidence_day(request, line, today)
        day = line.start or today
        codes = codes_of_line(s, self._rulebook, request, coverage, line, day)
        guidelines = edition.guidelines if edition is not None else self._rulebook.criteria.guidelines
        bound = sets_that_bind(self._rulebook, request, coverage, line, codes, day)
        selection = select_guidelines(
            (found for found in guidelines if may_judge(found, bound)), codes, day, coverage.state
        )
        chosen = selection.governing
        if not chosen:
            return None
        dictionary = self._rulebook.criteria.dictionary
        found = tuple(evaluate(guideline, dictionary, came.facts, today) for guideline in chosen)
        plan = merge_plans(
            plan_questions(guideline, dictionary, verdict, request.diagnoses)
            for guideline, verdict in zip(chosen, found, strict=True)
        )
        return JudgedLine(codes, selection, found, plan)

    def gather_evidence(
        self, s: Session, request: AuthorizationRequest, answers: object, coverage: Coverage
    ) -> RequestEvidence:
        """Gather the request's own facts, those extracted from the submitted evidence, and the plan-held facts."""
        stored = SubmittedEvidence.model_validate(answers if answers is not None else {})
        dictionary = self._rulebook.criteria.dictionary.by_id
        provider = directory.provider(s, (request.servicing_provider or request.requesting_provider).npi)
        given = (
            *drop_claims_on_plan_facts(dictionary, request.facts),
            *extract_shared_facts(dictionary, stored.statements, stored.answers, request),
        )
        held = collect_plan_facts(dictionary, provider, coverage)
        recorded = collect_recorded_sex(dictionary, (*given, *held), directory.member(s, request.member.member_id))
        foreign = find_foreign_units(dictionary, request.facts, stored.statements, stored.answers)
        return RequestEvidence(dictionary, request, given, (*held, *recorded), stored.statements, foreign)

    def _edition(self, s: Session, order: ReviewInput, line: ServiceLine) -> Edition | None:
        """The earlier edition by which this line was assessed before: a correction does not reach a running case."""
        assessed_by = criteria_traces.guideline_versions(s, order.case_id)
        return self._rulebook.criteria.edition_of(assessed_by.get(line.line_id, ()))

    def _was_approved(
        self, s: Session, order: ReviewInput, request: AuthorizationRequest, continuing: Guideline
    ) -> bool:
        """Whether the plan itself approved what is continued. A sender's claim alone selects no easier guideline."""
        others = other_requests(s, order.case_id, request.member.member_id)
        key = CriteriaEvaluator, order.case_id, request.member.member_id, continuing.continues
        return read_once(s, key, lambda: self._is_approved_in(others, continuing.continues))

    def _is_approved_in(self, others: OtherRequests, guideline_id: str | None) -> bool:
        first = [found for found in self._rulebook.criteria.guidelines if found.id == guideline_id]
        for view in others.views:
            approved = {
                line.line_id
                for line in others.lines_of(view)
                if line.outcome in (LineOutcome.APPROVED, LineOutcome.APPROVED_IN_PART)
            }
            if not approved:
                continue
            asked = others.request_of(view)
            codes = (self._rulebook.code_map.line_codes(line) for line in asked.lines if line.line_id in approved)
            if any(is_about_item(guideline, code) for code in codes for guideline in first):
                return True
        return False

    def _keep(self, s: Session, order: ReviewInput, line_id: str, verdict: CriteriaResult) -> str:
        content = _VERDICT.dump_python(verdict, mode="json")
        return criteria_traces.save(s, order.case_id, line_id, order.request_version, verdict.guideline_id, content)
