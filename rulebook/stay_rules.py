"""Rules on hospital stays and on discharge, read from `rulebook/stays/`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from domain.discharge.policy import TransitionPolicy
from domain.stays.avoidable_days import DelayReasons
from domain.stays.day_counts import GmlosEntry, GmlosTable
from domain.stays.levels_of_care import CareLevels
from domain.stays.policy import StayPolicy
from rulebook.errors import RulebookError, RulebookErrors
from rulebook.gmlos_table import load_gmlos
from rulebook.yamlfile import RULEBOOK_ROOT, LocatedYaml, read_yaml, to_model

STAYS = RULEBOOK_ROOT / "stays"
M = TypeVar("M", bound=BaseModel)
R = TypeVar("R")


@dataclass(frozen=True)
class StayRules:
    """Levels and moves, the plan's figures, delays, transitions, and the usual length of stay of each DRG."""

    levels: CareLevels
    policy: StayPolicy
    delays: DelayReasons
    transitions: TransitionPolicy
    lengths: GmlosTable

    def gmlos(self, drg: str) -> GmlosEntry | None:
        """The usual length of a DRG's stays; None when the table has none for it."""
        return self.lengths.gmlos(drg)


def load_stay_rules(folder: Path = STAYS) -> StayRules:
    """Load every file of the folder. Raises RulebookErrors naming file, line, key and what was expected, all at once."""
    errors: list[RulebookError] = []
    levels = _load_or_collect_errors(lambda: _load(folder / "levels_of_care.yaml", CareLevels), errors)
    policy = _load_or_collect_errors(lambda: _load(folder / "policy.yaml", StayPolicy), errors)
    delays = _load_or_collect_errors(lambda: _load(folder / "delays.yaml", DelayReasons), errors)
    transitions = _load_or_collect_errors(lambda: _load(folder / "transitions.yaml", TransitionPolicy), errors)
    lengths = _load_or_collect_errors(lambda: load_gmlos(folder), errors)
    if levels is None or policy is None or delays is None or transitions is None or lengths is None:
        raise RulebookErrors(tuple(errors))
    return StayRules(levels, policy, delays, transitions, lengths)


def _load_or_collect_errors(load: Callable[[], R], errors: list[RulebookError]) -> R | None:
    try:
        return load()
    except RulebookErrors as refused:
        errors.extend(refused.errors)
        return None


def _load(path: Path, model: type[M]) -> M:
    located = read_yaml(path)
    twice = tuple(_duplicate_entries(located))
    if twice:
        raise RulebookErrors(twice)
    return to_model(located, model)


_UNIQUE_NAMES: dict[str, Callable[[Any], Iterable[object]]] = {
    "levels": lambda item: [item["level"]],
    "moves": lambda item: [f"{start} to {item['to_level']}" for start in item["from_levels"]],
    "units": lambda item: item["names"],
    "facilities": lambda item: [item["npi"]],
    "reasons": lambda item: [item["reason"]],
    "assessment": lambda item: [item["domain"]],
    "checklist": lambda item: [item["item"]],
    "tasks": lambda item: [item["task"]],
    "settings": lambda item: [item["setting"]],
    "after_denial": lambda item: item["lobs"],
}
"""Names that must be unique in each list, so that a duplicate is rejected at its own line."""


def _duplicate_entries(located: LocatedYaml) -> Iterator[RulebookError]:
    lists = located.data if isinstance(located.data, dict) else {}
    for key, items in lists.items():
        if key not in _UNIQUE_NAMES or not isinstance(items, list):
            continue
        seen: set[object] = set()
        for position, item in enumerate(items):
            try:
                names = list(_UNIQUE_NAMES[key](item))
            except (KeyError, TypeError):
                continue  # the shape is wrong: the model says so
            for name in names:
                if name in seen:
                    yield located.error((key, position), f"{name} is there twice", "each once")
                seen.add(name)
