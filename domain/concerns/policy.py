"""The plan's policy for quality and safety concerns: triage roles, time limits, and routes by severity."""

from __future__ import annotations

from functools import cached_property
from typing import Literal, Self

from pydantic import Field, model_validator

from domain.cited_value import CitedCount, CitedEntry
from domain.model import Model
from domain.vocabulary import ConcernKind, Role

SeverityLevel = Literal[0, 1, 2, 3, 4]
CONCERN_KINDS: tuple[ConcernKind, ...] = ("quality", "safety", "care_management")
SEVERITY_LEVELS: tuple[SeverityLevel, ...] = (0, 1, 2, 3, 4)


class TriageRule(CitedEntry):
    """Triage rule for a kind of concern: its role and its time in business days of the plan's zone.

    0 is the same business day, by the end of its hours; what is raised after hours is due on the next business day.
    """

    kind: ConcernKind
    role: Role
    business_days: int = Field(ge=0)


class SeverityRule(CitedEntry):
    """A severity level: its meaning, and the steps that it requires beyond triage.

    `business_days` is the time for the step that follows: the peer review, else the committee, else the closing.
    """

    level: SeverityLevel
    means: str = Field(min_length=1)
    peer_review: bool
    committee: bool
    business_days: int = Field(ge=0)


class ConcernPolicy(Model):
    """The plan's figures for concerns. Each has its source."""

    triage: tuple[TriageRule, ...]
    severities: tuple[SeverityRule, ...]
    peer_review_role: Role
    peer_review_professions: tuple[str, ...] = Field(min_length=1)
    committee_business_days: CitedCount
    care_management_acceptance_business_days: CitedCount
    care_management_outcome_business_days: CitedCount
    closure_business_days: CitedCount

    @model_validator(mode="after")
    def _says_each_once(self) -> Self:
        kinds = [rule.kind for rule in self.triage]
        if sorted(kinds) != sorted(CONCERN_KINDS):
            raise ValueError(f"triage needs one entry for each of {', '.join(CONCERN_KINDS)}")
        if [rule.level for rule in self.severities] != list(SEVERITY_LEVELS):
            raise ValueError("severities needs the levels 0 to 4, each once and in this order")
        return self

    @cached_property
    def _by_kind(self) -> dict[ConcernKind, TriageRule]:
        return {rule.kind: rule for rule in self.triage}

    def triage_rule(self, kind: ConcernKind) -> TriageRule:
        """The triage rule for concerns of this kind."""
        return self._by_kind[kind]

    def severity(self, level: SeverityLevel) -> SeverityRule:
        """The rule for a severity level."""
        return self.severities[level]
