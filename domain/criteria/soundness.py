"""Soundness checks of a guideline: every issue with its place in the tree, the problem and the expected value.

`structure_issues` are those with which it cannot be evaluated at all; `release_issues` are those that make it unfit for
release: no test case for an outcome, approval by rule on a half-read source, codes that are not ours to ship.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from domain.cited_value import Confidence
from domain.criteria.model import OPS_FOR, AppliesTo, CriteriaNode, Guideline, NodeKind, Op, Precedence, Verification
from domain.evidence.fact_reading import TYPE_CHECKS
from domain.evidence.facts import FactDefinition, FactDictionary, FactType
from domain.three_valued import Tri
from domain.vocabulary import CertificationType

KeyPath = tuple[str | int, ...]

_HALF_READ = frozenset({Verification.PARTIAL, Verification.FROM_MEMORY})

_HCPCS_LEVEL_II = re.compile(r"[A-CE-V][0-9]{4}")
_ICD10PCS = re.compile(r"[0-9A-HJ-NP-Z]{7}")
_ICD10PCS_PREFIX = re.compile(r"[0-9A-HJ-NP-Z]{2,6}")
_ICD10CM_BEGINNING = re.compile(r"[A-TV-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?")
CPT = re.compile(r"[0-9]{4}[0-9A-Z]")


@dataclass(frozen=True, slots=True)
class GuidelineIssue:
    """One issue of a guideline. `path` leads from the guideline to the key, for example logic, all, 0, op."""

    path: KeyPath
    problem: str
    expected: str = ""

    def __str__(self) -> str:
        place = ".".join(str(part) for part in self.path)
        return f"{place}: {self.problem}" + (f"; expected {self.expected}" if self.expected else "")


def nodes_with_paths(node: CriteriaNode, path: KeyPath = ("logic",)) -> Iterator[tuple[KeyPath, CriteriaNode]]:
    """Every node below and with this one, with its path in the guideline, in the order of the document."""
    yield path, node
    for place, child in children_with_paths(node, path):
        yield from nodes_with_paths(child, place)


def children_with_paths(node: CriteriaNode, path: KeyPath) -> Iterator[tuple[KeyPath, CriteriaNode]]:
    """The children of a node that stands at `path`, with their paths."""
    key: KeyPath = ("at_least", "of") if node.kind is NodeKind.AT_LEAST else (node.kind.value,)
    for position, child in enumerate(node.children):
        yield (*path, *key, position), child


def structure_issues(guideline: Guideline, dictionary: FactDictionary) -> tuple[GuidelineIssue, ...]:
    """Find duplicate ids, dangling or circular refs, unknown facts, and operators or values that do not fit the fact."""
    placed = list(nodes_with_paths(guideline.logic))
    faults = list(_node_id_issues(placed))
    if not faults:
        faults.extend(_circular_ref_issues(guideline, placed))
    leaves = [(path, node) for path, node in placed if node.fact is not None]
    for position, flag in enumerate(guideline.flags):
        leaves.append((("flags", position, "when"), flag.when))
    for path, leaf in leaves:
        faults.extend(
            GuidelineIssue((*path, *fault.path), fault.problem, fault.expected)
            for fault in _leaf_issues(leaf, dictionary)
        )
    return tuple(faults)


def release_issues(guideline: Guideline, dictionary: FactDictionary) -> tuple[GuidelineIssue, ...]:
    """Find missing or misspelled test cases, approval by rule without a full reading, dates out of order, foreign codes."""
    return (
        *_test_case_issues(guideline, dictionary),
        *_source_issues(guideline),
        *_related_rule_issues(guideline),
        *_ask_first_issues(guideline),
        *_certified_time_issues(guideline),
        *code_issues(("applies_to", "hcpcs"), guideline.applies_to.hcpcs, _HCPCS_LEVEL_II, "a HCPCS Level II code"),
        *code_issues(("applies_to", "icd10pcs"), guideline.applies_to.icd10pcs, _ICD10PCS, "an ICD-10-PCS code"),
        *code_issues(
            ("applies_to", "icd10pcs_prefix"),
            guideline.applies_to.icd10pcs_prefix,
            _ICD10PCS_PREFIX,
            "2 to 6 characters of ICD-10-PCS",
        ),
        *_people_only_issues(guideline.applies_to),
    )


def code_issues(path: KeyPath, codes: Iterable[str], shape: re.Pattern[str], expected: str) -> Iterator[GuidelineIssue]:
    """Find codes without the expected format; five digits (or four and a letter) are reported as CPT, which is licensed."""
    for position, code in enumerate(codes):
        if shape.fullmatch(code) is None:
            problem = (
                f"{code} has the shape of a CPT code, which is licensed" if CPT.fullmatch(code) else f"got {code!r}"
            )
            yield GuidelineIssue(
                (*path, position), problem, f"{expected}, or a service_group that the operator's code map fills"
            )


def facts_used(guideline: Guideline) -> set[str]:
    """Every fact that the tree or a flag asks about."""
    nodes = (*guideline.logic.walk(), *(flag.when for flag in guideline.flags))
    return {fact for node in nodes for fact in (node.fact, node.of) if fact is not None}


def _node_id_issues(placed: Collection[tuple[KeyPath, CriteriaNode]]) -> Iterator[GuidelineIssue]:
    first: dict[str, KeyPath] = {}
    for path, node in placed:
        if node.id is not None and first.setdefault(node.id, path) != path:
            yield GuidelineIssue((*path, "id"), f"the id {node.id} is used twice", "each id once in a guideline")
    for path, node in placed:
        if node.ref is not None and node.ref not in first:
            yield GuidelineIssue((*path, "ref"), f"no node has the id {node.ref}", _closest(node.ref, first))


def _circular_ref_issues(
    guideline: Guideline, placed: Collection[tuple[KeyPath, CriteriaNode]]
) -> Iterator[GuidelineIssue]:
    for path, node in placed:
        if node.ref is not None and node.ref in _reachable_ids(guideline, guideline.target(node), set()):
            yield GuidelineIssue(
                (*path, "ref"), f"{node.ref} leads back to itself", "a node that does not contain this ref"
            )


def _reachable_ids(guideline: Guideline, node: CriteriaNode, seen: set[str]) -> set[str]:
    """Ids of all nodes below, through refs; each visited once."""
    for child in node.children:
        target = guideline.target(child)
        if target.id is not None and target.id not in seen:
            seen.add(target.id)
            _reachable_ids(guideline, target, seen)
    return seen


def _leaf_issues(leaf: CriteriaNode, dictionary: FactDictionary) -> Iterator[GuidelineIssue]:
    if leaf.fact is None:
        yield GuidelineIssue((), "is not a leaf", "fact, op and value")
        return
    definition = dictionary.by_id.get(leaf.fact)
    if definition is None:
        yield GuidelineIssue(
            ("fact",),
            f"{leaf.fact} is not in the fact dictionary",
            _closest(leaf.fact, dictionary.by_id, "one that exists, or a line for it in criteria/facts.yaml"),
        )
        return
    allowed = OPS_FOR[definition.type]
    if leaf.op not in allowed:
        problem = (
            "is missing" if leaf.op is None else f"{leaf.op} does not fit {leaf.fact}, which is a {definition.type}"
        )
        yield GuidelineIssue(("op",), problem, "one of " + ", ".join(sorted(allowed)))
        return
    if leaf.of is not None and (leaf.of not in dictionary.by_id or dictionary.by_id[leaf.of].type is not FactType.DATE):
        days = [one.id for one in dictionary.facts if one.type is FactType.DATE]
        yield GuidelineIssue(("of",), f"{leaf.of} is no date of the fact dictionary", _closest(leaf.of, days))
    expected = _value_expected(leaf, definition)
    if expected is not None:
        yield GuidelineIssue(("value",), "is missing" if leaf.value is None else f"got {leaf.value!r}", expected)
    numeric = definition.type in (FactType.NUMBER, FactType.DATE)
    if leaf.gray is not None and (not numeric or leaf.gray[0] >= leaf.gray[1]):
        yield GuidelineIssue(("gray",), f"got {leaf.gray!r}", "two numbers, the lower first, on a number or date fact")


def _value_expected(leaf: CriteriaNode, definition: FactDefinition) -> str | None:
    """The expected form of `value`, or None when it fits."""
    value, is_number = leaf.value, definition.type is FactType.NUMBER
    match leaf.op:
        case Op.IS_TRUE | Op.IS_FALSE:
            return None if value is None else f"no value with {leaf.op}"
        case Op.BETWEEN | Op.DAYS_AFTER:
            fits = _is_list_of_numbers(value) and len(value) == 2 and value[0] <= value[1]  # type: ignore[arg-type,index,operator]
            return None if fits else "two numbers, the lower first"
        case Op.IN | Op.NOT_IN if is_number:
            return None if _is_list_of_numbers(value) else "a list of numbers"
        case Op.IN | Op.NOT_IN | Op.PREFIX_ANY:
            if not (isinstance(value, tuple) and value and all(isinstance(item, str) and item for item in value)):
                return "a list of codes"
            listed = leaf.op is Op.PREFIX_ANY or not definition.values or set(value) <= set(definition.values)
            return None if listed else "codes among " + ", ".join(definition.values)
        case _ if is_number:
            return None if isinstance(value, int | float) and not isinstance(value, bool) else "a number"
        case _:
            if not isinstance(value, str) or not value:
                return "a code"
            return (
                None
                if not definition.values or value in definition.values
                else "one of " + ", ".join(definition.values)
            )


def _is_list_of_numbers(value: object) -> bool:
    return (
        isinstance(value, tuple)
        and bool(value)
        and all(isinstance(item, int | float) and not isinstance(item, bool) for item in value)
    )


def _test_case_issues(guideline: Guideline, dictionary: FactDictionary) -> Iterator[GuidelineIssue]:
    proven = {vector.expect.value for vector in guideline.tests}
    for outcome in Tri:
        if outcome.value not in proven:
            yield GuidelineIssue(
                ("tests",), f"no vector comes out {outcome}", "at least one each for met, not_met and unknown"
            )
    used = facts_used(guideline)
    for position, vector in enumerate(guideline.tests):
        given = [("facts", fact, value) for fact, value in vector.facts.items()]
        for key, fact, value in (*given, *(("against", fact, value) for fact, value in vector.against.items())):
            path: KeyPath = ("tests", position, key, fact)
            definition = dictionary.by_id.get(fact)
            if fact not in used or definition is None:
                yield GuidelineIssue(path, "the guideline does not use this fact", _closest(fact, used))
            elif not TYPE_CHECKS[definition.type][0](value):
                yield GuidelineIssue(path, f"got {value!r}", _written_value(definition))


def _written_value(definition: FactDefinition) -> str:
    """The way an author writes a value of this fact."""
    if definition.type is FactType.BOOL:
        return "true or false, without quotes"
    if definition.type is FactType.NUMBER:
        return f"a number in {definition.unit}, without its unit" if definition.unit else "a number"
    if definition.type is FactType.DATE:
        return TYPE_CHECKS[FactType.DATE][1]
    if definition.type is FactType.CODES:
        return 'a list of codes, such as ["I50.9"]'
    return "one of " + ", ".join(definition.values) if definition.values else 'one code in quotes, such as "E0570"'


def _source_issues(guideline: Guideline) -> Iterator[GuidelineIssue]:
    source = guideline.source
    if guideline.auto_approve and source.verification is not Verification.FULL_TEXT:
        problem = f"approval by rule with a source read as {source.verification}"
        yield GuidelineIssue(("auto_approve",), problem, "false until the full text was read (verification: full_text)")
    if guideline.auto_approve and source.under_reconsideration:
        problem = "approval by rule under a determination that is being reconsidered"
        yield GuidelineIssue(("auto_approve",), problem, "false until the new determination was read")
    if guideline.auto_approve and source.confidence not in (None, Confidence.CONFIRMED):
        problem = f"approval by rule with conditions marked {source.confidence}"
        yield GuidelineIssue(
            ("auto_approve",), problem, "false until they are confirmed (source.confidence: confirmed)"
        )
    if guideline.effective_to is not None and guideline.effective_to < guideline.effective_from:
        yield GuidelineIssue(("effective_to",), "lies before effective_from", "the last day of service it governs")
    for key in ("states", "except_states"):
        for position, state in enumerate(getattr(source, key)):
            if re.fullmatch(r"[A-Z]{2}", state) is None:
                yield GuidelineIssue(("source", key, position), f"got {state!r}", "a state in two capital letters")


def _related_rule_issues(guideline: Guideline) -> Iterator[GuidelineIssue]:
    """Issues of a guideline's relation to other rules: why a plan needs its own, and which rule it continues."""
    source, about = guideline.source, guideline.applies_to
    if guideline.precedence is Precedence.PLAN and not source.gap:
        expected = "what national, statutory and local rules leave open (42 CFR 422.101(b)(6))"
        yield GuidelineIssue(("source", "gap"), "a plan's own rule does not say why it is needed", expected)
    if source.verification in _HALF_READ and not source.second_reading:
        problem = f"a source read as {source.verification} does not say what has to be read again"
        yield GuidelineIssue(("source", "second_reading"), problem, "the passages that were not read")
    if guideline.continues is not None:
        going_on = {CertificationType.RENEWAL, CertificationType.EXTENSION}
        limited = bool(about.certifications) and set(about.certifications) <= going_on
        if not limited and not about.modifiers:
            problem = f"continues {guideline.continues}, but is not limited to what is continued"
            expected = "renewal, extension, or both; or the modifiers of a replacement"
            yield GuidelineIssue(("applies_to", "certifications"), problem, expected)


def _people_only_issues(about: AppliesTo) -> Iterator[GuidelineIssue]:
    """Codes left to people that the guideline is not about: a typing error would let a rule approve them."""
    named = (*about.hcpcs, *about.icd10pcs, *about.icd10pcs_prefix)
    for position, beginning in enumerate(about.people_only):
        if not any(code.startswith(beginning) or beginning.startswith(code) for code in named):
            problem = f"{beginning} is no code of this guideline"
            expected = _closest(
                beginning, named, "one of its hcpcs, icd10pcs or icd10pcs_prefix, or a beginning of one"
            )
            yield GuidelineIssue(("applies_to", "people_only", position), problem, expected)


def _certified_time_issues(guideline: Guideline) -> Iterator[GuidelineIssue]:
    for position, bound in enumerate(guideline.certifies):
        if bound.branch is not None and bound.branch not in guideline.nodes:
            path: KeyPath = ("certifies", position, "branch")
            yield GuidelineIssue(path, f"no node has the id {bound.branch}", _closest(bound.branch, guideline.nodes))


def _ask_first_issues(guideline: Guideline) -> Iterator[GuidelineIssue]:
    """Names in the order of questions that are no node, and diagnoses that cannot be the beginning of an ICD-10-CM code."""
    for position, first in enumerate(guideline.ask_first):
        if first.node not in guideline.nodes:
            expected = _closest(first.node, guideline.nodes)
            yield GuidelineIssue(("ask_first", position, "node"), f"no node has the id {first.node}", expected)
        for place, code in enumerate(first.diagnoses):
            if _ICD10CM_BEGINNING.fullmatch(code) is None:
                path = ("ask_first", position, "diagnoses", place)
                yield GuidelineIssue(path, f"got {code!r}", "the beginning of an ICD-10-CM code, such as I25.2")


def _closest(name: str, known: Iterable[str], otherwise: str = "one that exists") -> str:
    likely = difflib.get_close_matches(name, list(known), n=1)
    return f"{likely[0]} (did you mean that?)" if likely else otherwise
