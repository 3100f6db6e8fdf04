"""Criteria of the rulebook: the fact dictionary and the guidelines, checked before use.

One folder holds `facts.yaml` (key `facts`) and any number of files with the key `guidelines`; `editions/` holds, by their last
day, the wordings that running cases were assessed by. Loading rejects what could
mislead: an unknown key, a fact that is not in the dictionary, an operator that does not fit, a dead branch, a guideline
without citation or without a test case for each outcome, a test case with another result. Every error names file, line, key
and what was expected, and all of them are reported at once.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from domain.criteria.guideline_test_cases import GuidelineTestFailure, failing_test_cases
from domain.criteria.instruments import instrument_issues
from domain.criteria.model import Guideline
from domain.criteria.reachability import reachability_issues
from domain.criteria.soundness import GuidelineIssue, release_issues, structure_issues
from domain.evidence.facts import FactDefinition, FactDictionary
from domain.evidence.units import misspelt_unit
from rulebook.errors import RulebookError, RulebookErrors
from rulebook.yamlfile import RULEBOOK_ROOT, LocatedYaml, model_items, read_yaml, to_model

CRITERIA_FOLDER = RULEBOOK_ROOT / "criteria"
FACTS_FILE = "facts.yaml"
EDITIONS_FOLDER = "editions"


@dataclass(frozen=True)
class Edition:
    """The guidelines as they stood until a correction; `until` is the last day on which new reviews used them.

    A case that was assessed by them goes on with them, to be read by people: nothing is approved by rule.
    """

    until: date
    guidelines: tuple[Guideline, ...]

    def holds(self, guideline_id: str, version: str) -> bool:
        return any((found.id, found.version) == (guideline_id, version) for found in self.guidelines)


@dataclass(frozen=True)
class Criteria:
    """The dictionary and the guidelines of one rulebook, in order of id and first day in force.

    `editions` are earlier wordings, the newest first.
    """

    dictionary: FactDictionary
    guidelines: tuple[Guideline, ...]
    editions: tuple[Edition, ...] = ()

    def edition_of(self, assessed_by: Iterable[tuple[str, str]]) -> Edition | None:
        """The earlier edition by which a case was assessed, given ids and versions; None when those are today's."""
        current = {(found.id, found.version) for found in self.guidelines}
        outdated = [pair for pair in assessed_by if pair not in current]
        return next((one for one in self.editions if any(one.holds(*pair) for pair in outdated)), None)

    def guideline(self, guideline_id: str, version: str) -> Guideline:
        """One guideline by id and version. Raises KeyError when the rulebook does not have it."""
        for guideline in self.guidelines:
            if (guideline.id, guideline.version) == (guideline_id, version):
                return guideline
        raise KeyError(f"{guideline_id} {version}")

    @cached_property
    def content_hash(self) -> str:
        """sha256 (hex) over the hashes of the dictionary and of every guideline: the version of the criteria."""
        parts = [self.dictionary.content_hash, *(guideline.content_hash for guideline in self.guidelines)]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def load_criteria(folder: Path = CRITERIA_FOLDER, mapped_groups: Collection[str] = ()) -> Criteria:
    """Read and check a criteria folder. Raises RulebookErrors with every error of every file.

    `mapped_groups` are the service groups that have codes: a name that nearly is one of them was misspelt.
    """
    dictionary = load_dictionary(folder / FACTS_FILE)
    guidelines: list[Guideline] = []
    places: list[tuple[Guideline, LocatedYaml]] = []
    errors: list[RulebookError] = []
    for path in sorted(folder.glob("*.yaml")):
        if path.name == FACTS_FILE:
            continue
        try:
            for item in model_items(read_yaml(path), "guidelines"):
                guidelines.append(_load_guideline(item, dictionary, guidelines))
                places.append((guidelines[-1], item))
        except RulebookErrors as refused:
            errors.extend(refused.errors)
    if not errors:
        errors.extend(_unknown_references(places))
        errors.extend(_misspelt_groups(places, mapped_groups))
    if errors:
        raise RulebookErrors(tuple(errors))
    return Criteria(dictionary, _in_order(guidelines), _load_editions(folder / EDITIONS_FOLDER, dictionary))


def _in_order(guidelines: Iterable[Guideline]) -> tuple[Guideline, ...]:
    return tuple(sorted(guidelines, key=lambda found: (found.id, found.effective_from)))


def _load_editions(folder: Path, dictionary: FactDictionary) -> tuple[Edition, ...]:
    """Load the earlier editions, one folder each, named by their last day. They only have to be possible to evaluate."""
    editions: list[Edition] = []
    errors: list[RulebookError] = []
    for place in sorted((one for one in folder.glob("*") if one.is_dir()), reverse=True):
        try:
            until = date.fromisoformat(place.name)
        except ValueError:
            problem = f"{place.name} is no day"
            errors.append(RulebookError(str(place), 1, "", problem, "the last day of the edition, such as 2026-11-30"))
            continue
        guidelines: list[Guideline] = []
        for path in sorted(place.glob("*.yaml")):
            for item in model_items(read_yaml(path), "guidelines"):
                guideline = to_model(item, Guideline)
                faults = structure_issues(guideline, dictionary)
                errors.extend(item.error(fault.path, fault.problem, fault.expected) for fault in faults)
                guidelines.append(guideline)
        editions.append(Edition(until, _in_order(guidelines)))
    if errors:
        raise RulebookErrors(tuple(errors))
    return tuple(editions)


def load_dictionary(path: Path = CRITERIA_FOLDER / FACTS_FILE) -> FactDictionary:
    """Load the fact dictionary. Raises RulebookErrors."""
    definitions: dict[str, FactDefinition] = {}
    errors: list[RulebookError] = []
    for item in model_items(read_yaml(path), "facts"):
        try:
            definition = to_model(item, FactDefinition)
        except RulebookErrors as refused:
            errors.extend(refused.errors)
            continue
        if (code := misspelt_unit(definition.unit)) is not None:
            errors.append(
                item.error(("unit",), f"{definition.unit} is no unit that records can be compared with", code)
            )
        if definitions.setdefault(definition.id, definition) is not definition:
            errors.append(item.error(("id",), f"the fact {definition.id} is defined twice", "each fact once"))
    if errors:
        raise RulebookErrors(tuple(errors))
    return FactDictionary(facts=tuple(definitions.values()))


def run_guideline_tests(criteria: Criteria) -> list[GuidelineTestFailure]:
    """Run the test cases of every guideline; the list of failures is empty when all pass."""
    return [failure for found in criteria.guidelines for failure in failing_test_cases(found, criteria.dictionary)]


def _load_guideline(item: LocatedYaml, dictionary: FactDictionary, others: list[Guideline]) -> Guideline:
    guideline = to_model(item, Guideline)
    faults = structure_issues(guideline, dictionary)
    if not faults:
        faults = (
            *release_issues(guideline, dictionary),
            *reachability_issues(guideline, dictionary),
            *instrument_issues(guideline, dictionary),
            *_overlaps(guideline, others),
        )
    if not faults:
        faults = tuple(_test_failure_issue(failure) for failure in failing_test_cases(guideline, dictionary))
    if faults:
        raise RulebookErrors(tuple(item.error(fault.path, fault.problem, fault.expected) for fault in faults))
    return guideline


def _overlaps(guideline: Guideline, others: list[Guideline]) -> Iterator[GuidelineIssue]:
    for other in others:
        if other.id != guideline.id:
            continue
        if other.version == guideline.version:
            yield GuidelineIssue(
                ("version",), f"{guideline.id} {guideline.version} is there twice", "a version of its own"
            )
        first, second = sorted((guideline, other), key=lambda found: found.effective_from)
        if first.effective_to is None or first.effective_to >= second.effective_from:
            problem = f"{guideline.id} is in force twice, as {first.version} and {second.version}"
            yield GuidelineIssue(("effective_from",), problem, "effective_to on the older version")


def _unknown_references(places: list[tuple[Guideline, LocatedYaml]]) -> Iterator[RulebookError]:
    """Errors for guidelines that refer to an unknown guideline, or to themselves."""
    known = {guideline.id for guideline, _ in places}
    for guideline, item in places:
        for position, name in enumerate(guideline.requires):
            if name not in known or name == guideline.id:
                yield item.error(("requires", position), f"no other guideline has the id {name}", "one that is here")
        if guideline.continues is not None and (
            guideline.continues not in known or guideline.continues == guideline.id
        ):
            problem = f"no other guideline has the id {guideline.continues}"
            yield item.error(("continues",), problem, "one that is here")


def _misspelt_groups(
    places: list[tuple[Guideline, LocatedYaml]], mapped_groups: Collection[str]
) -> Iterator[RulebookError]:
    """Errors for a service group without codes whose name is nearly that of one with codes: its guideline would never apply.
    A group that an operator maps is no error."""
    for guideline, item in places:
        for position, name in enumerate(guideline.applies_to.service_group):
            near = difflib.get_close_matches(name, mapped_groups, n=1, cutoff=0.85) if name not in mapped_groups else []
            for likely in near:
                problem = f"no code belongs to a service group named {name}"
                expected = f"{likely} (did you mean that?), or codes for {name} in your code map"
                yield item.error(("applies_to", "service_group", position), problem, expected)


def _test_failure_issue(failure: GuidelineTestFailure) -> GuidelineIssue:
    path = ("tests", failure.position, "expect")
    return GuidelineIssue(path, f"{failure.name!r} comes out {failure.got}", f"{failure.expected}, as the vector says")
