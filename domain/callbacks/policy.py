"""Who calls back whom, how often, and what has to be said first."""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from typing import Self

from pydantic import Field, model_validator

from domain.model import Model
from domain.sourced import Figure, Sourced
from domain.vocabulary import Role


class CallTopic(StrEnum):
    """What a message is about, as short as it can be said without health information."""

    CLINICAL_REVIEW = "clinical_review"
    STATUS_OF_REQUEST = "status_of_request"
    PEER_TO_PEER = "peer_to_peer"
    DISCHARGE = "discharge"
    APPEAL = "appeal"
    BENEFITS = "benefits"
    OTHER = "other"


class CallerRole(Sourced):
    """Whose work it is to return calls about a topic."""

    about: CallTopic
    role: Role


class Script(Sourced):
    """Words that are said, with where the duty to say them comes from."""

    says: str = Field(min_length=1)


class CallbackPolicy(Model):
    """The plan's rules for returning calls. `attempts` counts calls without an answer before somebody finds another way."""

    callers: tuple[CallerRole, ...]
    attempts: Figure
    not_reached_business_days: Figure
    identification: Script
    help: Script

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
        """Who returns a call about this."""
        return self._roles[about]
