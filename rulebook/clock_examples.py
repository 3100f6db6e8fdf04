"""Runner of worked examples of clocks: each example passes, fails with the expected and actual values, or is not covered.

Nothing passes that was not interpreted: an expected key, an event, a rule or a word that the runner does not know makes the
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
from domain.clocks.timing import end_of_day
from domain.model import Model
from domain.vocabulary import Lob
from rulebook.aid_continuing import ContinuationRule
from rulebook.errors import RulebookError, RulebookErrors
from rulebook.example_answers import ExampleAnswer, ExampleAnswers, NoAnswer, effect_from_words
from rulebook.example_reading import Example, ExampleValue, NotCovered, interpret_example, parse_example
from rulebook.yamlfile import RULEBOOK_ROOT, LocatedYaml, model_items, read_yaml, to_model

EXAMPLES = RULEBOOK_ROOT / "examples" / "clocks.yaml"


class ExampleOutcome(StrEnum):
    PASS = "pass"
    FAIL = "fail"
    NOT_COVERED = "not_covered"


class ExampleResult(Model):
    """Result of one example. `got` has an entry for each expected key that could be answered; `why` explains the rest."""

    id: str
    result: ExampleOutcome
    expected: dict[str, ExampleValue | None]
    got: dict[str, ExampleValue | None]
    why: tuple[str, ...] = ()


def load_examples(path: Path = EXAMPLES) -> tuple[Example, ...]:
    """Load the examples of a YAML file. Raises RulebookErrors naming file, line and key, also for duplicate ids."""
    seen: dict[str, LocatedYaml] = {}
    found: list[Example] = []
    errors: list[RulebookError] = []
    for item in model_items(read_yaml(path), "examples", beside=frozenset({"meta"})):
        try:
            example = _parse_example(item)
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


def _parse_example(item: LocatedYaml) -> Example:
    """Parse one example. Commentary and unknown keys are no errors of the file: they count when the example runs."""
    if not isinstance(item.data, dict):
        raise RulebookErrors((item.error((), "is not a mapping", "the keys id, rule_id, received, expect"),))
    try:
        return parse_example(item.data)
    except ValueError:
        known = {key: value for key, value in item.data.items() if key in Example.model_fields}
        return to_model(LocatedYaml(item.file, known, item.lines), Example)


def run_examples(
    examples: Iterable[Example],
    rules: tuple[ClockRule, ...],
    calendar: Calendar,
    continuation: dict[Lob, ContinuationRule],
) -> tuple[ExampleResult, ...]:
    """Run the examples: one result for each, in their order."""
    return tuple(run_example(example, rules, calendar, continuation) for example in examples)


def run_example(
    example: Example, rules: tuple[ClockRule, ...], calendar: Calendar, continuation: dict[Lob, ContinuationRule]
) -> ExampleResult:
    """Run one example by the rules."""
    got: dict[str, ExampleValue | None] = {}
    unknown: list[str] = []
    wrong: list[str] = []
    try:
        scene = interpret_example(example, rules)
        answers = ExampleAnswers(
            scene,
            example.expect,
            rules,
            calendar,
            continuation,
            combined="combined" in example.tags,
            of_variant=example.variant is not None,
        )
        for key, expected in example.expect.items():
            _compare_key(key, expected, answers, got, unknown, wrong)
    except (NotCovered, CalendarError) as problem:
        unknown.append(str(problem))
    if not example.expect:
        unknown.append("nothing is expected")
    result = ExampleOutcome.FAIL if wrong else ExampleOutcome.NOT_COVERED if unknown else ExampleOutcome.PASS
    return ExampleResult(id=example.id, result=result, expected=dict(example.expect), got=got, why=(*wrong, *unknown))


def _compare_key(
    key: str,
    expected: ExampleValue | None,
    answers: ExampleAnswers,
    got: dict[str, ExampleValue | None],
    unknown: list[str],
    wrong: list[str],
) -> None:
    try:
        said = _matches(answers.answer(key), expected, answers.zone)
    except NotCovered as problem:
        unknown.append(f"{key}: {problem}")
        return
    except NoAnswer as nothing:
        got[key] = None
        wrong.append(f"{key}: expected {expected}, got nothing: {nothing}")
        return
    got[key], holds = said
    if not holds:
        wrong.append(f"{key}: expected {expected}, got {got[key]}")


def _matches(answer: ExampleAnswer, expected: ExampleValue | None, zone: ZoneInfo) -> tuple[ExampleValue | None, bool]:
    """The answer as the example would write it, and whether it is the expected one."""
    if isinstance(answer, datetime):
        return _instant(answer, expected, zone)
    if isinstance(answer, date):
        return answer.isoformat(), answer.isoformat() == expected
    if isinstance(answer, bool) or answer is None:
        return answer, answer is expected
    if isinstance(answer, int):
        return answer, not isinstance(expected, bool) and answer == expected
    effect = effect_from_words(answer)
    if effect is None:
        return answer, isinstance(expected, str) and _normalize(answer) == _normalize(expected)
    meant = effect_from_words(expected) if isinstance(expected, str) else None
    if meant is None:
        raise NotCovered(f"the words {expected!r} are not known")
    return (expected if meant is effect else effect.value), meant is effect


def _instant(answer: datetime, expected: ExampleValue | None, zone: ZoneInfo) -> tuple[ExampleValue | None, bool]:
    """The instant as the example would write it, and whether it is the expected one. A date alone means the end of that day."""
    local = answer.astimezone(zone)
    if not isinstance(expected, str):
        return local.isoformat(), False
    try:
        if len(expected) == len("2026-01-01"):
            day = date.fromisoformat(expected)
            ends = end_of_day(local_day(answer, zone), zone) == answer
            return (local.date().isoformat() if ends else local.isoformat()), answer == end_of_day(day, zone)
        return local.isoformat(), datetime.fromisoformat(expected) == answer
    except (ValueError, TypeError) as problem:
        raise NotCovered(f"{expected!r} is neither a date nor an instant with its offset") from problem


def _normalize(text: str) -> str:
    return " ".join(text.lower().replace("_", " ").split())
