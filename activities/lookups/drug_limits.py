"""Evaluation of a service line by the step therapy and quantity limits that bind it. A limit approves and denies nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from activities.lookups.criteria import LineEvidence
from domain.coverage.circumstances import stated_circumstances
from domain.coverage.directory import Coverage
from domain.drug_limits.history import DAYS_SUPPLY, HISTORY_DAYS, PRESCRIBER_STATEMENT, build_history, days_supply
from domain.drug_limits.outcomes import ExceptionRequest, LimitKind, LimitOutcome, describe_what_would_change
from domain.drug_limits.rules import (
    DrugHistory,
    LimitFinding,
    MissingLimitFact,
    QuantityRule,
    StepRule,
    evaluate_quantity,
    evaluate_step,
)
from domain.evidence.clinical_data import ClinicalStatement
from domain.evidence.fact_reading import TIER_RANK, FactReader, FactReading
from domain.evidence.facts import EvidenceTier, Fact
from domain.requests.request import AuthorizationRequest, ServiceLine
from domain.three_valued import Tri
from domain.vocabulary import CertificationType, Circumstance
from rulebook.rulebook import Rulebook


@dataclass(frozen=True)
class LimitResults:
    """The limit outcomes of one line in the order of the rulebook, and whether an exception is requested."""

    limits: tuple[LimitOutcome, ...] = ()
    exception: ExceptionRequest | None = None


class DrugLimitEvaluator:
    """Evaluates drug limits for service lines."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._rulebook = rulebook

    def evaluate_line(
        self, request: AuthorizationRequest, came: LineEvidence, line: ServiceLine, coverage: Coverage, today: date
    ) -> LimitResults:
        """Evaluate the line on `today` (the case's local day). Its first day of service counts, or today."""
        day = line.start or today
        groups = self._rulebook.code_map.groups_of(line.code)
        steps = [
            rule
            for rule in self._rulebook.review.steps_for(coverage.lob, coverage.state, coverage.self_funded, day)
            if rule.binds(coverage.lob, day, line.code, groups)
            and (not rule.service_kinds or request.service_kind in rule.service_kinds)
        ]
        quantities = [
            rule for rule in self._rulebook.review.quantities if rule.binds(coverage.lob, day, line.code, groups)
        ]
        known = _LimitFacts(self._rulebook, came, coverage, day, today)
        wish = _exception_request(request, known)
        if wish is None and not steps and not quantities:
            return LimitResults()
        found = [
            *(_step_outcome(rule, known, day) for rule in steps),
            *(_quantity_outcome(rule, known, line, day) for rule in quantities),
        ]
        return LimitResults(tuple(_ask_for_statement(one, wish) for one in found), wish)


class _LimitFacts:
    """Facts for the limits of a line: once all of them, once those that reach the plan's evidence floor for approvals."""

    def __init__(self, rulebook: Rulebook, came: LineEvidence, coverage: Coverage, day: date, today: date) -> None:
        self._dictionary = rulebook.criteria.dictionary.by_id
        self._facts: Sequence[Fact] = came.facts
        self._statements: Iterable[ClinicalStatement] = came.statements
        self._groups_of = rulebook.code_map.groups_of
        self._floor: EvidenceTier = rulebook.review.policy.evidence_floor
        self._coverage, self._day, self._today = coverage, day, today

    def read(self, fact: str) -> FactReading:
        definition = self._dictionary.get(fact)
        if definition is None:
            return FactReading(fact)
        return FactReader(definition).read([one for one in self._facts if one.id == fact], self._today)

    def history(self, *, at_floor: bool) -> DrugHistory | None:
        reaches = self.read(HISTORY_DAYS)
        if at_floor and not self._is_strong(reaches):
            reaches = FactReading(HISTORY_DAYS)
        return build_history(self._statements, reaches, self._coverage.drug_history, self._groups_of, self._day)

    def answers(self, rule: StepRule, *, at_floor: bool) -> dict[str, bool]:
        """The exceptions that have an answer, by id."""
        found: dict[str, bool] = {}
        for each in rule.exceptions:
            reading = self.read(each.fact) if each.fact is not None else None
            if reading is None or reading.gap is not None or not isinstance(reading.value, bool):
                continue
            if not at_floor or self._is_strong(reading):
                found[each.id] = reading.value
        return found

    def _is_strong(self, reading: FactReading) -> bool:
        return reading.evidence is not None and TIER_RANK[reading.evidence] >= TIER_RANK[self._floor]


def _exception_request(request: AuthorizationRequest, known: _LimitFacts) -> ExceptionRequest | None:
    said = known.read(PRESCRIBER_STATEMENT)
    if said.gap is None and said.value is True:
        return ExceptionRequest.SUPPORTED
    return ExceptionRequest.ASKED if Circumstance.DRUG_EXCEPTION in stated_circumstances(request) else None


def _step_outcome(rule: StepRule, known: _LimitFacts, day: date) -> LimitOutcome:
    found, strong = (
        evaluate_step(rule, day, known.history(at_floor=floor), known.answers(rule, at_floor=floor))
        for floor in (False, True)
    )
    facts = {each.id: each.fact for each in rule.exceptions}
    asked = [fact for each in found.unanswered if (fact := facts[each]) is not None]
    missing = (*((HISTORY_DAYS,) if MissingLimitFact.HISTORY in found.lacking else ()), *asked)
    return _outcome(rule, LimitKind.STEP, "The drug that comes first", (found, strong), missing, any_one_of=True)


def _quantity_outcome(rule: QuantityRule, known: _LimitFacts, line: ServiceLine, day: date) -> LimitOutcome:
    quantity = line.quantity if rule.counts_in(line.unit) else None
    days = days_supply(known.read(DAYS_SUPPLY)) if line.end is None else None
    last_day = day + timedelta(days=days - 1) if days is not None else line.end
    found, strong = (
        evaluate_quantity(rule, day, last_day, quantity, known.history(at_floor=floor)) for floor in (False, True)
    )
    questions = {
        MissingLimitFact.HISTORY: HISTORY_DAYS,
        MissingLimitFact.DAYS_SUPPLY: DAYS_SUPPLY,
        MissingLimitFact.QUANTITY: f"The amount asked for, in {rule.unit}, with an update of the request",
    }
    at_first = line.certification is CertificationType.INITIAL and not rule.asks_history_at_first
    lacking = [each for each in found.lacking if not (at_first and each is MissingLimitFact.HISTORY)]
    missing = tuple(questions[each] for each in lacking)
    return _outcome(rule, LimitKind.QUANTITY, "The amount asked for", (found, strong), missing, any_one_of=False)


def _outcome(
    rule: StepRule | QuantityRule,
    kind: LimitKind,
    title: str,
    findings: tuple[LimitFinding, LimitFinding],
    missing: tuple[str, ...],
    *,
    any_one_of: bool,
) -> LimitOutcome:
    found, strong = findings
    is_met = found.state is Tri.MET
    return LimitOutcome(
        rule_id=rule.rule_id,
        kind=kind,
        title=title,
        state=found.state,
        because=found.because,
        reason=rule.because,
        citation=rule.cite,
        rests_on_statement=is_met and strong.state is not Tri.MET,
        missing_facts=missing,
        any_one_of=any_one_of,
        what_would_change="" if is_met else describe_what_would_change(rule),
    )


def _ask_for_statement(one: LimitOutcome, wish: ExceptionRequest | None) -> LimitOutcome:
    """The outcome with the prescriber's statement as missing fact, where an exception is requested without it."""
    if wish is not ExceptionRequest.ASKED or one.state is Tri.MET:
        return one
    return one.model_copy(update={"missing_facts": (PRESCRIBER_STATEMENT, *one.missing_facts), "any_one_of": True})
