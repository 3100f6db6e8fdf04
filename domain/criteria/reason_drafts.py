"""Drafts of the reasons for a criteria result: the deciding criteria, the evidence and its source, and what would change it.

The draft feeds the nurse's screen and the reviewer's structured reason. It proposes wording and decides nothing; the
clinician who signs replaces or confirms it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from domain.criteria.model import NodeKind
from domain.criteria.trace import CriteriaResult, CriteriaResultState, TraceNode
from domain.criteria.wording import date_words, record_words, requirement_words, source_words
from domain.evidence.facts import EvidenceTier
from domain.model import Model
from domain.three_valued import Tri


class ReasonFinding(Model):
    """One deciding criterion. `branch` is the alternative it belongs to, when the rule offers several.

    `asked` follows "the rule asks", `seen` follows "the record says that"; `finding` is both as sentences.
    """

    criterion_id: str
    criterion: str
    branch: str | None
    asked: str
    seen: str
    finding: str
    source: str | None
    reference: str | None
    effective: date | None
    evidence: EvidenceTier | None
    citation: str


class ReasonParts(Model):
    """The parts of a reason. `gap` and `what_would_change` are empty unless the result is not met.

    `records` are the references of everything the findings rest on, each once.
    """

    rule: str
    rule_version: str
    rule_citation: str
    findings: tuple[ReasonFinding, ...]
    records: tuple[str, ...]
    gap: tuple[str, ...]
    what_would_change: tuple[str, ...]


def draft_reason(verdict: CriteriaResult) -> ReasonParts:
    """Draft the reason parts of a met or not met result; without findings for an unknown or not applicable result."""
    findings: tuple[ReasonFinding, ...] = ()
    if verdict.trace is not None and verdict.state in (CriteriaResultState.MET, CriteriaResultState.NOT_MET):
        found = _DecidingLeafWalk(verdict).found()
        findings = tuple(_finding(verdict, *parts) for parts in found)
    is_not_met = verdict.state is CriteriaResultState.NOT_MET
    return ReasonParts(
        rule=verdict.title,
        rule_version=verdict.version,
        rule_citation=verdict.citation,
        findings=findings,
        records=tuple(dict.fromkeys(found.reference for found in findings if found.reference is not None)),
        gap=tuple(found.finding for found in findings) if is_not_met else (),
        what_would_change=tuple(_what_would_change(found) for found in findings) if is_not_met else (),
    )


class _DecidingLeafWalk:
    """Walks a trace along the nodes that contribute to its state; refs are followed to the node they name."""

    def __init__(self, verdict: CriteriaResult) -> None:
        assert verdict.trace is not None
        self._root = verdict.trace
        self._fulfilled = verdict.state is CriteriaResultState.MET
        self._skips_excluded = False
        self._decided_by = frozenset(verdict.decided_by)
        self._by_id = {node.criterion.id: node for node in self._root.walk() if node.criterion.kind is not NodeKind.REF}

    def found(self) -> tuple[tuple[TraceNode, bool, str | None], ...]:
        """(leaf, whether the rule wants it met, branch), each leaf once for each wanted outcome, in document order.

        An alternative that is left out because another one holds ("neither of the groups above") is no reason to refuse where
        there is any other.
        """
        return self._first_of_each(skips_excluded=True) or self._first_of_each(skips_excluded=False)

    def _first_of_each(self, *, skips_excluded: bool) -> tuple[tuple[TraceNode, bool, str | None], ...]:
        self._skips_excluded = skips_excluded and not self._fulfilled
        first: dict[tuple[str, bool], tuple[TraceNode, bool, str | None]] = {}
        for leaf, wants_met, branch in self._walk(self._root, True, None):
            first.setdefault((leaf.criterion.id, wants_met), (leaf, wants_met, branch))
        return tuple(first.values())

    def _walk(
        self, node: TraceNode, wants_met: bool, branch: str | None
    ) -> Iterator[tuple[TraceNode, bool, str | None]]:
        node = self._by_id[node.criterion.id]
        is_as_wanted = node.state is (Tri.MET if wants_met else Tri.NOT_MET)
        if node.state is Tri.UNKNOWN or is_as_wanted is not self._fulfilled:
            return
        if node.criterion.kind is NodeKind.LEAF:
            if node.criterion.id in self._decided_by:
                yield node, wants_met, branch
            return
        child_wants_met = wants_met != (node.criterion.kind is NodeKind.NONE)
        for child in node.children:
            if self._skips_excluded and not child_wants_met and child.criterion.kind is NodeKind.REF:
                continue
            target = self._by_id[child.criterion.id]
            inner = target.criterion.text or branch if _offers_branches(node, wants_met) and target.children else branch
            yield from self._walk(target, child_wants_met, inner)


def _offers_branches(node: TraceNode, wants_met: bool) -> bool:
    """Whether the children of a group are alternatives: one or some of them would do."""
    if node.criterion.kind is NodeKind.AT_LEAST:
        return True
    return wants_met is (node.criterion.kind is NodeKind.ANY)


def _finding(verdict: CriteriaResult, leaf: TraceNode, wants_met: bool, branch: str | None) -> ReasonFinding:
    criterion, reading = leaf.criterion, leaf.reading
    assert reading is not None and reading.seen is not None
    label = criterion.label or criterion.text or criterion.id
    asked, seen = requirement_words(criterion, label, wants_met), record_words(criterion, reading)
    fact = reading.seen
    when = f" of {date_words(fact.effective)}" if fact.effective is not None else ""
    return ReasonFinding(
        criterion_id=criterion.id,
        criterion=criterion.text or label,
        branch=branch,
        asked=asked,
        seen=seen,
        finding=f"The rule asks {asked}. The record{when} says that {seen}.",
        source=source_words(fact.source, fact.effective),
        reference=fact.source.reference,
        effective=fact.effective,
        evidence=reading.evidence,
        citation=criterion.cite or verdict.citation,
    )


def _what_would_change(found: ReasonFinding) -> str:
    words = f"A record showing {found.asked.removeprefix('for ')}."
    return words if found.branch is None else f"{words} It counts towards: {found.branch}."
