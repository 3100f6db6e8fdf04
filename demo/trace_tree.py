"""A criteria trace as a readable tree: each criterion, its evidence with source and date, and the result."""

from __future__ import annotations

from datetime import date

from rich.text import Text
from rich.tree import Tree

from domain.criteria.model import NodeKind
from domain.criteria.trace import CriteriaResult, Criterion, TraceNode
from domain.criteria.wording import record_words
from domain.evidence.fact_reading import FactReading
from domain.evidence.facts import EvidenceTier
from domain.requests.request import DocumentReference
from domain.three_valued import Tri

MARKS = {Tri.MET: ("✓", "green"), Tri.NOT_MET: ("✗", "red"), Tri.UNKNOWN: ("?", "yellow")}
OPPOSITE = {Tri.MET: Tri.NOT_MET, Tri.NOT_MET: Tri.MET, Tri.UNKNOWN: Tri.UNKNOWN}
GROUPS = {
    NodeKind.ALL: "all of",
    NodeKind.ANY: "one of",
    NodeKind.NONE: "none of",
    NodeKind.AT_LEAST: "at least",
    NodeKind.PREFER: "the first that was done",
}
YES_OR_NO = {"this is so": "yes", "this is not so": "no"}
TIERS = {
    EvidenceTier.STRUCTURED: "coded record",
    EvidenceTier.DOCUMENT: "document",
    EvidenceTier.ATTEST: "statement",
    EvidenceTier.JUDGMENT: "judgment",
}


def build_tree(verdict: CriteriaResult, documents: tuple[DocumentReference, ...] = ()) -> Tree:
    """The trace of a criteria result. Alternatives that a met group did not need are counted, not shown."""
    titles = {document.document_id: document.title for document in documents}
    root = Tree(Text.assemble((verdict.title, "bold"), f"  {verdict.state.value.replace('_', ' ')}"), guide_style="dim")
    if verdict.trace is not None:
        _add_node(root, verdict.trace, titles, ruled_out=False)
    return root


def _add_node(parent: Tree, node: TraceNode, titles: dict[str, str], *, ruled_out: bool) -> None:
    """Add a node. `ruled_out`: the rule requires that this node is not met, and its mark shows whether that holds."""
    branch = parent.add(_label(node, titles, ruled_out))
    shown = _shown_children(node)
    for child in shown:
        _add_node(branch, child, titles, ruled_out=ruled_out != (node.criterion.kind is NodeKind.NONE))
    hidden = len(node.children) - len(shown)
    if hidden:
        ways = "1 other way" if hidden == 1 else f"{hidden} other ways"
        branch.add(Text(f"{ways} to meet this, not needed", style="dim italic"))


def _shown_children(node: TraceNode) -> tuple[TraceNode, ...]:
    """Of the alternatives of a met group the ones that met it; otherwise everything."""
    if node.criterion.kind is NodeKind.ANY and node.state is Tri.MET:
        return tuple(child for child in node.children if child.state is Tri.MET)
    return node.children


def _label(node: TraceNode, titles: dict[str, str], ruled_out: bool) -> Text:
    mark, color = MARKS[OPPOSITE[node.state] if ruled_out else node.state]
    text = Text.assemble((f"{mark} ", f"bold {color}"), node.criterion.text or node.criterion.id)
    if node.criterion.kind in GROUPS:
        text.append(f"  ({_group(node.criterion)})", style="dim")
    elif node.reading is not None:
        text.append(
            f"\n{_evidence_text(node.criterion, node.reading, titles)}", style="cyan" if node.gap is None else "yellow"
        )
    return text


def _group(criterion: Criterion) -> str:
    words = GROUPS[criterion.kind]
    return f"{words} {criterion.n}" if criterion.n is not None else words


def _evidence_text(criterion: Criterion, reading: FactReading, titles: dict[str, str]) -> str:
    """The value with its source and date: ``86 % · Observation/spo2-rest, Nov 12, 2026 (coded record)``."""
    fact = reading.seen
    if fact is None:
        return "not in the record"
    value = YES_OR_NO.get(said := record_words(criterion, reading), said.removeprefix("it is "))
    source = titles.get(fact.source.reference, fact.source.reference)
    when = f", {_day(fact.effective)}" if fact.effective is not None else ""
    tier = f" ({TIERS[fact.evidence]})"
    doubt = f"; does not count: {reading.detail or reading.gap.value}" if reading.gap is not None else ""
    return f"{value} · {source}{when}{tier}{doubt}"


def _day(day: date) -> str:
    return f"{day:%b} {day.day}, {day.year}"
