"""Clock rules of the rulebook, read from `rulebook/clocks/` and checked across files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from domain.clocks.events import EventKind
from domain.clocks.rules import ClockRule, Consequence, MissedClockEffect
from domain.clocks.terms import EFFECTS_WITH_NOTICE, FORWARDING_EFFECTS
from rulebook.errors import RulebookError, RulebookErrors
from rulebook.yamlfile import RULEBOOK_ROOT, LocatedYaml, load_located

CLOCKS = RULEBOOK_ROOT / "clocks"


def load_clock_rules(folder: Path = CLOCKS) -> tuple[ClockRule, ...]:
    """Load every rule of a folder's YAML files, in the order of file names and lines.

    Raises RulebookErrors with everything that is wrong in all files, each with file, line, key and what was expected.
    """
    loaded: list[tuple[ClockRule, LocatedYaml]] = []
    errors: list[RulebookError] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            loaded.extend(load_located(path, "clocks", ClockRule))
        except RulebookErrors as refused:
            errors.extend(refused.errors)
    # A file that cannot be read would make its rules look unknown to the others.
    errors = errors or [
        *_duplicate_rules(loaded),
        *_unknown_references(loaded),
        *_overlapping(loaded),
        *_wrong_consequences(loaded),
    ]
    if errors:
        raise RulebookErrors(tuple(errors))
    return tuple(rule for rule, _ in loaded)


def _duplicate_rules(loaded: list[tuple[ClockRule, LocatedYaml]]) -> Iterator[RulebookError]:
    first: dict[tuple[str, str], LocatedYaml] = {}
    for rule, place in loaded:
        before = first.setdefault((rule.rule_id, rule.variant), place)
        if before is not place:
            problem = f"{rule.rule_id} is written twice (first in {before.file}:{before.line()})"
            yield place.error(("rule_id",), problem, "another rule_id, or a variant of its own")


def _unknown_references(loaded: list[tuple[ClockRule, LocatedYaml]]) -> Iterator[RulebookError]:
    known = {rule.rule_id for rule, _ in loaded}
    for rule, place in loaded:
        for key, names in (("uses", rule.uses), ("replaces", rule.replaces)):
            for position, name in enumerate(names):
                if name not in known:
                    yield place.error((key, position), f"got {name!r}", "the rule_id of a rule in this folder")
        follows = None if rule.missed is None else rule.missed.next_rule
        if follows is not None and follows not in known:
            yield place.error(("missed", "next_rule"), f"got {follows!r}", "the rule_id of a rule in this folder")


def _overlapping(loaded: list[tuple[ClockRule, LocatedYaml]]) -> Iterator[RulebookError]:
    """Errors for versions of one rule that are in force on the same day for the same cases."""
    for position, (rule, place) in enumerate(loaded):
        for other, before in loaded[:position]:
            same = rule.rule_id == other.rule_id and _scope(rule) == _scope(other)
            if same and rule.effective.overlaps(other.effective):
                problem = f"in force on days on which {before.file}:{before.line()} is in force"
                yield place.error(("effective",), problem, "days that do not overlap")


def _scope(rule: ClockRule) -> dict[str, object]:
    """The cases that a rule binds, independent of the order of its lists."""
    said = rule.applies.model_dump()
    return {key: frozenset(value) if isinstance(value, tuple) else value for key, value in said.items()}


def _wrong_consequences(loaded: list[tuple[ClockRule, LocatedYaml]]) -> Iterator[RulebookError]:
    """Errors for consequences of a missed deadline that lack what a case needs to carry them out."""
    started = {rule.rule_id for rule, _ in loaded if _starts_with_a_miss(rule)}
    for rule, place in loaded:
        if rule.missed is not None:
            for key, problem, expected in _consequence_errors(rule.missed, started):
                yield place.error(("missed", key), problem, expected)


def _starts_with_a_miss(rule: ClockRule) -> bool:
    """Whether the rule's clock starts when another clock's time expires."""
    return bool(rule.uses) or any(
        point.event is EventKind.TIME_EXPIRED for point in (rule.starts.points if rule.starts is not None else ())
    )


def _consequence_errors(missed: Consequence, started: set[str]) -> Iterator[tuple[str, str, str]]:
    """(key, what is wrong, what was expected)"""
    effect = missed.effect
    if (missed.told is None) == (effect in EFFECTS_WITH_NOTICE):
        told = "always or unless_approved" if missed.told is None else "no told: this effect has no notice of its own"
        yield "told", f"got {missed.told} with {effect}", told
    if (missed.forward_to is None) == (effect in FORWARDING_EFFECTS):
        to = (
            "to whom the case file goes" if missed.forward_to is None else "no forward_to: this effect forwards nothing"
        )
        yield "forward_to", f"got {missed.forward_to} with {effect}", to
    if missed.forward_to is not None and missed.next_rule is None:
        yield "next_rule", "a case file goes out by no clock", "the rule_id of the clock for forwarding"
    if missed.next_rule is not None and missed.next_rule not in started:
        yield (
            "next_rule",
            f"got {missed.next_rule!r}",
            "the rule_id of a rule in this folder that starts with time_expired",
        )
    if missed.next_rule is not None and missed.told is None:
        yield "next_rule", f"{effect} starts no clock", "no next_rule"
    if effect is MissedClockEffect.PLAN_PAYS and missed.liability is None:
        yield "liability", "nobody is said to pay", "bearer, pays_for, until and cite"
