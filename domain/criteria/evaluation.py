"""Evaluating a guideline: three-valued, complete, explained.

`evaluate` walks the whole tree (nothing is cut short, so that the trace is full), leaves every doubt unknown, and
returns a verdict that proposes and never decides. It is pure: the same guideline, dictionary, facts and day give the
same verdict. A software-made fact can never answer a judgment leaf. The module also stands for the criteria engine
as a whole: import from here.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from domain.criteria.compilation import (
    MET,
    NOT_MET,
    TRI,
    UNKNOWN,
    GuidelineNotUsable,
    Leaf,
    Program,
    Step,
    compile_guideline,
)
from domain.criteria.deciding import Deciding, deciding
from domain.criteria.missing import missing_groups
from domain.criteria.model import (
    AppliesTo,
    AtLeast,
    Flag,
    Guideline,
    Node,
    NodeKind,
    Op,
    Precedence,
    Source,
    Vector,
    Verification,
)
from domain.criteria.reasons import ReasonFinding, ReasonParts, reason_for
from domain.criteria.selection import LineCodes, Selection, SetAsideGuideline, applies, select_guidelines
from domain.criteria.trace import (
    AskedOf,
    Criterion,
    FactGroup,
    FactNeed,
    NeedRule,
    TraceNode,
    Verdict,
    VerdictState,
    VerdictSummary,
    for_provider,
    may_approve_by_rule,
    meets_floor,
)
from domain.evidence.facts import Fact, FactDictionary
from domain.evidence.reading import FactReader, Gap, Reading, SetAside
from domain.three_valued import Tri

__all__ = [
    "AppliesTo",
    "AskedOf",
    "AtLeast",
    "Criterion",
    "FactGroup",
    "FactReader",
    "FactNeed",
    "Flag",
    "Gap",
    "Guideline",
    "GuidelineNotUsable",
    "LineCodes",
    "NeedRule",
    "Node",
    "NodeKind",
    "Op",
    "Precedence",
    "Program",
    "Reading",
    "ReasonFinding",
    "ReasonParts",
    "Selection",
    "SetAside",
    "SetAsideGuideline",
    "Source",
    "TraceNode",
    "Tri",
    "Vector",
    "Verdict",
    "VerdictState",
    "VerdictSummary",
    "Verification",
    "applies",
    "compile_guideline",
    "evaluate",
    "for_provider",
    "may_approve_by_rule",
    "meets_floor",
    "program_for",
    "reason_for",
    "run",
    "select_guidelines",
]

_programs: dict[tuple[str, str], Program] = {}
_KEPT_PROGRAMS = 512


def evaluate(
    guideline: Guideline,
    dictionary: FactDictionary,
    facts: Iterable[Fact],
    as_of: date,
    codes: LineCodes | None = None,
) -> Verdict:
    """The verdict on one service line, on the calendar day `as_of` (in the case's zone).

    With `codes` the guideline is first asked whether it is about the service; if not, the verdict is
    `not_applicable`. Facts that the guideline does not use are ignored. No fact, however malformed, raises: it leaves
    its leaves unknown. Raises GuidelineNotUsable when guideline and dictionary do not fit.
    """
    program = program_for(guideline, dictionary)
    if codes is not None and not applies(guideline, codes):
        return _verdict(program, VerdictState.NOT_APPLICABLE, None, (), Deciding(), ())
    return run(program, facts, as_of)


def program_for(guideline: Guideline, dictionary: FactDictionary) -> Program:
    """The compiled guideline, kept by content. Raises GuidelineNotUsable."""
    key = (guideline.content_hash, dictionary.content_hash)
    program = _programs.get(key)
    if program is None:
        program = compile_guideline(guideline, dictionary)
        if len(_programs) >= _KEPT_PROGRAMS:
            _programs.clear()
        _programs[key] = program
    return program


def run(program: Program, facts: Iterable[Fact], as_of: date) -> Verdict:
    """Evaluate a compiled guideline; see `evaluate`."""
    readings = _read(program, facts, as_of)
    states: list[int] = []
    traces: list[TraceNode] = []
    for step in program.steps:
        if step.leaf is not None:
            state, trace = _leaf(step.leaf, readings[step.leaf.slot])
        else:
            state = step.combine(step.pick(states))
            children = _children(program, step, states, traces) if step.has_refs else step.pick(traces)
            trace = TraceNode(step.criterion, TRI[state], children)
        states.append(state)
        traces.append(trace)
    flags = tuple(effect for leaf, effect in program.flags if _leaf(leaf, readings[leaf.slot])[0] == MET)
    missing = missing_groups(program, states, traces)
    decided = deciding(program, states, readings)
    return _verdict(program, _VERDICT[states[-1]], traces[-1], missing, decided, flags)


_VERDICT = (VerdictState.NOT_MET, VerdictState.UNKNOWN, VerdictState.MET)
_TRI_NOT_MET, _TRI_UNKNOWN, _TRI_MET = TRI
_MISSING, _GRAY_ZONE = Gap.MISSING, Gap.GRAY_ZONE


def _read(program: Program, facts: Iterable[Fact], as_of: date) -> list[Reading]:
    seen: dict[int, list[Fact]] = {}
    for fact in facts:
        slot = program.slots.get(fact.id)
        if slot is not None:
            seen.setdefault(slot, []).append(fact)
    readings = list(program.unread)
    for slot, found in seen.items():
        readings[slot] = program.readers[slot].read(found, as_of)
    return readings


def _leaf(leaf: Leaf, reading: Reading) -> tuple[int, TraceNode]:
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


def _children(program: Program, step: Step, states: list[int], traces: list[TraceNode]) -> tuple[TraceNode, ...]:
    return tuple(
        program.steps[child].as_ref[states[child]] if by_ref else traces[child]
        for child, by_ref in zip(step.children, step.by_ref, strict=True)
    )


def _verdict(
    program: Program,
    state: VerdictState,
    trace: TraceNode | None,
    missing: tuple[FactGroup, ...],
    decided: Deciding,
    flags: tuple[str, ...],
) -> Verdict:
    guideline = program.guideline
    return Verdict.model_construct(
        guideline_id=guideline.id,
        version=guideline.version,
        content_hash=guideline.content_hash,
        dictionary_hash=program.dictionary_hash,
        citation=guideline.source.cite,
        title=guideline.title,
        auto_approve=guideline.auto_approve,
        state=state,
        trace=trace,
        decided_by=decided.leaves,
        missing=missing,
        evidence_floor=decided.evidence_floor,
        floor_held=decided.floor_held,
        flags=flags,
    )
