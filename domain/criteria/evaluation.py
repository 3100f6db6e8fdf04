"""Evaluation of guidelines: three-valued, complete, explained.

`evaluate` walks the whole tree (without short cuts, so that the trace is full), leaves every doubt unknown, and
returns a criteria result that proposes and never decides. It is pure: the same guideline, dictionary, facts and day give
the same result. A software-made fact can never answer a judgment leaf. The module is also the public interface of the
criteria engine: import from here.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from domain.criteria.compilation import (
    MET,
    NOT_MET,
    TRI_BY_NUMBER,
    UNKNOWN,
    CompiledGuideline,
    CompiledLeaf,
    CompiledNode,
    GuidelineNotUsable,
    compile_guideline,
)
from domain.criteria.dated_tests import days_between, prefer_better_test
from domain.criteria.deciding_leaves import DecidingLeaves, find_deciding_leaves
from domain.criteria.missing_facts import missing_groups
from domain.criteria.model import (
    AppliesTo,
    AtLeast,
    CareSetting,
    CertifiedTime,
    CriteriaNode,
    Guideline,
    GuidelineFlag,
    GuidelineSource,
    GuidelineTestCase,
    NodeKind,
    Op,
    Precedence,
    Verification,
)
from domain.criteria.reason_drafts import ReasonFinding, ReasonParts, draft_reason
from domain.criteria.selection import (
    GuidelineSelection,
    LineCodes,
    SetAsideGuideline,
    is_about_service,
    select_guidelines,
)
from domain.criteria.trace import (
    AskedOf,
    CriteriaResult,
    CriteriaResultState,
    CriteriaResultSummary,
    Criterion,
    FactGroup,
    FactNeed,
    NeedRule,
    TraceNode,
    may_approve_by_rule,
    meets_floor,
    provider_questions,
)
from domain.evidence.fact_reading import FactGap, FactReader, FactReading, SetAsideFact
from domain.evidence.facts import Fact, FactDictionary
from domain.three_valued import Tri

__all__ = [
    "AppliesTo",
    "AskedOf",
    "AtLeast",
    "CareSetting",
    "CertifiedTime",
    "Criterion",
    "FactGroup",
    "FactReader",
    "FactNeed",
    "GuidelineFlag",
    "FactGap",
    "Guideline",
    "GuidelineNotUsable",
    "LineCodes",
    "NeedRule",
    "CriteriaNode",
    "NodeKind",
    "Op",
    "Precedence",
    "CompiledGuideline",
    "FactReading",
    "ReasonFinding",
    "ReasonParts",
    "GuidelineSelection",
    "SetAsideFact",
    "SetAsideGuideline",
    "GuidelineSource",
    "TraceNode",
    "Tri",
    "GuidelineTestCase",
    "CriteriaResult",
    "CriteriaResultState",
    "CriteriaResultSummary",
    "Verification",
    "is_about_service",
    "compile_guideline",
    "evaluate",
    "provider_questions",
    "may_approve_by_rule",
    "meets_floor",
    "compiled_guideline",
    "draft_reason",
    "evaluate_compiled",
    "select_guidelines",
]

_compiled: dict[tuple[str, str], CompiledGuideline] = {}
_CACHE_SIZE = 512


def evaluate(
    guideline: Guideline,
    dictionary: FactDictionary,
    facts: Iterable[Fact],
    as_of: date,
    codes: LineCodes | None = None,
) -> CriteriaResult:
    """Evaluate a guideline for one service line, on the calendar day `as_of` (in the case's zone).

    With `codes`, first check whether the guideline is about the service; if not, the result is
    `not_applicable`. Facts that the guideline does not use are ignored. No fact, however malformed, raises: it leaves
    its leaves unknown. Raises GuidelineNotUsable when guideline and dictionary do not fit.
    """
    program = compiled_guideline(guideline, dictionary)
    if codes is not None and not is_about_service(guideline, codes):
        return _criteria_result(program, CriteriaResultState.NOT_APPLICABLE, None, (), DecidingLeaves(), ())
    return evaluate_compiled(program, facts, as_of)


def compiled_guideline(guideline: Guideline, dictionary: FactDictionary) -> CompiledGuideline:
    """The compiled guideline, cached by content. Raises GuidelineNotUsable."""
    key = (guideline.content_hash, dictionary.content_hash)
    program = _compiled.get(key)
    if program is None:
        program = compile_guideline(guideline, dictionary)
        if len(_compiled) >= _CACHE_SIZE:
            _compiled.clear()
        _compiled[key] = program
    return program


def evaluate_compiled(program: CompiledGuideline, facts: Iterable[Fact], as_of: date) -> CriteriaResult:
    """Evaluate a compiled guideline; see `evaluate`."""
    readings, seen = _read_facts(program, facts, as_of)
    states: list[int] = []
    traces: list[TraceNode] = []
    for step in program.steps:
        if not step.reads & seen:
            states.append(UNKNOWN)
            traces.append(step.unread)
            continue
        if step.leaf is not None:
            state, trace = _evaluate_leaf(step.leaf, readings[step.leaf.slot])
        elif step.combine is None:
            state, trace = prefer_better_test(step.criterion, step.pick(traces))
        else:
            state = step.combine(step.pick(states))
            children = _child_traces(program, step, states, traces) if step.has_refs else step.pick(traces)
            trace = TraceNode(step.criterion, TRI_BY_NUMBER[state], children)
        states.append(state)
        traces.append(trace)
    flags = tuple(effect for leaf, effect in program.flags if _evaluate_leaf(leaf, readings[leaf.slot])[0] == MET)
    missing = missing_groups(program, states, traces, readings)
    decided = find_deciding_leaves(program, states, readings)
    return _criteria_result(program, _RESULT_STATES[states[-1]], traces[-1], missing, decided, flags)


_RESULT_STATES = (CriteriaResultState.NOT_MET, CriteriaResultState.UNKNOWN, CriteriaResultState.MET)
_TRI_NOT_MET, _TRI_UNKNOWN, _TRI_MET = TRI_BY_NUMBER
_MISSING, _GRAY_ZONE = FactGap.MISSING, FactGap.GRAY_ZONE


def _read_facts(program: CompiledGuideline, facts: Iterable[Fact], as_of: date) -> tuple[list[FactReading], int]:
    """The reading of every slot, and the slots of which a fact was seen, one bit each."""
    seen: dict[int, list[Fact]] = {}
    for fact in facts:
        slot = program.slots.get(fact.id)
        if slot is not None:
            seen.setdefault(slot, []).append(fact)
    readings = list(program.unread)
    bits = 0
    for slot, found in seen.items():
        bits |= 1 << slot
        readings[slot] = program.readers[slot].read(found, as_of)
    for slot, later, earlier in program.spans:
        readings[slot] = days_between(readings[later], readings[earlier])
    return readings, bits


def _evaluate_leaf(leaf: CompiledLeaf, reading: FactReading) -> tuple[int, TraceNode]:
    gap = reading.gap
    if gap is _MISSING:
        return UNKNOWN, leaf.when_missing
    if gap is not None:
        return UNKNOWN, TraceNode(leaf.criterion, _TRI_UNKNOWN, (), reading, gap)
    value = reading.seen.value  # type: ignore[union-attr]
    if leaf.gray is not None and leaf.gray[0] < value < leaf.gray[1]:  # type: ignore[operator]
        return UNKNOWN, TraceNode(leaf.criterion, _TRI_UNKNOWN, (), reading, _GRAY_ZONE)
    if leaf.passes(value):
        return MET, TraceNode(leaf.criterion, _TRI_MET, (), reading)
    return NOT_MET, TraceNode(leaf.criterion, _TRI_NOT_MET, (), reading)


def _child_traces(
    program: CompiledGuideline, step: CompiledNode, states: list[int], traces: list[TraceNode]
) -> tuple[TraceNode, ...]:
    return tuple(
        program.steps[child].as_ref[states[child]] if by_ref else traces[child]
        for child, by_ref in zip(step.children, step.by_ref, strict=True)
    )


def _criteria_result(
    program: CompiledGuideline,
    state: CriteriaResultState,
    trace: TraceNode | None,
    missing: tuple[FactGroup, ...],
    decided: DecidingLeaves,
    flags: tuple[str, ...],
) -> CriteriaResult:
    guideline = program.guideline
    return CriteriaResult.model_construct(
        guideline_id=guideline.id,
        version=guideline.version,
        content_hash=guideline.content_hash,
        dictionary_hash=program.dictionary_hash,
        citation=guideline.source.cite,
        title=guideline.title,
        auto_approve=program.approves_by_rule,
        state=state,
        trace=trace,
        decided_by=decided.leaves,
        missing=missing,
        evidence_floor=decided.evidence_floor,
        floor_held=decided.floor_held,
        flags=flags,
        questions=None,  # a default that is not given is looked up anew for each result
    )
