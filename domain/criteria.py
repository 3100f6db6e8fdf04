"""Evaluating a guideline: three-valued, complete, explained.

`evaluate` walks the whole tree (nothing is cut short, so that the trace is full), leaves every doubt unknown, and
returns a verdict that proposes and never decides. It is pure: the same guideline, dictionary, facts and day give the
same verdict. A software-made fact can never answer a judgment leaf. The module also stands for the criteria engine
as a whole: import from here.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from domain.criteria_compile import (
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
from domain.criteria_deciding import Deciding, deciding
from domain.criteria_missing import missing_groups
from domain.criteria_model import (
    AppliesTo,
    AtLeast,
    Flag,
    Guideline,
    Node,
    NodeKind,
    Op,
    Precedence,
    Source,
    Tri,
    Vector,
    Verification,
)
from domain.criteria_selection import LineCodes, Selection, SetAsideGuideline, applies, select_guidelines
from domain.criteria_trace import (
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
from domain.fact_reading import Gap, Reading, SetAside, read_fact
from domain.facts import Fact, FactDictionary

__all__ = [
    "AppliesTo",
    "AskedOf",
    "AtLeast",
    "Criterion",
    "FactGroup",
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
            trace = _leaf(step.leaf, readings[step.leaf.slot])
            states.append(_NUMBER[trace.state])
        else:
            combined = _combine(step, [states[child] for child in step.children])
            states.append(combined)
            trace = TraceNode(step.criterion, TRI[combined], _children(program, step, states, traces))
        traces.append(trace)
    flags = tuple(effect for leaf, effect in program.flags if _leaf(leaf, readings[leaf.slot]).state is Tri.MET)
    state = VerdictState(TRI[states[-1]].value)
    missing = missing_groups(program, states, traces)
    return _verdict(program, state, traces[-1], missing, deciding(program, states, readings), flags)


_NUMBER = {Tri.NOT_MET: NOT_MET, Tri.UNKNOWN: UNKNOWN, Tri.MET: MET}


def _read(program: Program, facts: Iterable[Fact], as_of: date) -> list[Reading]:
    seen: list[list[Fact]] = [[] for _ in program.definitions]
    for fact in facts:
        slot = program.slots.get(fact.id)
        if slot is not None:
            seen[slot].append(fact)
    return [read_fact(definition, found, as_of) for definition, found in zip(program.definitions, seen, strict=True)]


def _leaf(leaf: Leaf, reading: Reading) -> TraceNode:
    if reading.gap is Gap.MISSING:
        return leaf.when_missing
    criterion = leaf.when_missing.criterion
    if reading.gap is not None:
        return TraceNode(criterion, Tri.UNKNOWN, (), reading, reading.gap)
    value = reading.value
    if leaf.gray is not None and leaf.gray[0] < value < leaf.gray[1]:  # type: ignore[operator]
        return TraceNode(criterion, Tri.UNKNOWN, (), reading, Gap.GRAY_ZONE)
    return TraceNode(criterion, Tri.MET if leaf.passes(value) else Tri.NOT_MET, (), reading)


def _combine(step: Step, children: list[int]) -> int:
    """Kleene's tables: unknown stays unknown unless the known children decide whatever it turns out to be."""
    match step.kind:
        case NodeKind.ALL:
            return min(children)
        case NodeKind.ANY:
            return max(children)
        case NodeKind.NONE:
            return MET - max(children)
        case _:
            return sorted(children, reverse=True)[step.n - 1]


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
