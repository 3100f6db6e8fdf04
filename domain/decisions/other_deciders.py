"""Clinicians other than physicians who may sign an adverse decision: which profession, on which services, by which law.

A psychologist with a doctoral license may decide on psychotherapy, testing and behavior analysis where the law of the line of
business and of the State lets one. Stays and drugs stay with physicians. What is not sure is read as a no.
"""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field, field_validator

from domain.cited_value import Confidence
from domain.model import Model
from domain.vocabulary import Lob, Role

ROLE_OF_PROFESSION = {"psychologist": Role.PSYCHOLOGIST}
"""The only other professions that a rulebook may name, each with the role in which its people work."""


class FieldOfProfession(Model):
    """The specialties of another profession that fit a service."""

    profession: str
    specialties: tuple[str, ...] = Field(min_length=1)

    @field_validator("profession")
    @classmethod
    def _is_known(cls, profession: str) -> str:
        return _known_profession(profession)


class OtherDeciderRule(Model):
    """One law: whether a profession may sign an adverse first decision of these lines of business in these States.

    No `states` are all that no earlier rule names. Only `may_sign` with a confidence better than `unsure` lets anybody sign.
    """

    rule_id: str = Field(pattern=r"^[A-Z][A-Z0-9-]*$")
    profession: str
    lobs: tuple[Lob, ...] = Field(min_length=1)
    states: tuple[str, ...] = ()
    may_sign: bool
    citations: tuple[str, ...] = Field(min_length=1)
    confidence: Confidence
    note: str = ""

    @field_validator("profession")
    @classmethod
    def _is_known(cls, profession: str) -> str:
        return _known_profession(profession)

    def is_about(self, profession: str, lob: Lob, state: str | None, self_funded: bool | None) -> bool:
        """Whether the rule speaks for a member. A State's rule binds no plan that is known to be funded by the employer."""
        of_state = not self.states or (self_funded is not True and state in self.states)
        return profession == self.profession and lob in self.lobs and of_state

    @property
    def lets_sign(self) -> bool:
        return self.may_sign and self.confidence is not Confidence.UNSURE


class OtherDecider(Model):
    """A profession that may sign the decision on a line beside physicians, in these specialties and by this rule."""

    rule_id: str
    profession: str
    specialties: tuple[str, ...] = Field(min_length=1)
    citations: tuple[str, ...] = Field(min_length=1)

    @field_validator("profession")
    @classmethod
    def _is_known(cls, profession: str) -> str:
        return _known_profession(profession)

    @property
    def role(self) -> Role:
        return ROLE_OF_PROFESSION[self.profession]


def find_other_deciders(
    rules: Iterable[OtherDeciderRule],
    fields: Iterable[FieldOfProfession],
    lob: Lob,
    state: str | None,
    self_funded: bool | None,
) -> tuple[OtherDecider, ...]:
    """The other professions that may decide: the first rule that speaks for the member counts, and none is a no.

    Where the State is not known (None), its law is not, and nobody but those whom the line's own rule names decides. An
    employer plan of which it is not known who funds it may be outside of the State's law: both rules have to let one sign.
    """
    if state is None:
        return ()
    known, found = tuple(rules), []
    unknown = lob is Lob.COMMERCIAL_ERISA and self_funded is None
    for field in fields:
        named = [
            next((one for one in known if one.is_about(field.profession, lob, state, funded)), None)
            for funded in ((True, False) if unknown else (self_funded,))
        ]
        rule = named[-1]
        if rule is not None and all(one is not None and one.lets_sign for one in named):
            found.append(
                OtherDecider(
                    rule_id=rule.rule_id,
                    profession=field.profession,
                    specialties=field.specialties,
                    citations=rule.citations,
                )
            )
    return tuple(found)


def shared_deciders(by_line: Iterable[tuple[OtherDecider, ...]]) -> tuple[OtherDecider, ...]:
    """The other professions that may decide every one of the lines, in the specialties that fit each of them."""
    first, *rest = tuple(by_line) or ((),)
    shared = []
    for one in first:
        same = [other for line in rest for other in line if other.profession == one.profession]
        fitting = tuple(name for name in one.specialties if all(name in other.specialties for other in same))
        if len(same) == len(rest) and fitting:
            shared.append(one.model_copy(update={"specialties": fitting}))
    return tuple(shared)


def _known_profession(profession: str) -> str:
    if profession not in ROLE_OF_PROFESSION:
        raise ValueError(f"got '{profession}'; expected one of {', '.join(sorted(ROLE_OF_PROFESSION))}")
    return profession
