"""Requirement list: which services need authorization, with its worked examples; rejected when it could mislead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from enum import StrEnum
from pathlib import Path

from domain.coverage.directory import NetworkStatus
from domain.coverage.requirements import LineInContext, RequirementRule, find_requirement, hides, rule_matches
from domain.criteria.soundness import CPT
from domain.model import Model
from domain.requests.request import ServiceLine
from domain.vocabulary import CodeSystem, Lob, ServiceKind
from rulebook.errors import RulebookError, RulebookErrors
from rulebook.yamlfile import LocatedYaml, load_located, model_items, read_yaml, to_model

_BESIDE = frozenset({"tests"})


class ExpectedRequirement(StrEnum):
    REQUIRED = "required"
    NOT_REQUIRED = "not_required"
    UNKNOWN = "unknown"


_EXPECTED = {
    True: ExpectedRequirement.REQUIRED,
    False: ExpectedRequirement.NOT_REQUIRED,
    None: ExpectedRequirement.UNKNOWN,
}


class RequirementTestCase(Model):
    """A worked example: a line as the rules see it, and the expected requirement. `rule` names the rule that decides."""

    name: str
    lob: Lob
    service_kind: ServiceKind = ServiceKind.MEDICAL
    code: str
    service_groups: tuple[str, ...] = ()
    place: str | None = None
    level_of_care: str | None = None
    network: NetworkStatus | None = None
    plan_id: str | None = None
    state: str | None = None
    day: date | None = None
    expect: ExpectedRequirement
    rule: str | None = None

    @property
    def asked(self) -> LineInContext:
        line = ServiceLine(
            line_id="1",
            code=self.code,
            code_system=CodeSystem.OTHER,
            start=self.day,
            place_of_service=self.place,
            level_of_care=self.level_of_care,
        )
        return LineInContext(
            lob=self.lob,
            service_kind=self.service_kind,
            line=line,
            service_groups=frozenset(self.service_groups),
            network=self.network,
            plan_id=self.plan_id,
            state=self.state,
        )


def load_requirements(path: Path) -> tuple[RequirementRule, ...]:
    """Load the rules in the order of the file, which is their order of precedence. Raises RulebookErrors."""
    placed = load_located(path, "requirements", RequirementRule, beside=_BESIDE)
    rules = tuple(rule for rule, _ in placed)
    errors = [*_conflicting_rules(placed), *_licensed_codes(placed)]
    if not errors:
        errors.extend(_failing_or_untested(placed, load_requirement_test_cases(path), rules))
    if errors:
        raise RulebookErrors(tuple(errors))
    return rules


def load_requirement_test_cases(path: Path) -> tuple[tuple[RequirementTestCase, LocatedYaml], ...]:
    """Load the worked examples of the file, under the key `tests`."""
    items = model_items(read_yaml(path), "tests", beside=frozenset({"requirements"}))
    return tuple((to_model(item, RequirementTestCase), item) for item in items)


def _conflicting_rules(placed: Sequence[tuple[RequirementRule, LocatedYaml]]) -> Iterator[RulebookError]:
    for position, (rule, place) in enumerate(placed):
        for earlier, _ in placed[:position]:
            if earlier.rule_id == rule.rule_id and _share_days(earlier, rule):
                problem = f"{rule.rule_id} is there twice for the same days"
                yield place.error(("rule_id",), problem, "last_day on the older one, or an id of its own")
            elif hides(earlier, rule):
                problem = f"{rule.rule_id} can never count: {earlier.rule_id} before it matches all that it does"
                yield place.error((), problem, "the narrower rule first")
        if rule.first_day is not None and rule.last_day is not None and rule.last_day < rule.first_day:
            yield place.error(("last_day",), "lies before first_day", "the last day of service it binds")


def _share_days(one: RequirementRule, other: RequirementRule) -> bool:
    one_first, other_first = one.first_day or date.min, other.first_day or date.min
    return one_first <= (other.last_day or date.max) and other_first <= (one.last_day or date.max)


def _licensed_codes(placed: Sequence[tuple[RequirementRule, LocatedYaml]]) -> Iterator[RulebookError]:
    for rule, place in placed:
        for position, code in enumerate(rule.codes):
            if CPT.fullmatch(code.removesuffix("*")):
                problem = f"{code} has the shape of a CPT code, which is licensed"
                yield place.error(("codes", position), problem, "a service_group that the operator's code map fills")


def _failing_or_untested(
    placed: Sequence[tuple[RequirementRule, LocatedYaml]],
    vectors: Sequence[tuple[RequirementTestCase, LocatedYaml]],
    rules: tuple[RequirementRule, ...],
) -> Iterator[RulebookError]:
    shown: set[ExpectedRequirement] = set()
    used: set[int] = set()
    for vector, place in vectors:
        asked = vector.asked
        found = next((position for position, rule in enumerate(rules) if rule_matches(rule, asked)), None)
        got = _EXPECTED[find_requirement(rules, asked).required]
        by = rules[found].rule_id if found is not None else None
        if got is not vector.expect:
            yield place.error(("expect",), f"{vector.name!r} comes out {got}", f"{vector.expect}, as the example says")
        elif vector.rule is not None and vector.rule != by:
            yield place.error(("rule",), f"{vector.name!r} is decided by {by or 'no rule'}", vector.rule)
        shown.add(got)
        used |= {found} if found is not None else set()
    for outcome in ExpectedRequirement:
        if vectors and outcome not in shown:
            yield vectors[0][1].error((), f"no example comes out {outcome}", "at least one each")
    for position, (rule, place) in enumerate(placed):
        if position not in used:
            yield place.error((), f"no example is decided by {rule.rule_id}", "one under tests")
