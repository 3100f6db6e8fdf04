"""Criteria results as trees to read: state by sign and word, what was seen, where it stands, and what is nearest to met."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.criteria.nearest import find_nearest, needed_parts
from domain.criteria.trace_wording import criterion_words, seen_evidence, source_text
from web.presentation.cases.citations import Citation, CitationList

_GLYPHS = {"met": "met", "not_met": "not"}
_WORDS = {"met": "Met", "not_met": "Not met", "unknown": "Unknown", "not_applicable": "Not applicable"}
_NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_MOST_LACKING = 3
_UNSEEN = "no record says"
_TO_JUDGE = "a clinician has to judge this"


@dataclass(frozen=True)
class CriterionNode:
    """A criterion as a reader sees it. `glyph` is met, not or unk; `how` says how its parts count; `seen` is the value, `day`
    when it was true (words), `note` why nothing counts. `fold` names folded parts (empty: they are open)."""

    id: str
    words: str
    how: str
    cite: str
    glyph: str
    state: str
    seen: str
    day: str
    note: str
    source: str
    citation: Citation | None
    children: tuple[CriterionNode, ...]
    fold: str


@dataclass(frozen=True)
class CriteriaSection:
    """The criteria of one line. `nearest` is what is nearest to met, `lacking` what is missing for it; empty where met."""

    line_id: str
    code: str
    service: str
    title: str
    guideline: str
    source: str
    glyph: str
    state: str
    nearest: str
    lacking: str
    root: CriterionNode | None
    notes: tuple[str, ...]
    left_out: bool = False
    """Whether its criteria are left for a page of their own."""


def build_section(
    line_id: str,
    code: str,
    service: str,
    verdict: Mapping[str, Any],
    titles: Mapping[str, str],
    citations: CitationList,
) -> CriteriaSection:
    """The section of a stored criteria result. `titles` are those of the case's documents by content hash; the citations are
    numbered in the order of the tree."""
    root = verdict["trace"]
    near, lacking = ("", "") if root is None else _nearest(root)
    builder = _TreeBuilder(titles, citations, frozenset(_to_judge(verdict)), _open_path(root))
    return CriteriaSection(
        line_id=line_id,
        code=code,
        service=service,
        title=verdict["title"],
        guideline=f"{verdict['guideline_id']} {verdict['version']}",
        source=verdict["citation"],
        glyph=_GLYPHS.get(verdict["state"], "unk"),
        state=_WORDS[verdict["state"]],
        nearest=near,
        lacking=lacking,
        root=builder.build(root) if root is not None else None,
        notes=tuple(verdict["flags"]),
    )


@dataclass(frozen=True)
class _TreeBuilder:
    titles: Mapping[str, str]
    citations: CitationList
    to_judge: frozenset[str]
    open_path: tuple[Mapping[str, Any], ...]

    def build(self, node: Mapping[str, Any]) -> CriterionNode:
        criterion, seen = node["criterion"], seen_evidence(node)
        words, how = criterion_words(node)
        is_open = any(one is node for one in self.open_path)
        ordered = sorted(node["children"], key=lambda child: not self._leads(node, child))
        judged = node["state"] == "unknown" and criterion["id"] in self.to_judge
        source = seen.source if seen is not None else None
        missing = seen is not None and not seen.value and node["gap"] in (None, "missing")
        note = _TO_JUDGE if judged else _UNSEEN if missing else seen.gap if seen is not None else ""
        return CriterionNode(
            id=criterion["id"],
            words=words,
            how=how,
            cite=criterion["cite"] or "",
            glyph=_GLYPHS.get(node["state"], "unk"),
            state="Judgment" if judged else _WORDS[node["state"]],
            seen=seen.value if seen is not None else "",
            day=_day_words(seen.effective) if seen is not None else "",
            note=note,
            source=self._source_words(source) if source is not None else "",
            citation=self._cite(criterion["id"], node, source),
            children=tuple(self.build(child) for child in ordered),
            fold="" if is_open or not node["children"] else _fold_words(node["children"]),
        )

    def _leads(self, node: Mapping[str, Any], child: Mapping[str, Any]) -> bool:
        """Whether the child stands first: of alternatives the one that is nearest."""
        is_choice = needed_parts(node) == 1 and node["criterion"]["kind"] != "none"
        return is_choice and any(one is child for one in self.open_path)

    def _source_words(self, source: Mapping[str, Any]) -> str:
        title = self.titles.get(source["reference"]) if source["kind"] == "document" else None
        if title is None:
            return source_text(source, self.titles)
        return f"{title}, p. {source['page']}" if source.get("page") else title

    def _cite(self, criterion_id: str, node: Mapping[str, Any], source: Mapping[str, Any] | None) -> Citation | None:
        if source is None or source["kind"] != "document" or source["reference"] not in self.titles:
            return None
        seen = node["reading"]["seen"]
        return self.citations.cite(criterion_id, source, seen["value"], seen["unit"])


def _open_path(root: Mapping[str, Any] | None) -> tuple[Mapping[str, Any], ...]:
    """The nodes whose parts are shown open: down to what is nearest to met, or to what makes it met."""
    if root is None:
        return ()
    near = find_nearest(root)
    target = near.node if near is not None else _deciding(root)
    return _path_to(root, target) or (root,)


def _deciding(node: Mapping[str, Any]) -> Mapping[str, Any]:
    while node["children"] and needed_parts(node) == 1:
        met = next((child for child in node["children"] if child["state"] == "met"), None)
        if met is None:
            break
        node = met
    return node


def _path_to(node: Mapping[str, Any], target: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    if node is target:
        return (node,)
    for child in node["children"]:
        found = _path_to(child, target)
        if found:
            return (node, *found)
    return ()


def _nearest(root: Mapping[str, Any]) -> tuple[str, str]:
    near = find_nearest(root)
    if near is None:
        return "", ""
    name = near.node["criterion"]["id"]
    counted = f", {_number(near.held)} of {_number(near.needed)} hold" if near.needed > 1 else ""
    said = "; ".join(_lack_words(leaf) for leaf in near.missing[:_MOST_LACKING])
    more = f"; and {len(near.missing) - _MOST_LACKING} more" if len(near.missing) > _MOST_LACKING else ""
    return f"Nearest to met: {name}{counted}.", f"Missing: {said}{more}." if said else ""


def _lack_words(leaf: Mapping[str, Any]) -> str:
    words, _ = criterion_words(leaf)
    seen = seen_evidence(leaf)
    found = f"the records say {seen.value}" if seen is not None and seen.value else _UNSEEN
    return f"{leaf['criterion']['id']}, {words[:1].lower()}{words[1:]} ({found})"


def _number(count: int) -> str:
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)


def _fold_words(children: tuple[Mapping[str, Any], ...] | list[Mapping[str, Any]]) -> str:
    unknown = sum(child["state"] == "unknown" for child in children)
    parts = f"{len(children)} part{'' if len(children) == 1 else 's'}"
    return f"{parts}, {unknown} unknown" if unknown else parts


def _day_words(iso: str) -> str:
    if not iso:
        return ""
    day = date.fromisoformat(iso)
    return f"{day:%b} {day.day}, {day.year}"


def _to_judge(verdict: Mapping[str, Any]) -> Iterator[str]:
    """The criteria that only a clinician can answer and that still matter."""
    waiting = list(verdict.get("missing") or ())
    while waiting:
        item = waiting.pop()
        waiting.extend(item.get("items") or ())
        if item.get("asked_of") == "clinician":
            yield item["criterion"]
