"""Rulebook changes outside clocks and criteria that affect open cases: deciders, requirements, gold cards, limits, letters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from domain.decisions.determination import DecisionLevel
from domain.vocabulary import Lob
from rulebook.authoring.differences import entries_of_file, find_differences

_FILES = {
    "review/deciders.yaml": "who may decide",
    "review/state_deciders.yaml": "who may decide",
    "review/other_deciders.yaml": "who may decide beside physicians",
    "review/requirements.yaml": "what needs authorization",
    "review/authorization_bans.yaml": "for what no authorization may be asked",
    "review/required_sets.yaml": "which set of criteria has to be used",
    "review/gold_cards.yaml": "gold cards",
    "review/step_therapy.yaml": "which drug comes first",
    "review/continuity.yaml": "care of a new member that is under way",
    "review/denial_rules.yaml": "what an adverse decision may cite",
    "review/benefit_signers.yaml": "who may sign on the plan's documents",
    "review/closings.yaml": "how a request ends without a decision",
    "review/filings.yaml": "when a request is improperly filed",
    "review/appeals.yaml": "who may appeal, and where an appeal goes that is not granted",
    "review/approval_lengths.yaml": "how long an approval holds at least",
    "review/reopening.yaml": "what opens a decision again",
    "review/quantity_limits.yaml": "how much of a drug or supply",
}
_LETTERS = "notices/law/"
_EXAMPLES = "tests"
"""The key under which an entry has worked examples of its own."""


class LawChange(NamedTuple):
    """One change in words, with the lines of business and States that it affects; empty means all."""

    says: str
    lobs: frozenset[Lob]
    states: frozenset[str]

    def is_about(self, lob: Lob, state: str) -> bool:
        return (not self.lobs or lob in self.lobs) and (not self.states or state in self.states)


def find_law_changes(old: Path, new: Path) -> tuple[LawChange, ...]:
    """Find the changes between two rulebook folders in the files on these subjects.

    Raises RulebookErrors as `find_differences` does.
    """
    return tuple(_law_changes(old, new))


def _law_changes(old: Path, new: Path) -> Iterator[LawChange]:
    letters: set[str] = set()
    for change in find_differences(old, new):
        if change.file.startswith(_LETTERS):
            letters.add(Path(change.file).stem)
            continue
        if change.file not in _FILES or change.says.startswith(_EXAMPLES):
            continue
        found = [entries_of_file(root / change.file).get(change.entry) for root in (old, new)]
        known = [entry for entry in found if isinstance(entry, dict) and "expect" not in entry]
        if any(entry.get("level") == DecisionLevel.APPEAL for entry in known):
            continue  # it decides no case at the first level
        if known:
            says = f"{_FILES[change.file]}: {change.entry}: {change.says}"
            yield LawChange(says, _lobs(known), _named(known, "state", "states"))
    for lob in sorted(letters & set(Lob)):
        yield LawChange("the law of its letters has changed", frozenset({Lob(lob)}), frozenset())


def _lobs(found: list[dict[str, Any]]) -> frozenset[Lob]:
    return frozenset(Lob(name) for name in _named(found, "lob", "lobs") if name in set(Lob))


def _named(found: list[dict[str, Any]], one: str, several: str) -> frozenset[str]:
    """Every name that the entry has or had; none when it was ever about all."""
    each = [[*([entry[one]] if entry.get(one) else []), *entry.get(several, [])] for entry in found]
    return frozenset(name for names in each for name in names) if all(each) else frozenset()
