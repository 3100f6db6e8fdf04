"""The clock rules of the rulebook, read from `rulebook/clocks/` and checked across files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from domain.clock_rules import ClockRule
from rulebook.yamlfile import RULEBOOK_ROOT, Located, RulebookError, RulebookErrors, load_located

CLOCKS = RULEBOOK_ROOT / "clocks"


def load_clock_rules(folder: Path = CLOCKS) -> tuple[ClockRule, ...]:
    """Every rule of a folder's YAML files, in the order of file names and lines.

    Raises RulebookErrors with everything that is wrong in all files, each with file, line, key and what was expected.
    """
    loaded: list[tuple[ClockRule, Located]] = []
    errors: list[RulebookError] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            loaded.extend(load_located(path, "clocks", ClockRule))
        except RulebookErrors as refused:
            errors.extend(refused.errors)
    # A file that could not be read would make its rules look unknown to the others.
    errors = errors or [*_written_twice(loaded), *_unknown(loaded), *_overlapping(loaded)]
    if errors:
        raise RulebookErrors(tuple(errors))
    return tuple(rule for rule, _ in loaded)


def _written_twice(loaded: list[tuple[ClockRule, Located]]) -> Iterator[RulebookError]:
    first: dict[tuple[str, str], Located] = {}
    for rule, place in loaded:
        before = first.setdefault((rule.rule_id, rule.variant), place)
        if before is not place:
            problem = f"{rule.rule_id} is written twice (first in {before.file}:{before.line()})"
            yield place.error(("rule_id",), problem, "another rule_id, or a variant of its own")


def _unknown(loaded: list[tuple[ClockRule, Located]]) -> Iterator[RulebookError]:
    known = {rule.rule_id for rule, _ in loaded}
    for rule, place in loaded:
        for key, names in (("uses", rule.uses), ("replaces", rule.replaces)):
            for position, name in enumerate(names):
                if name not in known:
                    yield place.error((key, position), f"got {name!r}", "the rule_id of a rule in this folder")
        follows = None if rule.missed is None else rule.missed.next_rule
        if follows is not None and follows not in known:
            yield place.error(("missed", "next_rule"), f"got {follows!r}", "the rule_id of a rule in this folder")


def _overlapping(loaded: list[tuple[ClockRule, Located]]) -> Iterator[RulebookError]:
    """Two versions of one rule in force on the same day, for the same cases, would contradict each other."""
    for position, (rule, place) in enumerate(loaded):
        for other, before in loaded[:position]:
            same = rule.rule_id == other.rule_id and _whom(rule) == _whom(other)
            if same and rule.effective.overlaps(other.effective):
                problem = f"in force on days on which {before.file}:{before.line()} is in force"
                yield place.error(("effective",), problem, "days that do not overlap")


def _whom(rule: ClockRule) -> dict[str, object]:
    """Whom a rule binds, however its lists are ordered."""
    said = rule.applies.model_dump()
    return {key: frozenset(value) if isinstance(value, tuple) else value for key, value in said.items()}
