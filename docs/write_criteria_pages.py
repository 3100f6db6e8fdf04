"""Pages of the shipped criteria, one for each guideline and an index: `python docs/write_criteria_pages.py`.

Writes docs/criteria/*.md, but for the changelog, which people write. A test compares the files with what this would write.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from domain.cited_value import SourceReading
from domain.criteria.model import Guideline, GuidelineTestCase
from domain.criteria.statements import ServiceNames, confidence_words, remarks, rule_lines, scope_rows
from domain.evidence.facts import FactDictionary
from rulebook.code_map import load_code_map
from rulebook.guidelines import load_criteria
from rulebook.review_rules import load_review_rules
from rulebook.stay_rules import load_stay_rules

FOLDER = Path(__file__).resolve().parent / "criteria"
BY_HAND = frozenset({"CHANGELOG.md"})
HEAD = "<!-- Written by docs/write_criteria_pages.py from rulebook/criteria: change the rule, not this page. -->"
MOST_FACTS = 6


def write_pages() -> dict[str, str]:
    """The text of every page by its file name."""
    criteria = load_criteria()
    pages = {f"{found.id}.md": write_page(found, criteria.dictionary) for found in criteria.guidelines}
    return {"README.md": write_index(criteria.guidelines), **pages}


def write_index(guidelines: tuple[Guideline, ...]) -> str:
    rows = [
        f"| [{found.id}]({found.id}.md) | {found.title} | {found.source.doc} | {confidence_words(found)} | "
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
    parts = [
        HEAD,
        "",
        f"# {guideline.title} ({guideline.id})",
        "",
        *_about(guideline),
        "",
        "## The rule",
        "",
        *_rule(guideline, dictionary),
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


@cache
def _names() -> ServiceNames:
    groups = {group.id: group.title for group in load_code_map({}).groups}
    return ServiceNames(groups, {rule.level.value: rule.title for rule in load_stay_rules().levels.levels})


def _about(guideline: Guideline) -> Iterator[str]:
    source = guideline.source
    yield f"* **Source:** {source.cite}" + (f" ([text]({source.url}))" if source.url else "")
    rows = list(scope_rows(guideline, _names()))
    read = next(number for number, row in enumerate(rows) if row.name == "Read")
    for number, row in enumerate(rows):
        if number == read + 1:
            continue  # the confidence stands in the row of the reading
        more = f"; **confidence:** {rows[read + 1].words}" if number == read else ""
        yield f"* **{row.name}:** {row.words}{more}"
    if guideline.continues:
        yield f"* **Takes the place of:** [{guideline.continues}]({guideline.continues}.md)"
    for name in guideline.requires:
        yield f"* **Only together with:** [{name}]({name}.md)"


def _rule(guideline: Guideline, dictionary: FactDictionary) -> Iterator[str]:
    for line in rule_lines(guideline, dictionary):
        indent = "  " * line.depth
        if line.same_as:
            yield f"{indent}* {line.text} (as at {line.same_as})"
            continue
        cite = f" [{line.citation}]" if line.citation else ""
        after = f": it asks {line.asks}" if line.asks else f", {line.group}:"
        yield f"{indent}* `{line.node_id}` {line.text}{cite}{after}"


def _remarks(guideline: Guideline) -> Iterator[str]:
    found = remarks(guideline)
    if found:
        yield from ("", "## Remarks", "")
    yield from (f"* {remark}" for remark in found)


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
