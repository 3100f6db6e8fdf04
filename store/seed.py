"""Loader of a plan's directory from one YAML file. Loading it again updates the directory to the file's current content."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import yaml
from pydantic import ValidationError
from sqlalchemy.orm import Session
from yaml.nodes import MappingNode, Node, SequenceNode

from domain.clocks.facts import ContractLength
from domain.coverage.directory import BenefitLimit, Coverage, Member, Provider
from domain.coverage.validity_windows import PlanWindow
from domain.decisions.reviewers import Reviewer
from domain.drug_limits.rules import DrugHistory
from domain.errors import NotReadable, ValidationIssue
from domain.evidence.facts import HeldFact
from domain.letters.context import PlanContact
from domain.model import Model
from domain.plain_language.value_errors import describe_value_error
from domain.vocabulary import Accreditor, Circumstance, Lob
from store import directory
from store.session import Store

KeyPath = tuple[str | int, ...]


# The parser in C reads the same text with the same marks in a tenth of the time; not every platform has it.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class PlanEntry(Model):
    """The plan itself; `plan_id` is its National Provider Identifier or another id that requests name.

    `validity_windows` are its own windows of approvals of equipment and therapy.
    An accreditor's clocks bind only where `accreditations` lists it; without the key the accreditations are unknown.
    """

    plan_id: str
    accreditations: tuple[Accreditor, ...] | None = None
    contact: PlanContact
    validity_windows: tuple[PlanWindow, ...] = ()


class CoverageEntry(Model):
    """A coverage listed under its member, from which its member and plan follow. Fields as in `Coverage`."""

    coverage_id: str
    lob: Lob
    state: str
    zone: str
    effective: date
    end: date | None = None
    self_funded: bool | None = None
    rating_period_start: date | None = None
    circumstances: tuple[Circumstance, ...] = ()
    contract_times: tuple[ContractLength, ...] = ()
    drug_history: DrugHistory | None = None
    benefits: tuple[BenefitLimit, ...] = ()
    facts: tuple[HeldFact, ...] = ()
    medical_coverage_id: str | None = None


class MemberEntry(Member):
    coverages: tuple[CoverageEntry, ...]


class PlanFile(Model):
    plan: PlanEntry
    members: tuple[MemberEntry, ...] = ()
    providers: tuple[Provider, ...] = ()
    reviewers: tuple[Reviewer, ...] = ()


class LoadCounts(Model):
    """Number of records of each kind that the file held."""

    members: int
    coverages: int
    providers: int
    reviewers: int


def load_plan(store: Store, path: Path, clock_rules: frozenset[str] | None = None) -> LoadCounts:
    """Update the directory to the file's content. Raises NotReadable with every issue, by file, line and key.

    `clock_rules` are the ids of the rulebook's clocks, for which alone a contract can set a time (None: not checked).
    """
    content = read_plan(path, clock_rules)
    with store.begin() as s:
        return _store_plan(s, content)


def read_plan(path: Path, clock_rules: frozenset[str] | None = None) -> PlanFile:
    """The file's content, checked. Raises NotReadable as `load_plan` does."""
    root, data = _parse(path)
    found = list(_duplicate_keys(root, ()))
    if not found:
        try:
            content = PlanFile.model_validate(data)
        except ValidationError as wrong:
            found = [(error["loc"], describe_value_error(error)) for error in wrong.errors(include_url=False)]
        else:
            found = [*_plan_issues(content), *_unknown_clocks(content, clock_rules)]
            if not found:
                return content
    raise NotReadable(tuple(_problem(path, root, place, message) for place, message in found))


def _store_plan(s: Session, content: PlanFile) -> LoadCounts:
    plan = content.plan
    directory.put_plan(s, plan.plan_id, plan.contact)
    covered = 0
    for entry in content.members:
        directory.put_member(s, Member.model_validate(entry.model_dump(exclude={"coverages"})))
        for coverage in entry.coverages:
            fields = {name: getattr(coverage, name) for name in CoverageEntry.model_fields}
            whose = {"member_id": entry.member_id, "plan_id": plan.plan_id, "plan_name": plan.contact.plan_name}
            of_plan = {"accreditations": plan.accreditations, "validity_windows": plan.validity_windows}
            directory.put_coverage(s, Coverage(**fields, **whose, **of_plan))
            covered += 1
    for provider in content.providers:
        directory.put_provider(s, provider)
    for reviewer in content.reviewers:
        directory.put_reviewer(s, reviewer)
    return LoadCounts(
        members=len(content.members),
        coverages=covered,
        providers=len(content.providers),
        reviewers=len(content.reviewers),
    )


def _parse(path: Path) -> tuple[Node, Any]:
    try:
        text = path.read_text(encoding="utf-8")
        loader = _LOADER(text)
        root = loader.get_single_node()
        if root is not None and _repeats_a_part(root):
            # A few nested aliases stand for billions of entries.
            raise _unreadable(path, "a part is repeated by an alias (*name): write it out")
        data = loader.construct_document(root) if root is not None else None
    except OSError as wrong:
        raise _unreadable(path, f"the file cannot be read: {wrong.strerror}") from None
    except UnicodeDecodeError:
        raise _unreadable(path, "the file is not UTF-8 text") from None
    except (yaml.YAMLError, ValueError) as wrong:
        raise _unreadable(path, f"not YAML: {wrong}") from None
    if root is None:
        raise _unreadable(path, "the file is empty")
    return root, data


def _repeats_a_part(root: Node) -> bool:
    """Whether a node is in the file once and in its content more often, which is how an alias reads."""
    seen: set[int] = set()
    left = [root]
    while left:
        node = left.pop()
        if id(node) in seen:
            return True
        seen.add(id(node))
        if isinstance(node, MappingNode):
            left.extend(part for pair in node.value for part in pair)
        elif isinstance(node, SequenceNode):
            left.extend(node.value)
    return False


def _unreadable(path: Path, message: str) -> NotReadable:
    return NotReadable((ValidationIssue(path=str(path), rule="plan.file", message=message),))


def _problem(path: Path, root: Node, place: KeyPath, message: str) -> ValidationIssue:
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).removeprefix(".")
    return ValidationIssue(path=f"{path}:{_line(root, place)}: {key or 'file'}", rule="plan.file", message=message)


def _line(node: Node, place: KeyPath) -> int:
    """The line (from 1) of the deepest part of `place` that is in the file."""
    line = node.start_mark.line + 1
    for part in place:
        if isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
        elif isinstance(node, MappingNode):
            inside = {key.value: (key, value) for key, value in node.value}
            if part not in inside:
                break
            line, node = inside[part][0].start_mark.line + 1, inside[part][1]
            continue
        else:
            break
        line = node.start_mark.line + 1
    return line


def _duplicate_keys(node: Node, place: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    """Keys written twice in one mapping: YAML would silently keep the last."""
    if isinstance(node, MappingNode):
        for key, count in Counter(key.value for key, _ in node.value).items():
            if count > 1:
                yield (*place, key), "the key is written twice"
        for key, value in node.value:
            yield from _duplicate_keys(value, (*place, key.value))
    elif isinstance(node, SequenceNode):
        for number, value in enumerate(node.value):
            yield from _duplicate_keys(value, (*place, number))


@cache
def _zones() -> frozenset[str]:
    """The IANA time zones. Finding them reads the whole zone folder, so it is done once."""
    return frozenset(available_timezones())


def _plan_issues(content: PlanFile) -> Iterator[tuple[KeyPath, str]]:
    yield from _duplicate_ids("members", [member.member_id for member in content.members], "member_id")
    yield from _duplicate_ids("providers", [provider.npi for provider in content.providers], "npi")
    yield from _duplicate_ids("reviewers", [reviewer.reviewer_id for reviewer in content.reviewers], "reviewer_id")
    yield from _coverage_issues(content.members)
    for place, provider in enumerate(content.providers):
        if not is_npi(provider.npi):
            yield ("providers", place, "npi"), "not a National Provider Identifier: ten digits with a right check digit"
        if provider.zone is not None and provider.zone not in _zones():
            yield ("providers", place, "zone"), f"{provider.zone} is no IANA time zone"
    if content.plan.contact.zone is not None and content.plan.contact.zone not in _zones():
        yield ("plan", "contact", "zone"), f"{content.plan.contact.zone} is no IANA time zone"
    known = {reviewer.reviewer_id for reviewer in content.reviewers}
    for place, reviewer in enumerate(content.reviewers):
        if reviewer.reports_to is not None and reviewer.reports_to not in known:
            yield ("reviewers", place, "reports_to"), f"no reviewer {reviewer.reports_to} is in the file"
        for number, npi in enumerate(reviewer.conflicts):
            if not is_npi(npi):
                yield ("reviewers", place, "conflicts", number), "not a National Provider Identifier"


def _unknown_clocks(content: PlanFile, clock_rules: frozenset[str] | None) -> Iterator[tuple[KeyPath, str]]:
    """Contract times for clocks that do not exist, which would silently change nothing."""
    for number, member in enumerate(content.members):
        for place, coverage in enumerate(member.coverages):
            for position, time in enumerate(coverage.contract_times):
                if clock_rules is not None and time.rule_id not in clock_rules:
                    where = ("members", number, "coverages", place, "contract_times", position, "rule_id")
                    yield where, f"no clock {time.rule_id} is in the rulebook; 'umpire rulebook check' lists its files"


def _coverage_issues(members: Sequence[MemberEntry]) -> Iterator[tuple[KeyPath, str]]:
    zones = _zones()
    seen: set[str] = set()
    for number, member in enumerate(members):
        for place, coverage in enumerate(member.coverages):
            where: KeyPath = ("members", number, "coverages", place)
            for name in (coverage.coverage_id, *(benefit.benefit_id for benefit in coverage.benefits)):
                if name in seen:
                    yield where, f"the id {name} is used twice"
                seen.add(name)
            if coverage.zone not in zones:
                yield (*where, "zone"), f"{coverage.zone} is no IANA time zone"
            if coverage.end is not None and coverage.end < coverage.effective:
                yield (*where, "end"), "the coverage ends before it begins"


def _duplicate_ids(section: str, ids: Sequence[str], key: str) -> Iterator[tuple[KeyPath, str]]:
    seen: set[str] = set()
    for place, name in enumerate(ids):
        if name in seen:
            yield (section, place, key), f"{name} is in the file twice"
        seen.add(name)


def is_npi(text: str) -> bool:
    """Whether `text` is ten digits that pass the Luhn check under the prefix 80840 (45 CFR 162.406)."""
    if len(text) != 10 or not (text.isascii() and text.isdigit()):
        return False
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(text)]
    return (24 + sum(value - 9 if value > 9 else value for value in doubled)) % 10 == 0
