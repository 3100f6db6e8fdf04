"""What the plan does with concerns about quality and safety: who sorts them, how soon, and which severity goes where."""

from __future__ import annotations

from functools import cached_property
from typing import Literal, Self

from pydantic import Field, model_validator

from domain.model import Model
from domain.sourced import Figure, Sourced
from domain.vocabulary import ConcernKind, Role

Severity = Literal[0, 1, 2, 3, 4]
KINDS: tuple[ConcernKind, ...] = ("quality", "safety", "care_management")
LEVELS: tuple[Severity, ...] = (0, 1, 2, 3, 4)


class Triage(Sourced):
    """Who sorts a concern of this kind, and within how many business days of the plan's zone.

    0 is the same business day, by the end of its hours; what is raised after hours is due on the next business day.
    """

    kind: ConcernKind
    role: Role
    business_days: int = Field(ge=0)


class SeverityRule(Sourced):
    """What a severity level means, and what it asks for beyond the triage.

    `business_days` is the time for the step that follows: the peer review, else the committee, else the closing.
    """

    level: Severity
    means: str = Field(min_length=1)
    peer_review: bool
    committee: bool
    business_days: int = Field(ge=0)


class ConcernPolicy(Model):
    """The plan's figures for concerns. Each has its source."""

    triage: tuple[Triage, ...]
    severities: tuple[SeverityRule, ...]
    peer_review_role: Role
    peer_review_professions: tuple[str, ...] = Field(min_length=1)
    committee_business_days: Figure
    care_management_acceptance_business_days: Figure
    care_management_outcome_business_days: Figure
    closure_business_days: Figure

    @model_validator(mode="after")
    def _says_each_once(self) -> Self:
        kinds = [rule.kind for rule in self.triage]
        if sorted(kinds) != sorted(KINDS):
            raise ValueError(f"triage needs one entry for each of {', '.join(KINDS)}")
        if [rule.level for rule in self.severities] != list(LEVELS):
            raise ValueError("severities needs the levels 0 to 4, each once and in this order")
        return self

    @cached_property
    def _by_kind(self) -> dict[ConcernKind, Triage]:
        return {rule.kind: rule for rule in self.triage}

    def triage_of(self, kind: ConcernKind) -> Triage:
        """Who sorts a concern of this kind."""
        return self._by_kind[kind]

    def severity(self, level: Severity) -> SeverityRule:
        """What a level means and asks for."""
        return self.severities[level]
