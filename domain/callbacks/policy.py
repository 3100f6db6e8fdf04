"""The plan's policy for callbacks: responsible roles, number of attempts, and required scripts."""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from typing import Self

from pydantic import Field, model_validator

from domain.cited_value import CitedCount, CitedEntry
from domain.model import Model
from domain.vocabulary import Role


class CallTopic(StrEnum):
    """Topics of a message, named without health information."""

    CLINICAL_REVIEW = "clinical_review"
    STATUS_OF_REQUEST = "status_of_request"
    PEER_TO_PEER = "peer_to_peer"
    DISCHARGE = "discharge"
    APPEAL = "appeal"
    BENEFITS = "benefits"
    OTHER = "other"


class CallbackRoleRule(CitedEntry):
    """The role that returns calls about a topic."""

    about: CallTopic
    role: Role


class CallScript(CitedEntry):
    """A required script, with the source of the requirement."""

    says: str = Field(min_length=1)


class CallbackPolicy(Model):
    """The plan's rules for returning calls. `attempts`: unanswered calls before another contact method is used."""

    callers: tuple[CallbackRoleRule, ...]
    attempts: CitedCount
    not_reached_business_days: CitedCount
    identification: CallScript
    help: CallScript

    @model_validator(mode="after")
    def _says_each_once(self) -> Self:
        if sorted(rule.about for rule in self.callers) != sorted(CallTopic):
            raise ValueError(f"callers needs one entry for each of {', '.join(CallTopic)}")
        if self.attempts.value < 1:
            raise ValueError("attempts is at least 1")
        return self

    @cached_property
    def _roles(self) -> dict[CallTopic, Role]:
        return {rule.about: rule.role for rule in self.callers}

    def role_for(self, about: CallTopic) -> Role:
        """The role that returns a call about this topic."""
        return self._roles[about]
