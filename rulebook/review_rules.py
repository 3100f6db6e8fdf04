"""Review rules of the plan, read from `rulebook/review/`: deciders, fitting specialties, requirements, policy."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TypeVar

from pydantic import Field

from domain.appeals.rules import AppealRule
from domain.authorization.assessment import ReviewPolicy
from domain.callbacks.policy import CallbackPolicy
from domain.cases.tasks import TaskMinutes
from domain.clocks.rules import Confidence
from domain.concerns.policy import ConcernPolicy
from domain.coverage.approval_lengths import ApprovalLengthRule
from domain.coverage.continuity import ContinuityRule
from domain.coverage.gold_cards import GoldCardProgram
from domain.coverage.requirements import AuthorizationBan, FittingSpecialties, RequirementRule
from domain.coverage.validity_windows import ValidityWindowRule
from domain.criteria.required_sets import LicensedSet, RequiredSet
from domain.criteria.soundness import CPT
from domain.decisions.benefits import BenefitSignerRule
from domain.decisions.citations import DenialRule
from domain.decisions.closings import ClosingRules, DismissalRule, FilingRule
from domain.decisions.determination import DeciderRule, DecisionLevel
from domain.decisions.other_deciders import OtherDeciderRule
from domain.drug_limits.rules import QuantityRule, StepRule
from domain.errors import UmpireError
from domain.follow_ups.reopening import ReopeningRule
from domain.model import Model
from domain.parity.policy import ParityPolicy
from domain.retrospective.parts import RetrospectivePolicy
from domain.vocabulary import Circumstance, Lob, Role
from rulebook.errors import RulebookError, RulebookErrors
from rulebook.limit_rules import load_gold_card_programs, load_quantity_rules, load_step_rules
from rulebook.requirement_rules import load_requirements
from rulebook.yamlfile import RULEBOOK_ROOT, LocatedYaml, load_located, load_models, read_yaml, to_model

REVIEW = RULEBOOK_ROOT / "review"

M = TypeVar("M", bound=Model)


class NoDecider(UmpireError):
    """No rule says who may decide in a line of business: its cases cannot be accepted."""

    code = "no_decider"

    def __init__(self, lob: Lob, level: DecisionLevel = DecisionLevel.FIRST_DECISION) -> None:
        what = "taking requests of it" if level is DecisionLevel.FIRST_DECISION else "taking appeals of it"
        of = f"{lob.value}, {level.value}" if level is DecisionLevel.APPEAL else lob.value
        super().__init__(f"review/deciders.yaml has no entry for {of}: write one before {what}")


class StateDeciderRule(Model):
    """A State's law on deciders. It replaces the line of business's own rule for members of plans that it binds.

    Self-funded employer plans are not bound; where the funding is unknown, the State's rule counts. The independence that the
    line's own rule requires on appeal stays.
    """

    rule_id: str
    states: tuple[str, ...] = Field(min_length=1)
    lobs: tuple[Lob, ...] = Field(min_length=1)
    roles: tuple[Role, ...] = Field(min_length=1)
    professions: tuple[str, ...] = Field(min_length=1)
    unrestricted_licence: bool
    same_state: bool
    specialty: bool
    peer_to_peer_first: bool
    citations: tuple[str, ...] = Field(min_length=1)
    confidence: Confidence
    levels: tuple[DecisionLevel, ...] = Field(default=(DecisionLevel.FIRST_DECISION,), min_length=1)
    note: str = ""

    def binds(self, lob: Lob, state: str | None, self_funded: bool | None, level: DecisionLevel) -> bool:
        return lob in self.lobs and state in self.states and self_funded is not True and level in self.levels

    def in_place_of(self, own: DeciderRule) -> DeciderRule:
        """The decider rule of this State in place of the line of business's own."""
        said = self.model_dump(exclude={"lobs", "levels"}) | {"confidence": self.confidence.value}
        return own.model_copy(update=DeciderRule(lob=own.lob, **said).model_dump(include=set(said)))


class StepBan(Model):
    """The law of States (two letters) under which no step therapy rule binds, from `first_day` on. Both days count."""

    ban_id: str = Field(pattern=r"^[A-Z][A-Z0-9-]*$")
    states: tuple[str, ...] = Field(min_length=1)
    lobs: tuple[Lob, ...] = Field(min_length=1)
    first_day: date
    last_day: date | None = None
    cite: str = Field(min_length=1)
    confidence: Confidence

    def forbids(self, lob: Lob, state: str | None, self_funded: bool | None, day: date) -> bool:
        """Whether steps are forbidden on this day of service; only a plan known to be funded by the employer is free."""
        in_force = self.first_day <= day and (self.last_day is None or day <= self.last_day)
        return in_force and lob in self.lobs and state in self.states and self_funded is not True


@dataclass(frozen=True)
class ReviewRules:
    """All review rules of one rulebook."""

    deciders: dict[Lob, DeciderRule]
    specialties: tuple[FittingSpecialties, ...]
    requirements: tuple[RequirementRule, ...]
    policy: ReviewPolicy
    concerns: ConcernPolicy
    callbacks: CallbackPolicy
    steps: tuple[StepRule, ...] = ()
    step_bans: tuple[StepBan, ...] = ()
    quantities: tuple[QuantityRule, ...] = ()
    gold_cards: tuple[GoldCardProgram, ...] = ()
    state_deciders: tuple[StateDeciderRule, ...] = ()
    other_deciders: tuple[OtherDeciderRule, ...] = ()
    authorization_bans: tuple[AuthorizationBan, ...] = ()
    licensed_sets: tuple[LicensedSet, ...] = ()
    required_sets: tuple[RequiredSet, ...] = ()
    parity: ParityPolicy | None = None
    appeal_deciders: Mapping[Lob, DeciderRule] = field(default_factory=dict)
    continuity: tuple[ContinuityRule, ...] = ()
    approval_lengths: tuple[ApprovalLengthRule, ...] = ()
    denial_rules: tuple[DenialRule, ...] = ()
    reopening: tuple[ReopeningRule, ...] = ()
    validity_windows: tuple[ValidityWindowRule, ...] = ()
    dismissals: tuple[DismissalRule, ...] = ()
    filings: tuple[FilingRule, ...] = ()
    appeals: tuple[AppealRule, ...] = ()
    benefit_signers: tuple[BenefitSignerRule, ...] = ()
    task_minutes: tuple[TaskMinutes, ...] = ()

    def benefit_signer(self, lob: Lob) -> BenefitSignerRule | None:
        """The rule on who signs on the plan's documents; None where the rulebook has none, and nobody may."""
        return next((rule for rule in self.benefit_signers if rule.lob is lob), None)

    def closings(self, lob: Lob, circumstances: Collection[Circumstance]) -> ClosingRules:
        """The rules on ends without a determination: of rules on dismissals, the first whose circumstances the case has."""
        known = (rule for rule in self.dismissals if rule.lob is lob)
        dismissal = next((r for r in known if not r.circumstances or set(r.circumstances) & set(circumstances)), None)
        return ClosingRules(dismissal=dismissal, filing=next((f for f in self.filings if lob in f.lobs), None))

    @property
    def protection_facts(self) -> Mapping[str, str]:
        """The fact that each rule on care under way and on the length of approvals asks for, by the rule."""
        under_way = {rule.rule_id: rule.fact for rule in self.continuity}
        return under_way | {rule.rule_id: rule.chronic_fact for rule in self.approval_lengths}

    def steps_for(self, lob: Lob, state: str | None, self_funded: bool | None, day: date) -> tuple[StepRule, ...]:
        """The step therapy rules of a plan on a day of service: none where a State forbids them."""
        forbidden = any(ban.forbids(lob, state, self_funded, day) for ban in self.step_bans)
        return () if forbidden else self.steps

    def appeal_rule(self, lob: Lob) -> AppealRule:
        """The rule on appeals of the line of business. Raises NoDecider where the rulebook takes none of it."""
        found = next((rule for rule in self.appeals if lob in rule.lobs), None)
        if found is None:
            raise NoDecider(lob, DecisionLevel.APPEAL)
        return found

    def decider(
        self,
        lob: Lob,
        state: str | None = None,
        self_funded: bool | None = None,
        level: DecisionLevel = DecisionLevel.FIRST_DECISION,
    ) -> DeciderRule:
        """The rule on who may decide: the State's law where it binds, else the line of business's own. Raises NoDecider."""
        known = self.deciders if level is DecisionLevel.FIRST_DECISION else self.appeal_deciders
        if lob not in known:
            raise NoDecider(lob, level)
        for rule in self.state_deciders:
            if rule.binds(lob, state, self_funded, level):
                return rule.in_place_of(known[lob])
        return known[lob]


def load_review_rules(folder: Path = REVIEW) -> ReviewRules:
    """Load the files of the folder; drugs and gold cards are optional. Raises RulebookErrors naming file, line and key."""
    policies = load_models(folder / "policy.yaml", "policies", ReviewPolicy)
    if len(policies) != 1:
        error = RulebookError("review/policy.yaml", 1, "policies", f"{len(policies)} entries", "exactly one")
        raise RulebookErrors((error,))
    deciders = _load_deciders(folder / "deciders.yaml")
    licensed_sets = load_licensed_sets(folder / "licensed_sets.yaml")
    return ReviewRules(
        deciders=deciders[DecisionLevel.FIRST_DECISION],
        appeal_deciders=deciders[DecisionLevel.APPEAL],
        specialties=_load_specialties(folder / "specialties.yaml"),
        requirements=load_requirements(folder / "requirements.yaml"),
        policy=policies[0],
        steps=load_step_rules(folder / "step_therapy.yaml"),
        step_bans=_load_optional(folder / "step_bans.yaml", "bans", StepBan),
        continuity=_load_optional(folder / "continuity.yaml", "continuity", ContinuityRule),
        approval_lengths=_load_optional(folder / "approval_lengths.yaml", "lengths", ApprovalLengthRule),
        denial_rules=_load_optional(folder / "denial_rules.yaml", "rules", DenialRule),
        reopening=_load_optional(folder / "reopening.yaml", "rules", ReopeningRule),
        validity_windows=_load_optional(folder / "validity_windows.yaml", "windows", ValidityWindowRule),
        benefit_signers=_load_optional(folder / "benefit_signers.yaml", "signers", BenefitSignerRule),
        task_minutes=_load_optional(folder / "task_minutes.yaml", "minutes", TaskMinutes),
        dismissals=_load_optional(folder / "closings.yaml", "dismissals", DismissalRule),
        filings=_load_optional(folder / "filings.yaml", "filings", FilingRule),
        appeals=_load_optional(folder / "appeals.yaml", "appeals", AppealRule),
        quantities=load_quantity_rules(folder / "quantity_limits.yaml"),
        gold_cards=load_gold_card_programs(folder / "gold_cards.yaml"),
        concerns=to_model(read_yaml(folder / "concerns.yaml"), ConcernPolicy),
        callbacks=to_model(read_yaml(folder / "callbacks.yaml"), CallbackPolicy),
        state_deciders=_load_state_deciders(folder / "state_deciders.yaml"),
        other_deciders=_load_optional(folder / "other_deciders.yaml", "deciders", OtherDeciderRule),
        authorization_bans=_load_authorization_bans(folder / "authorization_bans.yaml"),
        licensed_sets=licensed_sets,
        parity=to_model(read_yaml(parity), ParityPolicy) if (parity := folder / "parity.yaml").exists() else None,
        required_sets=load_required_sets(folder / "required_sets.yaml", licensed_sets),
    )


def _load_optional(path: Path, key: str, model: type[M]) -> tuple[M, ...]:
    """Load the rules of a file that a rulebook need not have."""
    return load_models(path, key, model) if path.exists() else ()


def _load_authorization_bans(path: Path) -> tuple[AuthorizationBan, ...]:
    """Load the laws that forbid prior authorization; the file is optional."""
    return tuple(load_models(path, "bans", AuthorizationBan)) if path.exists() else ()


def _load_state_deciders(path: Path) -> tuple[StateDeciderRule, ...]:
    """Load the States' rules; the file is optional. One rule for each State and line of business."""
    if not path.exists():
        return ()
    found: list[StateDeciderRule] = []
    for rule, place in load_located(path, "deciders", StateDeciderRule):
        for other in found:
            if all(set(getattr(rule, key)) & set(getattr(other, key)) for key in ("states", "lobs", "levels")):
                problem = f"{other.rule_id} is about the same State and line of business"
                raise RulebookErrors((place.error(("states",), problem, "one entry for each"),))
        found.append(rule)
    return tuple(found)


def _load_specialties(path: Path) -> tuple[FittingSpecialties, ...]:
    """Load the fitting specialties. The first matching entry counts, so an entry for everything must be the last."""
    found = tuple(load_located(path, "specialties", FittingSpecialties))
    for rule, place in found[:-1]:
        if rule.fits_everything:
            problem = "the entries below it never count"
            raise RulebookErrors(
                (place.error(("specialties",), problem, "the entry for all other services at the end"),)
            )
    return tuple(rule for rule, _ in found)


def _load_deciders(path: Path) -> dict[DecisionLevel, dict[Lob, DeciderRule]]:
    """Load one rule for each line of business at each level."""
    found: dict[DecisionLevel, dict[Lob, DeciderRule]] = {level: {} for level in DecisionLevel}
    for rule, place in load_located(path, "deciders", DeciderRule):
        if rule.lob in found[rule.level]:
            problem = f"a second entry for {rule.lob.value}"
            raise RulebookErrors((place.error(("lob",), problem, "one entry per line of business and level"),))
        found[rule.level][rule.lob] = rule
    return found


def load_retrospective_policy(path: Path) -> RetrospectivePolicy:
    """Load the plan's policy of retrospective review. Raises RulebookErrors with file, line, key and what was expected."""
    return to_model(read_yaml(path), RetrospectivePolicy)


def load_licensed_sets(path: Path) -> tuple[LicensedSet, ...]:
    """Load the slots. Raises RulebookErrors."""
    return tuple(load_models(path, "sets", LicensedSet)) if path.exists() else ()


def load_required_sets(path: Path, sets: tuple[LicensedSet, ...]) -> tuple[RequiredSet, ...]:
    """Load the laws that name a set. Raises RulebookErrors for an unknown set, a second entry of an id, dates out of order."""
    if not path.exists():
        return ()
    placed = load_located(path, "required", RequiredSet)
    errors = [error for position in range(len(placed)) for error in _required_set_errors(placed, position, sets)]
    if errors:
        raise RulebookErrors(tuple(errors))
    return tuple(rule for rule, _ in placed)


def _required_set_errors(
    placed: Sequence[tuple[RequiredSet, LocatedYaml]], position: int, sets: tuple[LicensedSet, ...]
) -> Iterator[RulebookError]:
    (rule, place), known = placed[position], {found.set_id for found in sets}
    for at, set_id in enumerate(rule.set_ids):
        if set_id not in known:
            expected = "one of review/licensed_sets.yaml: " + ", ".join(sorted(known))
            yield place.error(("set_ids", at), f"no set has the id {set_id}", expected)
    if any(other.rule_id == rule.rule_id for other, _ in placed[:position]):
        yield place.error(("rule_id",), f"{rule.rule_id} is there twice", "an id of its own")
    if rule.last_day is not None and rule.last_day < rule.first_day:
        yield place.error(("last_day",), "lies before first_day", "the last day of service it binds")
    for at, code in enumerate(rule.codes):
        if CPT.fullmatch(code):
            problem = f"{code} has the shape of a CPT code, which is licensed"
            yield place.error(("codes", at), problem, "a service_group that the operator's code map fills")
