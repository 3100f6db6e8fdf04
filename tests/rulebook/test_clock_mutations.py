"""Every number of every clock matters: change any one, and a worked example of the rulebook fails."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

import pytest

from domain.clocks.rules import ClockRule
from rulebook.aid_continuing import load_continuation_rules
from rulebook.calendar_rules import load_calendars
from rulebook.clock_examples import ExampleOutcome, load_examples, run_example
from rulebook.clock_rules import CLOCKS, load_clock_rules
from rulebook.yamlfile import format_key_path, model_items, read_yaml

RULES = load_clock_rules()
FEDERAL = load_calendars()["us_federal"]
CONTINUATION = load_continuation_rules()
EXAMPLES = load_examples()

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
TIME = re.compile(r"\d{2}:\d{2}")


class Mutation(NamedTuple):
    place: str
    was: Any
    now: Any
    item: dict[str, Any]


def numbers(data: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every number, date and time of day, each with its path; citations and other prose hold none."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key != "cites":
                yield from numbers(value, (*path, key))
    elif isinstance(data, list):
        for place, value in enumerate(data):
            yield from numbers(value, (*path, place))
    elif is_number(data):
        yield path, data


def is_number(value: Any) -> bool:
    if isinstance(value, str):
        return bool(DAY.fullmatch(value) or TIME.fullmatch(value))
    return isinstance(value, int) and not isinstance(value, bool)


def neighbours(value: Any) -> Iterator[Any]:
    """The value a little more and a little less: by one, by a day, by a minute."""
    for step in (1, -1):
        if isinstance(value, int):
            yield value + step
        elif DAY.fullmatch(value):
            yield (date.fromisoformat(value) + timedelta(days=step)).isoformat()
        else:
            minutes = int(value[:2]) * 60 + int(value[3:]) + step
            yield f"{minutes // 60:02d}:{minutes % 60:02d}"


def mutations(item: dict[str, Any]) -> Iterator[Mutation]:
    for path, value in numbers(item):
        for other in neighbours(value):
            changed = copy.deepcopy(item)
            inside = changed
            for part in path[:-1]:
                inside = inside[part]
            inside[path[-1]] = other
            yield Mutation(format_key_path(path), value, other, changed)


def survives(changed: ClockRule) -> bool:
    """Whether every example about the rule still comes out as it says."""
    same = (changed.rule_id, changed.variant)
    rules = tuple(changed if (rule.rule_id, rule.variant) == same else rule for rule in RULES)
    return all(
        run_example(example, rules, FEDERAL, CONTINUATION).result is ExampleOutcome.PASS
        for example in EXAMPLES
        if example.rule_id == changed.rule_id
    )


ITEMS = [item.data for path in sorted(CLOCKS.glob("*.yaml")) for item in model_items(read_yaml(path), "clocks")]


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: f"{item['rule_id']} {item.get('variant', '')}".strip())
def test_no_changed_number_survives_the_worked_examples(item: dict[str, Any]):
    survivors = []
    for mutation in mutations(item):
        if item.get("unsettled") and mutation.place.startswith("effective"):
            continue  # it binds no case on any day; its first day is tested as if it were settled, with the bindings
        try:
            changed = ClockRule.model_validate(mutation.item)
        except ValueError:
            continue  # refused at load: nobody can run it
        if survives(changed):
            survivors.append(f"{mutation.place}: {mutation.was} -> {mutation.now}")
    assert survivors == []


def test_there_is_something_to_change():
    assert sum(1 for item in ITEMS for _ in numbers(item)) > 200
