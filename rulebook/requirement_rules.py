"""The list of what needs authorization, with the worked examples that prove it; refused when it could mislead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from enum import StrEnum
from pathlib import Path

from domain.coverage.directory import NetworkStatus
from domain.coverage.requirements import LineOfCase, RequirementRule, hides, requirement_for, rule_matches
from domain.criteria.soundness import CPT
from domain.model import Model
from domain.requests.request import ServiceLine
from domain.vocabulary import CodeSystem, Lob, ServiceKind
from rulebook.yamlfile import Located, RulebookError, RulebookErrors, load_located, model_items, read_yaml, to_model

_BESIDE = frozenset({"tests"})


class Expected(StrEnum):
    REQUIRED = "required"
    NOT_REQUIRED = "not_required"
    UNKNOWN = "unknown"


_EXPECTED = {True: Expected.REQUIRED, False: Expected.NOT_REQUIRED, None: Expected.UNKNOWN}


class RequirementVector(Model):
    """A worked example: a line as the rules see it, and the need that comes out. `rule` names the rule that decides."""

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
    expect: Expected
    rule: str | None = None

    @property
    def asked(self) -> LineOfCase:
        line = ServiceLine(
            line_id="1",
            code=self.code,
            code_system=CodeSystem.OTHER,
            start=self.day,
            place_of_service=self.place,
            level_of_care=self.level_of_care,
        )
        return LineOfCase(
            lob=self.lob,
            service_kind=self.service_kind,
            line=line,
            service_groups=frozenset(self.service_groups),
            network=self.network,
            plan_id=self.plan_id,
            state=self.state,
        )


def load_requirements(path: Path) -> tuple[RequirementRule, ...]:
    """The rules in the order of the file, which is the order in which they count. Raises RulebookErrors."""
    placed = load_located(path, "requirements", RequirementRule, beside=_BESIDE)
    rules = tuple(rule for rule, _ in placed)
    errors = [*_clashes(placed), *_licensed(placed)]
    if not errors:
        errors.extend(_unproven(placed, load_requirement_vectors(path), rules))
    if errors:
        raise RulebookErrors(tuple(errors))
    return rules


def load_requirement_vectors(path: Path) -> tuple[tuple[RequirementVector, Located], ...]:
    """The worked examples of the file, under the key `tests`."""
    items = model_items(read_yaml(path), "tests", beside=frozenset({"requirements"}))
    return tuple((to_model(item, RequirementVector), item) for item in items)


def _clashes(placed: Sequence[tuple[RequirementRule, Located]]) -> Iterator[RulebookError]:
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


def _licensed(placed: Sequence[tuple[RequirementRule, Located]]) -> Iterator[RulebookError]:
    for rule, place in placed:
        for position, code in enumerate(rule.codes):
            if CPT.fullmatch(code.removesuffix("*")):
                problem = f"{code} has the shape of a CPT code, which is licensed"
                yield place.error(("codes", position), problem, "a service_group that the operator's code map fills")


def _unproven(
    placed: Sequence[tuple[RequirementRule, Located]],
    vectors: Sequence[tuple[RequirementVector, Located]],
    rules: tuple[RequirementRule, ...],
) -> Iterator[RulebookError]:
    shown: set[Expected] = set()
    used: set[int] = set()
    for vector, place in vectors:
        asked = vector.asked
        found = next((position for position, rule in enumerate(rules) if rule_matches(rule, asked)), None)
        got = _EXPECTED[requirement_for(rules, asked).required]
        by = rules[found].rule_id if found is not None else None
        if got is not vector.expect:
            yield place.error(("expect",), f"{vector.name!r} comes out {got}", f"{vector.expect}, as the example says")
        elif vector.rule is not None and vector.rule != by:
            yield place.error(("rule",), f"{vector.name!r} is decided by {by or 'no rule'}", vector.rule)
        shown.add(got)
        used |= {found} if found is not None else set()
    for outcome in Expected:
        if vectors and outcome not in shown:
            yield vectors[0][1].error((), f"no example comes out {outcome}", "at least one each")
    for position, (rule, place) in enumerate(placed):
        if position not in used:
            yield place.error((), f"no example is decided by {rule.rule_id}", "one under tests")
