"""Rules on step therapy, quantity limits and gold card programs, read from `rulebook/review/` with their own examples."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TypeVar

from domain.coverage.gold_cards import GoldCardProgram, evaluate_gold_card
from domain.criteria.soundness import CPT
from domain.drug_limits.rules import (
    DrugSelector,
    LimitRule,
    QuantityRule,
    StepRule,
    failing_quantity_tests,
    failing_step_tests,
)
from domain.evidence.facts import FactDefinition, FactType
from domain.three_valued import Tri
from rulebook.errors import RulebookError, RulebookErrors
from rulebook.yamlfile import LocatedYaml, load_located

R = TypeVar("R", StepRule, QuantityRule)


def load_step_rules(path: Path) -> tuple[StepRule, ...]:
    """Load the step therapy rules; none when a rulebook has no such file. Raises RulebookErrors."""
    return _load_limits(path, "steps", StepRule, failing_step_tests)


def load_quantity_rules(path: Path) -> tuple[QuantityRule, ...]:
    """Load the quantity limits; none when a rulebook has no such file. Raises RulebookErrors."""
    return _load_limits(path, "limits", QuantityRule, failing_quantity_tests)


def unknown_fact_errors(steps: Iterable[StepRule], known: Mapping[str, FactDefinition]) -> Iterator[str]:
    """Errors for exceptions whose fact is unknown or no yes-or-no fact: such an exception could never be answered."""
    for rule in steps:
        for each in rule.exceptions:
            wrong = yes_or_no_problem(each.fact, known) if each.fact is not None else None
            if wrong is not None:
                yield f"{rule.rule_id}, exception {each.id}: {wrong}"


def yes_or_no_problem(fact: str, known: Mapping[str, FactDefinition]) -> str | None:
    """Why nobody could answer a question for this fact with yes or no; None when it can be answered."""
    definition = known.get(fact)
    if definition is not None and definition.type is FactType.BOOL:
        return None
    return f"the fact {fact} " + ("is not in the dictionary" if definition is None else "is no yes-or-no fact")


def load_gold_card_programs(path: Path) -> tuple[GoldCardProgram, ...]:
    """Load the gold card programs; none when a rulebook has no such file. Raises RulebookErrors."""
    if not path.exists():
        return ()
    placed = load_located(path, "programmes", GoldCardProgram)
    errors: list[RulebookError] = []
    for position, (programme, place) in enumerate(placed):
        errors.extend(_program_errors(programme, place))
        for earlier, _ in placed[:position]:
            if earlier.programme == programme.programme and _share_days(earlier, programme):
                problem = f"{programme.programme} is there twice for the same days"
                errors.append(place.error(("first_day",), problem, "last_day on the older version"))
    if errors:
        raise RulebookErrors(tuple(errors))
    return tuple(programme for programme, _ in placed)


def _load_limits(
    path: Path, key: str, model: type[R], failing: Callable[[R], Iterable[tuple[int, Tri]]]
) -> tuple[R, ...]:
    if not path.exists():
        return ()
    placed: tuple[tuple[R, LocatedYaml], ...] = load_located(path, key, model)
    errors: list[RulebookError] = []
    for position, (rule, place) in enumerate(placed):
        errors.extend(_limit_errors(rule, place, [earlier for earlier, _ in placed[:position]]))
        for number, got in failing(rule):
            vector = rule.tests[number]
            problem = f"{vector.name!r} comes out {got}"
            errors.append(place.error(("tests", number, "expect"), problem, f"{vector.expect}, as the example says"))
        shown = {vector.expect for vector in rule.tests}
        for outcome in Tri:
            if outcome not in shown:
                problem = f"no example comes out {outcome}"
                errors.append(place.error(("tests",), problem, "at least one each for met, not_met and unknown"))
    if errors:
        raise RulebookErrors(tuple(errors))
    return tuple(rule for rule, _ in placed)


def _limit_errors(rule: LimitRule, place: LocatedYaml, earlier: Sequence[LimitRule]) -> Iterator[RulebookError]:
    if rule.last_day is not None and rule.last_day < rule.first_day:
        yield place.error(("last_day",), "lies before first_day", "the last day of service it binds")
    for other in earlier:
        if other.rule_id == rule.rule_id and _share_days(other, rule):
            problem = f"{rule.rule_id} is there twice for the same days"
            yield place.error(("first_day",), problem, "last_day on the older version")
    for path, named in _named(rule):
        for position, code in enumerate(named.codes):
            if CPT.fullmatch(code.removesuffix("*")):
                problem = f"{code} has the shape of a CPT code, which is licensed"
                yield place.error(
                    (*path, "codes", position), problem, "a service_group that the operator's code map fills"
                )


def _named(rule: LimitRule) -> Iterator[tuple[tuple[str | int, ...], DrugSelector]]:
    yield ("drug",), rule.drug
    if isinstance(rule, StepRule):
        for position, step in enumerate(rule.steps):
            yield ("steps", position, "drug"), step.drug


def _program_errors(programme: GoldCardProgram, place: LocatedYaml) -> Iterator[RulebookError]:
    if (programme.minimum_count is None) is not (programme.minimum_counts is None):
        yield place.error(("minimum_counts",), "minimum_count and minimum_counts come together", "both or neither")
    shown: set[bool | None] = set()
    for number, vector in enumerate(programme.tests):
        got = evaluate_gold_card(programme, vector.counts).qualifies
        shown.add(got)
        if got is not vector.qualifies:
            problem = f"{vector.name!r} comes out {_answer_in_words(got)}"
            yield place.error(
                ("tests", number, "qualifies"), problem, f"{_answer_in_words(vector.qualifies)}, as the example says"
            )
    left_open = programme.threshold is None or programme.look_back_months is None
    for outcome in (None,) if left_open else (True, False, None):
        if outcome not in shown:
            yield place.error(("tests",), f"no example comes out {_answer_in_words(outcome)}", "at least one each")
    if left_open and not programme.left_to_plan:
        yield place.error(("left_to_plan",), "a figure is missing and nothing says why", "the figures left to the plan")


def _answer_in_words(qualifies: bool | None) -> str:
    return {True: "true", False: "false", None: "null"}[qualifies]


def _share_days(one: LimitRule | GoldCardProgram, other: LimitRule | GoldCardProgram) -> bool:
    one_first, other_first = one.first_day or date.min, other.first_day or date.min
    return one_first <= (other.last_day or date.max) and other_first <= (one.last_day or date.max)
