"""Runs worked examples of clocks: per example pass, fail with what was expected and what came out, or not covered.

Nothing passes that was not understood: an expected key, an event, a rule or a word that the runner does not know makes the
example 'not covered'.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from domain.calendars import Calendar, CalendarError, local_day
from domain.clocks.rules import ClockRule
from domain.clocks.timing import end_of
from domain.model import Model
from domain.vocabulary import Lob
from rulebook.aid_continuing import Continuation
from rulebook.example_answers import Answer, Answers, Silent, effect_said
from rulebook.example_reading import Example, NotCovered, Told, example_of, scene_of
from rulebook.yamlfile import (
    RULEBOOK_ROOT,
    Located,
    RulebookError,
    RulebookErrors,
    model_items,
    read_yaml,
    to_model,
)

EXAMPLES = RULEBOOK_ROOT / "examples" / "clocks.yaml"


class Outcome(StrEnum):
    PASS = "pass"
    FAIL = "fail"
    NOT_COVERED = "not_covered"


class ExampleResult(Model):
    """How one example came out. `got` has an entry for each expected key that could be answered; `why` explains the rest."""

    id: str
    result: Outcome
    expected: dict[str, Told | None]
    got: dict[str, Told | None]
    why: tuple[str, ...] = ()


def load_examples(path: Path = EXAMPLES) -> tuple[Example, ...]:
    """The examples of a YAML file. Raises RulebookErrors naming file, line and key; two examples of one id are refused."""
    seen: dict[str, Located] = {}
    found: list[Example] = []
    errors: list[RulebookError] = []
    for item in model_items(read_yaml(path), "examples", beside=frozenset({"meta"})):
        try:
            example = _read(item)
        except RulebookErrors as refused:
            errors.extend(refused.errors)
            continue
        if example.id in seen:
            errors.append(item.error(("id",), f"{example.id} is written twice", "an id of its own"))
        seen[example.id] = item
        found.append(example)
    if errors:
        raise RulebookErrors(tuple(errors))
    return tuple(found)


def _read(item: Located) -> Example:
    """Commentary and keys that are not known are no mistake of the file: they are judged when the example runs."""
    if not isinstance(item.data, dict):
        raise RulebookErrors((item.error((), "is not a mapping", "the keys id, rule_id, received, expect"),))
    try:
        return example_of(item.data)
    except ValueError:
        known = {key: value for key, value in item.data.items() if key in Example.model_fields}
        return to_model(Located(item.file, known, item.lines), Example)


def run_examples(
    examples: Iterable[Example],
    rules: tuple[ClockRule, ...],
    calendar: Calendar,
    continuation: dict[Lob, Continuation],
) -> tuple[ExampleResult, ...]:
    """One result for each example, in their order."""
    return tuple(run_example(example, rules, calendar, continuation) for example in examples)


def run_example(
    example: Example, rules: tuple[ClockRule, ...], calendar: Calendar, continuation: dict[Lob, Continuation]
) -> ExampleResult:
    """What the rules make of one example."""
    got: dict[str, Told | None] = {}
    unknown: list[str] = []
    wrong: list[str] = []
    try:
        scene = scene_of(example, rules)
        answers = Answers(
            scene,
            example.expect,
            rules,
            calendar,
            continuation,
            combined="combined" in example.tags,
            of_variant=example.variant is not None,
        )
        for key, expected in example.expect.items():
            _compare(key, expected, answers, got, unknown, wrong)
    except (NotCovered, CalendarError) as problem:
        unknown.append(str(problem))
    if not example.expect:
        unknown.append("nothing is expected")
    result = Outcome.FAIL if wrong else Outcome.NOT_COVERED if unknown else Outcome.PASS
    return ExampleResult(id=example.id, result=result, expected=dict(example.expect), got=got, why=(*wrong, *unknown))


def _compare(
    key: str,
    expected: Told | None,
    answers: Answers,
    got: dict[str, Told | None],
    unknown: list[str],
    wrong: list[str],
) -> None:
    try:
        said = _same(answers.answer(key), expected, answers.zone)
    except NotCovered as problem:
        unknown.append(f"{key}: {problem}")
        return
    except Silent as nothing:
        got[key] = None
        wrong.append(f"{key}: expected {expected}, got nothing: {nothing}")
        return
    got[key], holds = said
    if not holds:
        wrong.append(f"{key}: expected {expected}, got {got[key]}")


def _same(answer: Answer, expected: Told | None, zone: ZoneInfo) -> tuple[Told | None, bool]:
    """The answer as the example would write it, and whether it is the expected one."""
    if isinstance(answer, datetime):
        return _instant(answer, expected, zone)
    if isinstance(answer, date):
        return answer.isoformat(), answer.isoformat() == expected
    if isinstance(answer, bool) or answer is None:
        return answer, answer is expected
    if isinstance(answer, int):
        return answer, not isinstance(expected, bool) and answer == expected
    effect = effect_said(answer)
    if effect is None:
        return answer, isinstance(expected, str) and _plain(answer) == _plain(expected)
    meant = effect_said(expected) if isinstance(expected, str) else None
    if meant is None:
        raise NotCovered(f"the words {expected!r} are not known")
    return (expected if meant is effect else effect.value), meant is effect


def _instant(answer: datetime, expected: Told | None, zone: ZoneInfo) -> tuple[Told | None, bool]:
    """A date without time means the end of that day."""
    local = answer.astimezone(zone)
    if not isinstance(expected, str):
        return local.isoformat(), False
    try:
        if len(expected) == len("2026-01-01"):
            day = date.fromisoformat(expected)
            ends = end_of(local_day(answer, zone), zone) == answer
            return (local.date().isoformat() if ends else local.isoformat()), answer == end_of(day, zone)
        return local.isoformat(), datetime.fromisoformat(expected) == answer
    except (ValueError, TypeError) as problem:
        raise NotCovered(f"{expected!r} is neither a date nor an instant with its offset") from problem


def _plain(text: str) -> str:
    return " ".join(text.lower().replace("_", " ").split())
