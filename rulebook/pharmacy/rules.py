"""Rules on drugs beside steps and quantities: edits, labels, protections from steps and temporary supplies.

They are read from `drug_edits.yaml`, `drug_law.yaml`, `drug_labels.csv` and `formulary.yaml` in `review/`; each is optional.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from domain.criteria.soundness import CPT, structure_issues
from domain.drug_limits.rules import DrugSelector
from domain.evidence.facts import FactDictionary, FactType
from domain.pharmacy.edits import DrugEdit, failing_edit_tests
from domain.pharmacy.exception_periods import ExceptionPeriod
from domain.pharmacy.formulary import Formulary
from domain.pharmacy.indications import IndicationRule, LabelEntry
from domain.pharmacy.other_benefit import HandOverRule
from domain.pharmacy.step_protections import ProtectedClass, StepOverride
from domain.pharmacy.temporary_supplies import SupplyRule
from domain.three_valued import Tri
from rulebook.errors import RulebookError, RulebookErrors
from rulebook.pharmacy.labels import LABELS_FILE, load_labels
from rulebook.yamlfile import LocatedYaml, load_located, load_models, model_items, read_yaml, to_model

EDITS_FILE, LAW_FILE, FORMULARY_FILE = "drug_edits.yaml", "drug_law.yaml", "formulary.yaml"
LAW_LISTS = frozenset({"overrides", "protected_classes", "indications", "supplies", "exception_periods", "hand_overs"})


@dataclass(frozen=True)
class DrugRules:
    """All rules on drugs beside steps and quantities."""

    edits: tuple[DrugEdit, ...] = ()
    overrides: tuple[StepOverride, ...] = ()
    protected_classes: tuple[ProtectedClass, ...] = ()
    indications: tuple[IndicationRule, ...] = ()
    supplies: tuple[SupplyRule, ...] = ()
    exception_periods: tuple[ExceptionPeriod, ...] = ()
    hand_overs: tuple[HandOverRule, ...] = ()
    labels: tuple[LabelEntry, ...] = ()
    formularies: tuple[Formulary, ...] = ()

    def selectors(self) -> Iterator[tuple[str, DrugSelector]]:
        """Every selection of drugs, with the id of its rule."""
        yield from ((edit.rule_id, edit.drug) for edit in self.edits)
        yield from ((edit.rule_id, edit.except_for) for edit in self.edits if edit.except_for is not None)
        yield from ((found.class_id, found.drug) for found in self.protected_classes)
        yield from ((rule.rule_id, rule.drug) for rule in self.indications)
        yield from ((found.rule_id, one.drug) for found in self.formularies for one in found.drugs)


def load_drug_rules(folder: Path, dictionary: FactDictionary) -> DrugRules:
    """Load the files of `folder` (review/). Raises RulebookErrors with file, line, key and what was expected."""
    edits = _load_edits(folder / EDITS_FILE, dictionary)
    labels = load_labels(folder / LABELS_FILE)
    listed = folder / FORMULARY_FILE
    formularies = load_models(listed, "formularies", Formulary) if listed.exists() else ()
    path = folder / LAW_FILE
    if not path.exists():
        return DrugRules(edits=edits, labels=labels, formularies=formularies)
    whole = read_yaml(path)

    def items(key: str) -> tuple[LocatedYaml, ...]:
        return model_items(whole, key, beside=LAW_LISTS - {key})

    overrides = tuple((to_model(item, StepOverride), item) for item in items("overrides"))
    errors = [error for law, item in overrides for error in _ground_errors(law, item, dictionary)]
    if errors:
        raise RulebookErrors(tuple(errors))
    return DrugRules(
        edits=edits,
        labels=labels,
        formularies=formularies,
        overrides=tuple(law for law, _ in overrides),
        protected_classes=tuple(to_model(item, ProtectedClass) for item in items("protected_classes")),
        indications=tuple(to_model(item, IndicationRule) for item in items("indications")),
        supplies=tuple(to_model(item, SupplyRule) for item in items("supplies")),
        exception_periods=tuple(to_model(item, ExceptionPeriod) for item in items("exception_periods")),
        hand_overs=tuple(to_model(item, HandOverRule) for item in items("hand_overs")),
    )


def _load_edits(path: Path, dictionary: FactDictionary) -> tuple[DrugEdit, ...]:
    if not path.exists():
        return ()
    placed = load_located(path, "edits", DrugEdit)
    errors = [error for edit, place in placed for error in _edit_errors(edit, place, dictionary)]
    seen: set[str] = set()
    for edit, place in placed:
        if edit.rule_id in seen:
            errors.append(place.error(("rule_id",), f"{edit.rule_id} is there twice", "an id of its own"))
        seen.add(edit.rule_id)
    if errors:
        raise RulebookErrors(tuple(errors))
    return tuple(edit for edit, _ in placed)


def _edit_errors(edit: DrugEdit, place: LocatedYaml, dictionary: FactDictionary) -> Iterator[RulebookError]:
    for code in edit.drug.codes:
        if CPT.fullmatch(code.removesuffix("*")):
            problem = f"{code} has the shape of a CPT code, which is licensed"
            yield place.error(("drug", "codes"), problem, "a service_group that the operator's code map fills")
    faults = structure_issues(edit.guideline, dictionary)
    yield from (place.error(fault.path, fault.problem, fault.expected) for fault in faults)
    if faults:
        return
    unknown = {fact for test in edit.tests for fact in (*test.facts, *test.against)} - set(dictionary.by_id)
    if unknown:
        yield place.error(("tests",), f"not in the dictionary: {', '.join(sorted(unknown))}", "facts of facts.yaml")
        return
    for failure in failing_edit_tests(edit, dictionary):
        problem = f"{failure.name!r} comes out {failure.got}"
        yield place.error(("tests", failure.position, "expect"), problem, f"{failure.expected}, as the example says")
    shown = {test.expect.value for test in edit.tests}
    for outcome in Tri:
        if outcome.value not in shown:
            yield place.error(("tests",), f"no example comes out {outcome}", "at least one for each outcome")


def _ground_errors(law: StepOverride, place: LocatedYaml, dictionary: FactDictionary) -> Iterator[RulebookError]:
    """Errors for grounds without a yes-or-no fact: nobody could ever answer them."""
    for position, ground in enumerate(law.grounds):
        definition = dictionary.by_id.get(ground.fact) if ground.fact is not None else None
        if definition is None or definition.type is not FactType.BOOL:
            problem = f"the ground {ground.id} names no yes-or-no fact"
            yield place.error(("grounds", position, "fact"), problem, "the id of a yes-or-no fact of facts.yaml")
