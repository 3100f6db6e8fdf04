"""Pages of the shipped criteria, one for each guideline and an index: `python docs/write_criteria_pages.py`.

Writes docs/criteria/*.md, but for the changelog, which people write. A test compares the files with what this would write.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from domain.cited_value import SourceReading
from domain.criteria.compilation import compile_guideline
from domain.criteria.model import CriteriaNode, Guideline, GuidelineTestCase, NodeKind
from domain.criteria.trace import Criterion
from domain.criteria.wording import requirement_words
from domain.evidence.facts import EvidenceTier, FactDictionary
from rulebook.guidelines import load_criteria
from rulebook.review_rules import load_review_rules

FOLDER = Path(__file__).resolve().parent / "criteria"
BY_HAND = frozenset({"CHANGELOG.md"})
HEAD = "<!-- Written by docs/write_criteria_pages.py from rulebook/criteria: change the rule, not this page. -->"
GROUPS = {
    NodeKind.ALL: "all of these",
    NodeKind.ANY: "at least one of these",
    NodeKind.NONE: "none of these",
    NodeKind.PREFER: "by the first of these tests that was done",
}
PRECEDENCE = {
    "ncd": "national coverage determination",
    "statute": "statute or regulation",
    "lcd": "local coverage determination",
    "plan": "the plan's own rule",
}
MOST_FACTS = 6


def write_pages() -> dict[str, str]:
    """The text of every page by its file name."""
    criteria = load_criteria()
    pages = {f"{found.id}.md": write_page(found, criteria.dictionary) for found in criteria.guidelines}
    return {"README.md": write_index(criteria.guidelines), **pages}


def write_index(guidelines: tuple[Guideline, ...]) -> str:
    rows = [
        f"| [{found.id}]({found.id}.md) | {found.title} | {found.source.doc} | {_confidence(found)} | "
        f"{'may be' if found.why_not_by_rule is None else 'never'} | {len(found.tests)} |"
        for found in guidelines
    ]
    head = [
        HEAD,
        "",
        "# Criteria",
        "",
        "The shipped guidelines, restated in plain words. A guideline proposes: what is met may be approved, what is not "
        "known is asked, and what is not met goes to people. None of them denies. What changed and why is in the "
        "[changelog](CHANGELOG.md); how to write your own is in [Criteria and requirements](../rulebook-criteria.md).",
        "",
        "| | guideline | source | confidence | approved by rule | worked examples |",
        "|---|---|---|---|---|---|",
    ]
    return "\n".join((*head, *rows, "", *_what_was_read(guidelines), ""))


def _what_was_read(guidelines: Iterable[Guideline]) -> Iterator[str]:
    """The readings of every source, those of the laws that name a set of criteria after those of the guidelines."""
    yield from ("## What was read, and when", "")
    yield (
        "Each source is compared with its rule word for word. What could not be found keeps the mark of its rule, and so do "
        "parts that were not seen; only `confirmed` may be approved by rule. The examples are made up and have no source."
    )
    yield from ("", "| | source | read on | where its text was found | result |", "|---|---|---|---|---|")
    for found in guidelines:
        yield from (f"| [{found.id}]({found.id}.md) {_reading(one)}" for one in found.readings)
    for rule in load_review_rules().required_sets:
        yield from (f"| {rule.rule_id} {_reading(one)}" for one in rule.readings)


def _reading(reading: SourceReading) -> str:
    return f"| {reading.source} | {reading.read_on} | {reading.text or 'not found'} | {reading.result} |"


def write_page(guideline: Guideline, dictionary: FactDictionary) -> str:
    criteria = {step.criterion.id: step.criterion for step in compile_guideline(guideline, dictionary).steps}
    parts = [
        HEAD,
        "",
        f"# {guideline.title} ({guideline.id})",
        "",
        *_about(guideline),
        "",
        "## The rule",
        "",
        *_rule(guideline, guideline.logic, criteria, dictionary, 0),
        *_remarks(guideline),
        *_readings(guideline),
        "",
        "## Worked examples",
        "",
        "| example | facts | outcome |",
        "|---|---|---|",
        *(_example(vector, dictionary) for vector in guideline.tests),
        "",
    ]
    return "\n".join(parts)


def _about(guideline: Guideline) -> Iterator[str]:
    source, audience = guideline.source, guideline.applies_to
    yield f"* **Source:** {source.cite}" + (f" ([text]({source.url}))" if source.url else "")
    yield f"* **Kind:** {PRECEDENCE[guideline.precedence.value]}; version {guideline.version}"
    until = f" until {guideline.effective_to}" if guideline.effective_to else ""
    yield f"* **In force:** for services from {guideline.effective_from}{until}"
    yield f"* **Read:** {source.verification.value.replace('_', ' ')}; **confidence:** {_confidence(guideline)}"
    if source.second_reading:
        yield f"* **To be read again:** {source.second_reading}"
    yield f"* **Approved by rule:** {'may be' if guideline.why_not_by_rule is None else f'never: {guideline.why_not_by_rule}'}"
    ages = f"{audience.ages[0]} to {audience.ages[1]}" if audience.ages else "not said"
    lobs = ", ".join(lob.value.replace("_", " ") for lob in audience.lobs) or "not said"
    yield f"* **For whom:** {lobs}; ages {ages}; setting: {audience.setting or 'not said'}"
    yield f"* **For what:** {_services(guideline)}"
    if source.except_states:
        where = ", ".join(source.except_states)
        yield f"* **Not used in:** {where}, whose law names the criteria that have to be used"
    if audience.people_only:
        yield f"* **By people alone:** the codes {', '.join(audience.people_only)} and what begins with them"
    for bound in guideline.certifies:
        of = f" (by way of {bound.branch})" if bound.branch else ""
        cite = f" ({bound.cite})" if bound.cite else ""
        open_end = "" if bound.binds_open_end else " where a last day is asked for"
        yield f"* **Longest time of one approval:** {bound.days} days{of}{open_end}, because {bound.because}{cite}"
    if guideline.continues:
        yield f"* **Takes the place of:** [{guideline.continues}]({guideline.continues}.md)"
    for name in guideline.requires:
        yield f"* **Only together with:** [{name}]({name}.md)"


def _services(guideline: Guideline) -> str:
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


def _confidence(guideline: Guideline) -> str:
    words = guideline.source.confidence.value if guideline.source.confidence else "not said"
    return f"{words}, under reconsideration" if guideline.source.under_reconsideration else words


def _rule(
    guideline: Guideline, node: CriteriaNode, criteria: dict[str, Criterion], dictionary: FactDictionary, depth: int
) -> Iterator[str]:
    indent = "  " * depth
    if node.ref is not None:
        yield f"{indent}* {guideline.target(node).text} (as at {node.ref})"
        return
    assert node.id is not None
    cite = f" [{node.cite}]" if node.cite else ""
    if node.fact is not None:
        definition = dictionary.by_id[node.fact]
        asks = requirement_words(criteria[node.id], definition.label, True)
        judged = ", which only a clinician can say" if definition.evidence is EvidenceTier.JUDGMENT else ""
        gap = f", and between {node.gray[0]} and {node.gray[1]} a person looks" if node.gray else ""
        yield f"{indent}* `{node.id}` {node.text}{cite}: it asks {asks}{judged}{gap}"
        return
    words = GROUPS.get(node.kind) or f"at least {node.at_least.n if node.at_least else 1} of these"
    yield f"{indent}* `{node.id}` {node.text}{cite}, {words}:"
    for child in node.children:
        yield from _rule(guideline, child, criteria, dictionary, depth + 1)


def _remarks(guideline: Guideline) -> Iterator[str]:
    remarks = (*(flag.effect for flag in guideline.flags), *guideline.notes)
    if remarks:
        yield from ("", "## Remarks", "")
    yield from (f"* {remark}" for remark in remarks)


def _readings(guideline: Guideline) -> Iterator[str]:
    if guideline.readings:
        yield from ("", "## What was read, and when", "")
        yield from ("| source | read on | where its text was found | result |", "|---|---|---|---|")
    yield from (_reading(one) for one in guideline.readings)


def _example(vector: GuidelineTestCase, dictionary: FactDictionary) -> str:
    said = [f"{name}: {_value(value)}" for name, value in vector.facts.items()]
    shown = said if len(said) <= MOST_FACTS else [*said[:MOST_FACTS], f"and {len(said) - MOST_FACTS} more"]
    member = [f"a member under {vector.lob.value.replace('_', ' ')}"] if vector.lob else []
    aged = [f"{vector.age} years old"] if vector.age is not None else []
    against = [f"another record says {name}: {_value(value)}" for name, value in vector.against.items()]
    older = [f"{name} is {days} days old" for name, days in vector.days_old.items()]
    facts = "; ".join((*member, *aged, *shown, *against, *older)) or "nothing"
    return f"| {vector.name} | {facts} | {vector.expect.value.replace('_', ' ')} |"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    pages = write_pages()
    for old in FOLDER.glob("*.md"):
        if old.name not in pages and old.name not in BY_HAND:
            old.unlink()
    for name, text in pages.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
