"""A guideline stated in plain words, for people who ask for it: its source and scope in rows, its rule as lines of a tree.

The pages of docs/criteria and the page that reads criteria out on request are both made from this.
"""

from __future__ import annotations

from collections.abc import Iterator

from domain.criteria.compilation import compile_guideline
from domain.criteria.model import CriteriaNode, Guideline, NodeKind
from domain.criteria.trace import Criterion
from domain.criteria.wording import requirement_words
from domain.evidence.facts import EvidenceTier, FactDictionary
from domain.model import Model

_GROUPS = {
    NodeKind.ALL: "all of these",
    NodeKind.ANY: "at least one of these",
    NodeKind.NONE: "none of these",
    NodeKind.PREFER: "by the first of these tests that was done",
}
_PRECEDENCE = {
    "ncd": "national coverage determination",
    "statute": "statute or regulation",
    "lcd": "local coverage determination",
    "plan": "the plan's own rule",
}


class RuleLine(Model):
    """A criterion as one line. `depth` counts from 0. A leaf has `asks`, a group `group` ('all of these'), and a repeated
    criterion `same_as`, the id under which it stands already."""

    depth: int
    node_id: str = ""
    text: str
    citation: str = ""
    asks: str = ""
    group: str = ""
    same_as: str = ""


class ScopeRow(Model):
    """A row about a guideline: its name, and its words."""

    name: str
    words: str


class CriteriaText(Model):
    """A guideline in plain words. `source_url` is where its public source stands; `takes_place_of` and `requires` are ids."""

    guideline_id: str
    title: str
    version: str
    source: str
    source_url: str | None
    scope: tuple[ScopeRow, ...]
    lines: tuple[RuleLine, ...]
    remarks: tuple[str, ...]
    takes_place_of: str | None
    requires: tuple[str, ...]
    readings: tuple[tuple[str, str, str], ...]


def confidence_words(guideline: Guideline) -> str:
    """The confidence in the reading of the source: 'confirmed', 'unsure', 'known, under reconsideration'."""
    words = guideline.source.confidence.value if guideline.source.confidence else "not said"
    return f"{words}, under reconsideration" if guideline.source.under_reconsideration else words


def scope_rows(guideline: Guideline) -> Iterator[ScopeRow]:
    """The rows about a guideline: its source is before them, and stands in `guideline.source`."""
    source, audience = guideline.source, guideline.applies_to
    yield ScopeRow(name="Kind", words=f"{_PRECEDENCE[guideline.precedence.value]}; version {guideline.version}")
    until = f" until {guideline.effective_to}" if guideline.effective_to else ""
    yield ScopeRow(name="In force", words=f"for services from {guideline.effective_from}{until}")
    yield ScopeRow(name="Read", words=source.verification.value.replace("_", " "))
    yield ScopeRow(name="Confidence", words=confidence_words(guideline))
    if source.second_reading:
        yield ScopeRow(name="To be read again", words=source.second_reading)
    why = guideline.why_not_by_rule
    yield ScopeRow(name="Approved by rule", words="may be" if why is None else f"never: {why}")
    ages = f"{audience.ages[0]} to {audience.ages[1]}" if audience.ages else "not said"
    lobs = ", ".join(lob.value.replace("_", " ") for lob in audience.lobs) or "not said"
    yield ScopeRow(name="For whom", words=f"{lobs}; ages {ages}; setting: {audience.setting or 'not said'}")
    yield ScopeRow(name="For what", words=service_words(guideline))
    if source.except_states:
        where = ", ".join(source.except_states)
        yield ScopeRow(name="Not used in", words=f"{where}, whose law names the criteria that have to be used")
    if audience.people_only:
        codes = ", ".join(audience.people_only)
        yield ScopeRow(name="By people alone", words=f"the codes {codes} and what begins with them")
    for bound in guideline.certifies:
        of = f" (by way of {bound.branch})" if bound.branch else ""
        cite = f" ({bound.cite})" if bound.cite else ""
        open_end = "" if bound.binds_open_end else " where a last day is asked for"
        words = f"{bound.days} days{of}{open_end}, because {bound.because}{cite}"
        yield ScopeRow(name="Longest time of one approval", words=words)


def service_words(guideline: Guideline) -> str:
    """The services that a guideline is for, by the lists that name them."""
    about = guideline.applies_to
    if about.every_service:
        return "every service"
    lists = {
        "HCPCS": about.hcpcs,
        "ICD-10-PCS": (*about.icd10pcs, *(f"{prefix}..." for prefix in about.icd10pcs_prefix)),
        "service group": about.service_group,
        "level of care": about.level_of_care,
        "when it is a": tuple(kind.value for kind in about.certifications),
        "with the modifier": about.modifiers,
    }
    return "; ".join(f"{name} {', '.join(codes)}" for name, codes in lists.items() if codes)


def rule_lines(guideline: Guideline, dictionary: FactDictionary) -> tuple[RuleLine, ...]:
    """The rule as lines, each criterion below the group that it belongs to."""
    criteria = {step.criterion.id: step.criterion for step in compile_guideline(guideline, dictionary).steps}
    return tuple(_lines(guideline, guideline.logic, criteria, dictionary, 0))


def _lines(
    guideline: Guideline, node: CriteriaNode, criteria: dict[str, Criterion], dictionary: FactDictionary, depth: int
) -> Iterator[RuleLine]:
    if node.ref is not None:
        yield RuleLine(depth=depth, text=guideline.target(node).text, same_as=node.ref)
        return
    assert node.id is not None
    shared = {"depth": depth, "node_id": node.id, "text": node.text, "citation": node.cite or ""}
    if node.fact is not None:
        definition = dictionary.by_id[node.fact]
        asks = requirement_words(criteria[node.id], definition.label, True)
        judged = ", which only a clinician can say" if definition.evidence is EvidenceTier.JUDGMENT else ""
        gap = f", and between {node.gray[0]} and {node.gray[1]} a person looks" if node.gray else ""
        yield RuleLine.model_validate(shared | {"asks": f"{asks}{judged}{gap}"})
        return
    group = _GROUPS.get(node.kind) or f"at least {node.at_least.n if node.at_least else 1} of these"
    yield RuleLine.model_validate(shared | {"group": group})
    for child in node.children:
        yield from _lines(guideline, child, criteria, dictionary, depth + 1)


def remarks(guideline: Guideline) -> tuple[str, ...]:
    """The remarks on a guideline: the effects of its flags, and its notes."""
    return (*(flag.effect for flag in guideline.flags), *guideline.notes)


def state_guideline(guideline: Guideline, dictionary: FactDictionary) -> CriteriaText:
    """The guideline as it is told to whoever asks for it."""
    return CriteriaText(
        guideline_id=guideline.id,
        title=guideline.title,
        version=guideline.version,
        source=guideline.source.cite,
        source_url=guideline.source.url,
        scope=tuple(scope_rows(guideline)),
        lines=rule_lines(guideline, dictionary),
        remarks=remarks(guideline),
        takes_place_of=guideline.continues,
        requires=tuple(guideline.requires),
        readings=tuple((one.source, str(one.read_on), one.result) for one in guideline.readings),
    )
