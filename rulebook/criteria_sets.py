"""Licensed sets of criteria and the laws that name them, read from `rulebook/review/`; both files are optional."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from domain.criteria.required_sets import LicensedSet, RequiredSet
from domain.criteria.soundness import CPT
from rulebook.errors import RulebookError, RulebookErrors
from rulebook.yamlfile import LocatedYaml, load_located, load_models


def load_licensed_sets(path: Path) -> tuple[LicensedSet, ...]:
    """Load the slots. Raises RulebookErrors."""
    return tuple(load_models(path, "sets", LicensedSet)) if path.exists() else ()


def load_required_sets(path: Path, sets: tuple[LicensedSet, ...]) -> tuple[RequiredSet, ...]:
    """Load the laws that name a set. Raises RulebookErrors for an unknown set, a second entry of an id, dates out of order."""
    if not path.exists():
        return ()
    placed = load_located(path, "required", RequiredSet)
    errors = [error for position in range(len(placed)) for error in _errors(placed, position, sets)]
    if errors:
        raise RulebookErrors(tuple(errors))
    return tuple(rule for rule, _ in placed)


def _errors(
    placed: Sequence[tuple[RequiredSet, LocatedYaml]], position: int, sets: tuple[LicensedSet, ...]
) -> Iterator[RulebookError]:
    (rule, place), known = placed[position], {found.set_id for found in sets}
    for at, set_id in enumerate(rule.set_ids):
        if set_id not in known:
            expected = "one of review/licensed_sets.yaml: " + ", ".join(sorted(known))
            yield place.error(("set_ids", at), f"no set has the id {set_id}", expected)
    if any(other.rule_id == rule.rule_id for other, _ in placed[:position]):
        yield place.error(("rule_id",), f"{rule.rule_id} is there twice", "an id of its own")
    if rule.last_day is not None and rule.last_day < rule.first_day:
        yield place.error(("last_day",), "lies before first_day", "the last day of service it binds")
    for at, code in enumerate(rule.codes):
        if CPT.fullmatch(code):
            problem = f"{code} has the shape of a CPT code, which is licensed"
            yield place.error(("codes", at), problem, "a service_group that the operator's code map fills")
