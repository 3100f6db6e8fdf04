"""Evaluation of a service line by the steps, quantity limits and edits that bind it. A limit approves and denies nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from activities.integrations.compendia import BoundedCompendia, Compendia, NoCompendia
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
from domain.pharmacy.edits import evaluate_edit
from domain.pharmacy.formulary import evaluate_formulary
from domain.pharmacy.indications import CompendiumFinding, IndicationRule, evaluate_indication
from domain.pharmacy.step_protections import (
    ProtectedClass,
    product_prefix,
    protection_from_steps,
    with_override_grounds,
)
from domain.pharmacy.temporary_supplies import DrugRequestSituation, EarlierSupply, SupplyOffer, find_supply
from domain.requests.request import AuthorizationRequest, ServiceLine
from domain.three_valued import Tri
from domain.vocabulary import CertificationType, Circumstance, Lob, ReviewKind, ServiceKind
from rulebook.rulebook import Rulebook

ALREADY_ON_DRUG = "rx.already_on_drug"
WITHOUT_EXCEPTION = frozenset({LimitKind.BENEFIT, LimitKind.INDICATION})
"""Limits that are law: no prescriber's statement sets them aside."""


_Listing = tuple[tuple[str, ...], str, tuple[str, ...], date]
CompendiumAnswers = Mapping[_Listing, CompendiumFinding | None]
"""Answers of the compendia, by their names, the drug, the diagnoses and the day."""


@dataclass(frozen=True)
class LimitResults:
    """The limit outcomes of one line in the order of the rulebook, and whether an exception is requested.

    `supply` is the temporary supply that the law grants; `protected`, the reason and citation by which a drug that is taken
    already needs no authorization (a protected class of Part D), where nothing else stands in its way.
    """

    limits: tuple[LimitOutcome, ...] = ()
    exception: ExceptionRequest | None = None
    supply: SupplyOffer | None = None
    protected: tuple[str, str] | None = None


class DrugLimitEvaluator:
    """Evaluates drug limits for service lines. `compendia` answer where a label does not."""

    def __init__(self, rulebook: Rulebook, compendia: Compendia | None = None) -> None:
        self._rulebook, self._compendia = rulebook, BoundedCompendia(compendia or NoCompendia())

    def evaluate_line(
        self,
        request: AuthorizationRequest,
        came: LineEvidence,
        line: ServiceLine,
        coverage: Coverage,
        today: date,
        earlier: tuple[EarlierSupply, ...] = (),
        listed: CompendiumAnswers | None = None,
    ) -> LimitResults:
        """Evaluate the line on `today` (the case's local day). Its first day of service counts, or today.

        `earlier` are the temporary supplies of the drug in other cases of the member, `listed` what `ask_compendia` returned.
        """
        request = _request_to_plan(request, coverage)
        day = line.start or today
        groups = self._rulebook.code_map.groups_of(line.code)
        place = (coverage.lob, coverage.state, coverage.self_funded, day)
        steps = [
            rule
            for rule in with_override_grounds(
                self._rulebook.review.steps_for(*place), self._rulebook.drugs.overrides, *place
            )
            if rule.binds(coverage.lob, day, line.code, groups)
            and (not rule.service_kinds or request.service_kind in rule.service_kinds)
        ]
        quantities = [
            rule for rule in self._rulebook.review.quantities if rule.binds(coverage.lob, day, line.code, groups)
        ]
        known = _LimitFacts(self._rulebook, came, coverage, day, today)
        wish = _exception_request(request, known)
        protection = protection_from_steps(
            self._rulebook.drugs.protected_classes, coverage.lob, line.code, groups, day, *known.taken_already()
        )
        found = [
            *(_step_outcome(rule, known, day) for rule in steps if protection is None),
            *((_no_step(*protection),) if protection is not None else ()),
            *(_quantity_outcome(rule, known, line, day) for rule in quantities),
            *self._edits(request, came, line, coverage, day, today),
            *self._indications(request, line, coverage, day, listed or {}),
            *self._listing(request, line, coverage, day),
        ]
        limits = tuple(_ask_for_statement(one, wish) for one in found)
        is_free = wish is None and all(one.allows_approval for one in limits)
        return LimitResults(
            limits,
            wish,
            self._supply(request, line, coverage, known, limits, earlier),
            (protection[1], protection[0].cite) if protection is not None and is_free else None,
        )

    def ask_compendia(
        self, request: AuthorizationRequest, lines: Iterable[ServiceLine], coverage: Coverage, today: date
    ) -> CompendiumAnswers:
        """Ask the compendia about every drug of the lines that its label does not list for the diagnoses, each once.

        One that is down counts as not asked, so that the case goes on to a person. Not for use within a transaction: another
        system answers.
        """
        request = _request_to_plan(request, coverage)
        answers: dict[_Listing, CompendiumFinding | None] = {}
        for line in lines:
            day, diagnoses = line.start or today, line.diagnoses or request.diagnoses
            for rule in self._indication_rules(request, line, coverage, day):
                asked = rule.compendia, line.code, diagnoses, day
                if asked in answers or not diagnoses:
                    continue
                by_label = evaluate_indication(rule, line.code, diagnoses, self._rulebook.drugs.labels, None)
                if by_label.state is not Tri.MET:
                    answers[asked] = self._compendia.look_up(*asked)
        return answers

    def _indication_rules(
        self, request: AuthorizationRequest, line: ServiceLine, coverage: Coverage, day: date
    ) -> list[IndicationRule]:
        groups = self._rulebook.code_map.groups_of(line.code)
        return [
            rule
            for rule in self._rulebook.drugs.indications
            if request.service_kind in rule.service_kinds and rule.binds(coverage.lob, day, line.code, groups)
        ]

    def _edits(
        self,
        request: AuthorizationRequest,
        came: LineEvidence,
        line: ServiceLine,
        coverage: Coverage,
        day: date,
        today: date,
    ) -> list[LimitOutcome]:
        groups = self._rulebook.code_map.groups_of(line.code)
        floor = self._rulebook.review.policy.evidence_floor
        return [
            evaluate_edit(edit, self._rulebook.criteria.dictionary, came.facts, today, floor)
            for edit in self._rulebook.drugs.edits
            if edit.reaches(coverage.lob, day, request.service_kind, line.code, groups)
        ]

    def _indications(
        self,
        request: AuthorizationRequest,
        line: ServiceLine,
        coverage: Coverage,
        day: date,
        listed: CompendiumAnswers,
    ) -> list[LimitOutcome]:
        diagnoses, labels = line.diagnoses or request.diagnoses, self._rulebook.drugs.labels
        return [
            evaluate_indication(
                rule, line.code, diagnoses, labels, listed.get((rule.compendia, line.code, diagnoses, day))
            )
            for rule in self._indication_rules(request, line, coverage, day)
        ]

    def _listing(
        self, request: AuthorizationRequest, line: ServiceLine, coverage: Coverage, day: date
    ) -> list[LimitOutcome]:
        groups = self._rulebook.code_map.groups_of(line.code)
        asked = Circumstance.TIER_EXCEPTION in stated_circumstances(request)
        outcomes = (
            evaluate_formulary(found, line.code, groups, lower_tier_asked=asked)
            for found in self._rulebook.drugs.formularies
            if found.binds(coverage.plan_id, coverage.lob, request.service_kind, day)
        )
        return [one for one in outcomes if one is not None]

    def _supply(
        self,
        request: AuthorizationRequest,
        line: ServiceLine,
        coverage: Coverage,
        known: _LimitFacts,
        limits: tuple[LimitOutcome, ...],
        earlier: tuple[EarlierSupply, ...],
    ) -> SupplyOffer | None:
        """The temporary supply that the law grants while the line is decided; none for care that was given already."""
        if request.stay is not None or request.review_kind is ReviewKind.RETROSPECTIVE:
            return None
        situation = DrugRequestSituation(
            lob=coverage.lob,
            service_kind=request.service_kind,
            received_on=request.received_at.astimezone(ZoneInfo(coverage.zone)).date(),
            start=line.start,
            covered_since=coverage.effective,
            circumstances=stated_circumstances(request),
            taken_already=known.taken_already()[1],
            earlier=earlier,
        )
        found = find_supply(self._rulebook.drugs.supplies, situation, limits)
        return found.model_copy(update={"code": product_prefix(line.code)}) if found is not None else None


class _LimitFacts:
    """Facts for the limits of a line: once all of them, once those that reach the plan's evidence floor for approvals."""

    def __init__(self, rulebook: Rulebook, came: LineEvidence, coverage: Coverage, day: date, today: date) -> None:
        self._dictionary = rulebook.criteria.dictionary.by_id
        self._facts: Sequence[Fact] = came.facts
        self._statements: Iterable[ClinicalStatement] = came.statements
        self._groups_of = rulebook.code_map.groups_of
        self._floor: EvidenceTier = rulebook.review.policy.evidence_floor
        self._coverage, self._day, self._today = coverage, day, today
        self._histories: dict[bool, DrugHistory | None] = {}

    def read(self, fact: str) -> FactReading:
        definition = self._dictionary.get(fact)
        if definition is None:
            return FactReading(fact)
        return FactReader(definition).read([one for one in self._facts if one.id == fact], self._today)

    def taken_already(self) -> tuple[DrugHistory | None, bool | None]:
        """The history of drugs, and the provider's answer on whether the drug was taken already (None: not given)."""
        said = self.read(ALREADY_ON_DRUG)
        answer = said.value if said.gap is None and isinstance(said.value, bool) else None
        return self.history(at_floor=False), answer

    def history(self, *, at_floor: bool) -> DrugHistory | None:
        """The history of drugs, built once for all rules of the line."""
        if at_floor not in self._histories:
            self._histories[at_floor] = self._build_history(at_floor=at_floor)
        return self._histories[at_floor]

    def _build_history(self, *, at_floor: bool) -> DrugHistory | None:
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


def _request_to_plan(request: AuthorizationRequest, coverage: Coverage) -> AuthorizationRequest:
    """The request as the plan reads it. Part D pays for drugs of the pharmacy alone: whatever kind of service the sender names,
    what is asked of it meets the rules on them."""
    if coverage.lob is not Lob.PART_D:
        return request
    return request.model_copy(update={"service_kind": ServiceKind.PHARMACY_DRUG})


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


def _no_step(found: ProtectedClass, because: str) -> LimitOutcome:
    """The protection itself, so that whoever reviews the line reads that no step may be asked."""
    return LimitOutcome(
        rule_id=found.class_id,
        kind=LimitKind.STEP,
        title="No drug comes first",
        state=Tri.MET,
        because=because,
        reason=found.title,
        citation=found.cite,
    )


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
    if wish is not ExceptionRequest.ASKED or one.state is Tri.MET or one.kind in WITHOUT_EXCEPTION:
        return one
    return one.model_copy(update={"missing_facts": (PRESCRIBER_STATEMENT, *one.missing_facts), "any_one_of": True})
