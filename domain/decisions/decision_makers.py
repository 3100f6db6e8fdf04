"""Decision makers: a rule of software, the law, or a reviewer. On the wire each is one string, as it stands in every journal.

Only a reviewer is a person; only a person's decision can be adverse.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import PlainSerializer, PlainValidator


@dataclass(frozen=True)
class ByRule:
    """Software, by one of its rules: ``rule:OXY@2023-04-01.1``. `speaker` is the part of software that says so."""

    rule: str
    speaker: str = "rule"

    def __str__(self) -> str:
        return f"{self.speaker}:{self.rule}"


@dataclass(frozen=True)
class ByLaw:
    """The law, by the rule of a missed clock: ``law:IL-STD``."""

    rule_id: str

    def __str__(self) -> str:
        return f"law:{self.rule_id}"


@dataclass(frozen=True)
class ByReviewer:
    """A person, by their reviewer id, which has no colon: ``md.ortho.chen``."""

    reviewer_id: str

    def __str__(self) -> str:
        return self.reviewer_id


def read_decision_maker(said: object) -> ByRule | ByLaw | ByReviewer:
    """Read a decision maker from its string. Whatever has a colon is no person, even if its kind is not known."""
    if isinstance(said, ByRule | ByLaw | ByReviewer):
        return said
    if not isinstance(said, str):
        raise ValueError("a decision maker is a string")
    speaker, colon, name = said.partition(":")
    if not colon:
        return ByReviewer(said)
    return ByLaw(name) if speaker == "law" else ByRule(name, speaker)


DecisionMaker = Annotated[
    ByRule | ByLaw | ByReviewer,
    PlainValidator(read_decision_maker, json_schema_input_type=str),
    PlainSerializer(str, return_type=str),
]
