"""Complete rulebook of a worker: everything a policy team may change, loaded and checked once at start."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from domain.calendars import Calendar
from domain.cases.escalation_ladders import EscalationLadders
from domain.clocks.rules import ClockRule
from domain.clocks.terms import DueKind
from domain.retention.periods import RetentionPolicy
from domain.retrospective.parts import RetrospectivePolicy
from domain.vocabulary import Lob, Proceeding
from rulebook.aid_continuing import ContinuationRule, load_continuation_rules
from rulebook.calendar_rules import load_federal_calendar
from rulebook.clock_rules import load_clock_rules
from rulebook.code_map import OPERATOR_MAP_VARIABLE, CodeMap, load_code_map
from rulebook.errors import RulebookError, RulebookErrors
from rulebook.escalations import load_escalation_ladders
from rulebook.guidelines import Criteria, load_criteria, run_guideline_tests
from rulebook.limit_rules import unknown_fact_errors, yes_or_no_problem
from rulebook.notice_rules import NoticeBook
from rulebook.pharmacy.rules import DrugRules, load_drug_rules
from rulebook.retention_rules import load_retention_policy
from rulebook.review_rules import ReviewRules, load_retrospective_policy, load_review_rules
from rulebook.schemas import KINDS
from rulebook.stay_rules import StayRules, load_stay_rules
from rulebook.yamlfile import RULEBOOK_ROOT

FOLDER_VARIABLE = "UMPIRE_RULEBOOK"
"""Environment variable that names the folder of a custom rulebook, with the same layout as the shipped one."""


@dataclass(frozen=True)
class Rulebook:
    """All rules, with the hash of their files: the version that a case records."""

    version: str
    clocks: tuple[ClockRule, ...]
    calendar: Calendar
    criteria: Criteria
    code_map: CodeMap
    notices: NoticeBook
    review: ReviewRules
    ladders: EscalationLadders
    continuation: Mapping[Lob, ContinuationRule]
    stays: StayRules
    retrospective: RetrospectivePolicy
    retention: RetentionPolicy
    drugs: DrugRules = DrugRules()

    @property
    def lobs(self) -> frozenset[Lob]:
        """The supported lines of business: those with a decider rule and at least one clock."""
        clocked = {lob for rule in self.clocks for lob in rule.applies.lob}
        return frozenset(clocked & set(self.review.deciders))


def load_rulebook(environ: Mapping[str, str] | None = None) -> Rulebook:
    """Load and validate the shipped rulebook, or the one in the folder that UMPIRE_RULEBOOK names.

    A process that asks again for the same bytes gets the same book. Raises RulebookErrors with file, line, key and what was
    expected.
    """
    environ = os.environ if environ is None else environ
    root = _root(environ)
    _reject_stray_files(root, environ)
    return _load(root, environ.get(OPERATOR_MAP_VARIABLE, ""), rulebook_version(environ))


@lru_cache(maxsize=2)
def _load(root: Path, operator_map: str, version: str) -> Rulebook:
    clocks = load_clock_rules(root / "clocks")
    calendar = load_federal_calendar(root / "calendars")
    _check_calendars(clocks, calendar)
    code_map = load_code_map({OPERATOR_MAP_VARIABLE: operator_map}, root / "code_map.yaml")
    criteria = load_criteria(root / "criteria", {group.id for group in code_map.groups})
    review = load_review_rules(root / "review")
    _check_facts(review, criteria)
    _check_appeals(review, clocks)
    return Rulebook(
        version=version,
        clocks=clocks,
        calendar=calendar,
        criteria=criteria,
        code_map=code_map,
        notices=NoticeBook.load(root / "notices"),
        review=review,
        ladders=load_escalation_ladders(root / "escalations.yaml"),
        continuation=load_continuation_rules(root / "continuation.yaml", clocks),
        stays=load_stay_rules(root / "stays"),
        retrospective=load_retrospective_policy(root / "review" / "retrospective.yaml"),
        retention=load_retention_policy(root / "retention.yaml"),
        drugs=load_drug_rules(root / "review", criteria.dictionary),
    )


def _check_facts(review: ReviewRules, criteria: Criteria) -> None:
    """Refuse a review rule that asks for a fact which nobody could answer with yes or no."""
    known, expected = criteria.dictionary.by_id, "the id of a yes-or-no fact of criteria/facts.yaml"
    wrong = [("review/step_therapy.yaml", "exceptions", each) for each in unknown_fact_errors(review.steps, known)]
    for rule_id, fact in review.protection_facts.items():
        problem = yes_or_no_problem(fact, known)
        if problem is not None:
            wrong.append(("review", "fact", f"{rule_id}: {problem}"))
    if wrong:
        raise RulebookErrors(tuple(RulebookError(file, 1, key, each, expected) for file, key, each in wrong))


def _check_appeals(review: ReviewRules, clocks: tuple[ClockRule, ...]) -> None:
    """Refuse a rule on appeals whose time to file no clock of its line counts: an appeal would never be late there."""
    windows = {
        (rule.rule_id, lob)
        for rule in clocks
        if rule.duty is DueKind.FILING and Proceeding.APPEAL in rule.applies.proceeding
        for lob in rule.applies.lob
    }
    taken_over = {(name, lob) for rule in clocks for name in rule.uses for lob in rule.applies.lob}
    filing = {rule_id for rule_id, _ in windows}
    wrong = [
        (rule.rule_id, f"{rule.window_rule} is no time to appeal of {lob.value}")
        for rule in review.appeals
        for lob in rule.lobs
        if rule.window_rule not in filing or (rule.window_rule, lob) not in windows | taken_over
    ]
    if wrong:
        expected = "the rule_id of a filing clock for appeals that binds the line, or that a rule of the line uses"
        raise RulebookErrors(
            tuple(
                RulebookError("review/appeals.yaml", 1, "window_rule", f"{rule_id}: {problem}", expected)
                for rule_id, problem in wrong
            )
        )


def _check_calendars(clocks: tuple[ClockRule, ...], calendar: Calendar) -> None:
    """Refuse a clock rule that counts by a calendar which does not exist: it would fail in the middle of a case."""
    known = {calendar.name, *(one.name for one in calendar.others)}
    named = ((rule.rule_id, rule.calendar) for rule in clocks if rule.calendar is not None)
    wrong = {(rule_id, name) for rule_id, name in named if name not in known}
    if wrong:
        expected = "one of " + ", ".join(sorted(known))
        raise RulebookErrors(
            tuple(
                RulebookError("clocks", 1, "calendar", f"{rule_id} names {name}", expected)
                for rule_id, name in sorted(wrong)
            )
        )


def failing_guideline_tests(rulebook: Rulebook) -> list[str]:
    """The test cases of guidelines that fail, in words."""
    return [str(failure) for failure in run_guideline_tests(rulebook.criteria)]


def rulebook_root(environ: Mapping[str, str] | None = None) -> Path:
    """The folder of the rulebook in use. Raises RulebookErrors when UMPIRE_RULEBOOK names one without clocks."""
    return _root(os.environ if environ is None else environ)


def _root(environ: Mapping[str, str]) -> Path:
    """The rulebook's folder. One without clocks is rejected: cases would run without any."""
    own = environ.get(FOLDER_VARIABLE, "").strip()
    if not own:
        return RULEBOOK_ROOT
    root = Path(own).resolve()
    if not any(root.glob("clocks/*.yaml")):
        problem = f"{FOLDER_VARIABLE} names a folder without clock rules"
        raise RulebookErrors((RulebookError(own, 1, "", problem, "a rulebook folder with clocks/*.yaml"),))
    return root


def _reject_stray_files(root: Path, environ: Mapping[str, str]) -> None:
    """Reject YAML files that no loader reads: their rules would bind nobody, unnoticed."""
    own = environ.get(OPERATOR_MAP_VARIABLE, "").strip()
    read = {path.resolve() for kind in KINDS.values() for path in kind.paths(root)} | (
        {Path(own).resolve()} if own else set()
    )
    strays = sorted(path for path in root.rglob("*") if path.suffix in (".yaml", ".yml") and path.resolve() not in read)
    if strays:
        places = ", ".join(kind.files for kind in KINDS.values())
        problem, expected = "nothing reads this file, so it would bind nobody", f"one of the places {places}"
        raise RulebookErrors(tuple(RulebookError(str(path), 1, "", problem, expected) for path in strays))


def rulebook_version(environ: Mapping[str, str] | None = None) -> str:
    """sha256 over names and bytes of every rulebook file, the operator's code map included; the first 16 hex digits."""
    environ = os.environ if environ is None else environ
    root, digest = _root(environ), hashlib.sha256()
    for path in sorted((*root.rglob("*.yaml"), *root.rglob("*.csv"))):
        digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes() + b"\0")
    own = environ.get(OPERATOR_MAP_VARIABLE, "").strip()
    if own:
        digest.update(Path(own).read_bytes())
    return digest.hexdigest()[:16]
