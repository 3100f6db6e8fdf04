"""Licensed sets of criteria, the law that names which of them must be used, and the port through which one answers.

The text of a licensed set is its owner's and is not part of this program: a set is an empty slot until an installation
connects its own licensed copy. Where a State's law names a set for a service, no guideline of another set judges there; a
clinician does, by the set that has to be used, and an answer of the connected set is shown beside the case.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Protocol, Self

from pydantic import Field, NonNegativeInt, model_validator

from domain.cited_value import Confidence, SourceReading
from domain.criteria.model import Guideline
from domain.criteria.selection import LineCodes
from domain.evidence.facts import Fact
from domain.model import Model
from domain.three_valued import Tri
from domain.vocabulary import Lob


class LicensedSet(Model):
    """A set of criteria by name: the slot that an installation fills. `licence` says what its owner has to grant before."""

    set_id: str = Field(pattern=r"^[A-Z][A-Z0-9-]*$")
    name: str = Field(min_length=1)
    owner: str = Field(min_length=1)
    licence: str = Field(min_length=1)
    about: str = Field(min_length=1)


class RequiredSet(Model):
    """The law of States (two letters) by which one of these sets has to be used. Every condition that is given has to hold.

    One match in the service groups, the codes or the levels of care is enough. `diagnoses` are beginnings of ICD-10-CM codes:
    a request without any diagnosis of a mental or substance use disorder (F) leaves open which it is about, and the rule
    binds. `ages` are whole years, both ends included; an age that is not known is bound. `first_day` is a day of service.
    """

    rule_id: str = Field(pattern=r"^[A-Z][A-Z0-9-]*$")
    set_ids: tuple[str, ...] = Field(min_length=1)
    states: tuple[str, ...] = Field(min_length=1)
    lobs: tuple[Lob, ...] = Field(min_length=1)
    service_groups: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    levels_of_care: tuple[str, ...] = ()
    diagnoses: tuple[str, ...] = ()
    ages: tuple[NonNegativeInt, NonNegativeInt] | None = None
    first_day: date
    last_day: date | None = None
    cite: str = Field(min_length=1)
    confidence: Confidence
    note: str = ""
    readings: tuple[SourceReading, ...] = ()

    @model_validator(mode="after")
    def _names_a_service(self) -> Self:
        if not (self.service_groups or self.codes or self.levels_of_care):
            raise ValueError("names no service; give service_groups, codes or levels_of_care")
        return self

    def binds(
        self, codes: LineCodes, state: str | None, self_funded: bool | None, day: date, diagnoses: Iterable[str]
    ) -> bool:
        """Whether the law binds a line on its day of service; only a plan known to be funded by the employer is free."""
        return (
            codes.lob in self.lobs
            and state in self.states
            and self_funded is not True
            and self.first_day <= day
            and (self.last_day is None or day <= self.last_day)
            and (self.ages is None or codes.age is None or self.ages[0] <= codes.age <= self.ages[1])
            and self._is_about(codes)
            and self._is_of_disorder(diagnoses)
        )

    def _is_about(self, codes: LineCodes) -> bool:
        return (
            not codes.service_groups.isdisjoint(self.service_groups)
            or not codes.hcpcs.isdisjoint(self.codes)
            or codes.level_of_care in self.levels_of_care
        )

    def _is_of_disorder(self, diagnoses: Iterable[str]) -> bool:
        disorders = [code.upper() for code in diagnoses if code.upper().startswith("F")]
        return not self.diagnoses or not disorders or any(code.startswith(self.diagnoses) for code in disorders)


class LicensedQuestion(Model):
    """The line that a connected set is asked about, with the facts of the record that the dictionary knows."""

    set_id: str
    code: str
    level_of_care: str | None
    age: int | None
    day: date
    facts: tuple[Fact, ...]


class LicensedAnswer(Model):
    """An answer of a connected set: which set and edition, the outcome, and where to read it in the licensed copy."""

    set_id: str
    edition: str = Field(min_length=1)
    outcome: Tri
    reference: str = Field(min_length=1)


class LicensedCriteria(Protocol):
    """Licensed sets that an installation has connected. None where the set that is asked is an empty slot."""

    def answer(self, question: LicensedQuestion) -> LicensedAnswer | None: ...


class RequiredSetFinding(Model):
    """The set that has to be used for a line, by law, and what it answers where it is connected.

    It approves and refuses nothing: a clinician decides by the set. `set_ids` lists the sets of which one has to be used.
    """

    rule_ids: tuple[str, ...]
    set_ids: tuple[str, ...]
    names: tuple[str, ...]
    cites: tuple[str, ...]
    answer: LicensedAnswer | None = None

    @property
    def in_words(self) -> str:
        """The finding in words, for a task and the journal."""
        must = f"{' or '.join(self.names)} has to be used ({'; '.join(self.cites)})"
        if self.answer is None:
            return f"{must}; it is not connected here, so a clinician judges by it"
        said = self.answer.outcome.value.replace("_", " ")
        return f"{must}; {self.answer.set_id}, {self.answer.edition}, says {said} ({self.answer.reference})"


def may_judge(guideline: Guideline, bound: Iterable[RequiredSet]) -> bool:
    """Whether a guideline about a line may judge it where these laws bind: only as one of the sets that each of them names.

    A federal standard for whatever these members are given stands beside every set.
    """
    return guideline.applies_to.every_service or all(guideline.source.criteria_set in rule.set_ids for rule in bound)


def describe_required(bound: Iterable[RequiredSet], sets: Iterable[LicensedSet]) -> RequiredSetFinding | None:
    """The finding for the laws that bind a line; None where none does."""
    rules, by_id = tuple(bound), {found.set_id: found for found in sets}
    if not rules:
        return None
    set_ids = tuple(dict.fromkeys(set_id for rule in rules for set_id in rule.set_ids))
    return RequiredSetFinding(
        rule_ids=tuple(rule.rule_id for rule in rules),
        set_ids=set_ids,
        names=tuple(by_id[set_id].name for set_id in set_ids),
        cites=tuple(dict.fromkeys(rule.cite for rule in rules)),
    )
