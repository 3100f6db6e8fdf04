"""JSON Schema of the rulebook's files, for editors that complete keys and mark mistakes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel

from domain.appeals.rules import AppealRule
from domain.authorization.assessment import ReviewPolicy
from domain.callbacks.policy import CallbackPolicy
from domain.cases.escalation_ladders import EscalationLadders
from domain.cases.tasks import TaskMinutes
from domain.clocks.rules import ClockRule
from domain.concerns.policy import ConcernPolicy
from domain.coverage.approval_lengths import ApprovalLengthRule
from domain.coverage.continuity import ContinuityRule
from domain.coverage.gold_cards import GoldCardProgram
from domain.coverage.requirements import AuthorizationBan, FittingSpecialties, RequirementRule
from domain.coverage.validity_windows import ValidityWindowRule
from domain.criteria.model import Guideline
from domain.criteria.required_sets import LicensedSet, RequiredSet
from domain.decisions.benefits import BenefitSignerRule
from domain.decisions.citations import DenialRule
from domain.decisions.closings import DismissalRule, FilingRule
from domain.decisions.determination import DeciderRule
from domain.decisions.other_deciders import OtherDeciderRule
from domain.discharge.policy import TransitionPolicy
from domain.drug_limits.rules import QuantityRule, StepRule
from domain.evidence.facts import FactDefinition
from domain.follow_ups.reopening import ReopeningRule
from domain.letters.notice_rules import AppealRights, Tagline
from domain.letters.standalone import StandaloneRule
from domain.parity.policy import ParityPolicy
from domain.pharmacy.edits import DrugEdit
from domain.pharmacy.exception_periods import ExceptionPeriod
from domain.pharmacy.formulary import Formulary
from domain.pharmacy.indications import IndicationRule
from domain.pharmacy.other_benefit import HandOverRule
from domain.pharmacy.step_protections import ProtectedClass, StepOverride
from domain.pharmacy.temporary_supplies import SupplyRule
from domain.retention.periods import RetentionPolicy
from domain.retrospective.parts import RetrospectivePolicy
from domain.stays.avoidable_days import DelayReasons
from domain.stays.day_counts import GmlosSource
from domain.stays.levels_of_care import CareLevels
from domain.stays.policy import StayPolicy
from rulebook.aid_continuing import ContinuationRule
from rulebook.calendar_rules import CalendarRule
from rulebook.code_map import ServiceGroup
from rulebook.example_reading import COMMENTARY, Example
from rulebook.notice_rules import ElementSet, NoticeDefinition
from rulebook.requirement_rules import RequirementTestCase
from rulebook.review_organizations import ConsumerOffice, QioRegion, StateHearingOffice
from rulebook.review_rules import StateDeciderRule, StepBan

_NO_NOTICES = (
    "notices/shared.yaml",
    "notices/languages.yaml",
    "notices/qio.yaml",
    "notices/offices.yaml",
    "notices/standalone.yaml",
)


class FileKind(NamedTuple):
    """A kind of rulebook file: its file pattern, and the lists it contains (none: the file is `whole`, one model).

    `but` are files that match the pattern and are of another kind; `may_lack` are optional lists.
    """

    files: str
    lists: Mapping[str, type[BaseModel]] = {}
    whole: type[BaseModel] | None = None
    but: tuple[str, ...] = ()
    may_lack: tuple[str, ...] = ()

    def paths(self, root: Path) -> list[Path]:
        """The files of this kind in a rulebook's folder."""
        others = {root / name for name in self.but}
        return [path for path in sorted(root.glob(self.files)) if path not in others]


KINDS: Mapping[str, FileKind] = {
    "clocks": FileKind("clocks/*.yaml", {"clocks": ClockRule}),
    "examples": FileKind("examples/*.yaml", {"examples": Example}),
    "continuation": FileKind("continuation.yaml", {"continuation": ContinuationRule}),
    "calendars": FileKind("calendars/*.yaml", {"calendars": CalendarRule}),
    "deciders": FileKind("review/deciders.yaml", {"deciders": DeciderRule}),
    "state_deciders": FileKind("review/state_deciders.yaml", {"deciders": StateDeciderRule}),
    "other_deciders": FileKind("review/other_deciders.yaml", {"deciders": OtherDeciderRule}),
    "specialties": FileKind("review/specialties.yaml", {"specialties": FittingSpecialties}),
    "requirements": FileKind(
        "review/requirements.yaml",
        {"requirements": RequirementRule, "tests": RequirementTestCase},
        may_lack=("tests",),
    ),
    "step_therapy": FileKind("review/step_therapy.yaml", {"steps": StepRule}),
    "step_bans": FileKind("review/step_bans.yaml", {"bans": StepBan}),
    "authorization_bans": FileKind("review/authorization_bans.yaml", {"bans": AuthorizationBan}),
    "licensed_sets": FileKind("review/licensed_sets.yaml", {"sets": LicensedSet}),
    "required_sets": FileKind("review/required_sets.yaml", {"required": RequiredSet}),
    "parity": FileKind("review/parity.yaml", whole=ParityPolicy),
    "continuity": FileKind("review/continuity.yaml", {"continuity": ContinuityRule}),
    "denial_rules": FileKind("review/denial_rules.yaml", {"rules": DenialRule}),
    "reopening": FileKind("review/reopening.yaml", {"rules": ReopeningRule}),
    "validity_windows": FileKind("review/validity_windows.yaml", {"windows": ValidityWindowRule}),
    "benefit_signers": FileKind("review/benefit_signers.yaml", {"signers": BenefitSignerRule}),
    "task_minutes": FileKind("review/task_minutes.yaml", {"minutes": TaskMinutes}),
    "closings": FileKind("review/closings.yaml", {"dismissals": DismissalRule}),
    "filings": FileKind("review/filings.yaml", {"filings": FilingRule}),
    "appeals": FileKind("review/appeals.yaml", {"appeals": AppealRule}),
    "approval_lengths": FileKind("review/approval_lengths.yaml", {"lengths": ApprovalLengthRule}),
    "quantity_limits": FileKind("review/quantity_limits.yaml", {"limits": QuantityRule}),
    "drug_edits": FileKind("review/drug_edits.yaml", {"edits": DrugEdit}),
    "formulary": FileKind("review/formulary.yaml", {"formularies": Formulary}),
    "drug_law": FileKind(
        "review/drug_law.yaml",
        {
            "overrides": StepOverride,
            "protected_classes": ProtectedClass,
            "indications": IndicationRule,
            "supplies": SupplyRule,
            "exception_periods": ExceptionPeriod,
            "hand_overs": HandOverRule,
        },
    ),
    "gold_cards": FileKind("review/gold_cards.yaml", {"programmes": GoldCardProgram}),
    "policy": FileKind("review/policy.yaml", {"policies": ReviewPolicy}),
    "concerns": FileKind("review/concerns.yaml", whole=ConcernPolicy),
    "callbacks": FileKind("review/callbacks.yaml", whole=CallbackPolicy),
    "retrospective": FileKind("review/retrospective.yaml", whole=RetrospectivePolicy),
    "retention": FileKind("retention.yaml", whole=RetentionPolicy),
    "escalations": FileKind("escalations.yaml", whole=EscalationLadders),
    "care_levels": FileKind("stays/levels_of_care.yaml", whole=CareLevels),
    "stay_policy": FileKind("stays/policy.yaml", whole=StayPolicy),
    "delays": FileKind("stays/delays.yaml", whole=DelayReasons),
    "transitions": FileKind("stays/transitions.yaml", whole=TransitionPolicy),
    "gmlos": FileKind("stays/gmlos.yaml", whole=GmlosSource),
    "code_map": FileKind("code_map.yaml", {"service_groups": ServiceGroup}),
    "guidelines": FileKind("criteria/*.yaml", {"guidelines": Guideline}, but=("criteria/facts.yaml",)),
    "guideline_editions": FileKind("criteria/editions/*/*.yaml", {"guidelines": Guideline}),
    "facts": FileKind("criteria/facts.yaml", {"facts": FactDefinition}),
    "notices": FileKind("notices/*.yaml", {"notices": NoticeDefinition}, but=_NO_NOTICES),
    "notice_laws": FileKind("notices/law/*.yaml", {"rights": AppealRights, "sets": ElementSet}),
    "notice_sets": FileKind("notices/shared.yaml", {"sets": ElementSet}),
    "qio": FileKind("notices/qio.yaml", {"organizations": QioRegion}),
    "offices": FileKind(
        "notices/offices.yaml", {"consumer_help": ConsumerOffice, "hearing_offices": StateHearingOffice}
    ),
    "standalone_letters": FileKind("notices/standalone.yaml", {"letters": StandaloneRule}),
    "languages": FileKind("notices/languages.yaml", {"taglines": Tagline}),
}

_DRAFT = "https://json-schema.org/draft/2020-12/schema"


def schema_of(kind: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of one kind of file. Raises KeyError for a kind that does not exist."""
    about = KINDS[kind]
    head = {"$schema": _DRAFT, "title": f"rulebook/{about.files}"}
    shared: dict[str, Any] = {}
    if about.whole is not None:
        inner = _inner(about.whole, shared)
        return {**head, **{name: value for name, value in inner.items() if name != "title"}, "$defs": shared}
    properties = {key: {"type": "array", "items": _inner(model, shared)} for key, model in about.lists.items()}
    if "examples" in about.lists:
        properties["meta"] = {}
    return {
        **head,
        "type": "object",
        "properties": properties,
        "required": [key for key in about.lists if key not in about.may_lack],
        "additionalProperties": False,
        "$defs": shared,
    }


def _inner(model: type[BaseModel], shared: dict[str, Any]) -> dict[str, Any]:
    """A model's own schema; definitions shared with others go to `shared`."""
    inner = model.model_json_schema()
    shared |= inner.pop("$defs", {})
    if "ClockStart" in shared:
        shared["ClockStart"] = _start(shared["ClockStart"], shared["StartPoint"])
    return _example(inner) if model is Example else inner


def _start(listed: dict[str, Any], point: dict[str, Any]) -> dict[str, Any]:
    """The schema of a start, which may also be a single event with its keys beside the note."""
    beside = {name: value for name, value in listed["properties"].items() if name != "points"}
    alone = {**point, "title": "ClockStart", "properties": {**point["properties"], **beside}}
    return {"anyOf": [listed, alone]}


def _example(inner: dict[str, Any]) -> dict[str, Any]:
    """The schema of a worked example, which may carry commentary."""
    properties = {name: value for name, value in inner["properties"].items() if name != "unknown"}
    return {**inner, "properties": {**properties, **{name: properties.get(name, {}) for name in COMMENTARY}}}
