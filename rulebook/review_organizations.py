"""Organizations by State that letters name, read from `rulebook/notices/`: Medicare's Quality Improvement Organizations (QIOs,
`qio.yaml`), the offices that help consumers and those for fair hearings (`offices.yaml`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import Field

from domain.clocks.rules import Confidence
from domain.letters.context import ConsumerHelp, HearingOffice, PlanContact
from domain.letters.stay_facts import ReviewOrganization
from domain.model import Model
from domain.vocabulary import Lob
from rulebook.errors import RulebookError
from rulebook.yamlfile import LocatedYaml

EVERYWHERE = "everywhere"
"""The entry for every State that has none of its own."""


class QioRegion(Model):
    """One organization with the states (two letters) that it serves."""

    name: str = Field(min_length=1)
    phone: str = Field(min_length=1)
    tty: str = Field(min_length=1)
    states: tuple[str, ...] = Field(min_length=1)
    citations: tuple[str, ...] = Field(min_length=1)
    confidence: Confidence

    @property
    def organization(self) -> ReviewOrganization:
        """The organization as letters print it."""
        return ReviewOrganization(name=self.name, phone=self.phone, tty=self.tty)


class ConsumerOffice(Model):
    """The office that helps consumers with appeals, of these States (two letters) or `everywhere` else."""

    states: tuple[str, ...] = Field(min_length=1)
    name: str = Field(min_length=1)
    phone: str = Field(min_length=1)
    citations: tuple[str, ...] = Field(min_length=1)
    confidence: Confidence


class StateHearingOffice(Model):
    """The office for fair hearings of one State (two letters), for these lines of business."""

    state: str = Field(pattern=r"^[A-Z]{2}$")
    lobs: tuple[Lob, ...] = Field(min_length=1)
    agency: str = Field(min_length=1)
    phone: str = Field(min_length=1)
    address: tuple[str, ...] = Field(min_length=1)
    citations: tuple[str, ...] = Field(min_length=1)
    confidence: Confidence


@dataclass(frozen=True)
class StateOffices:
    """The offices by State. What the plan names itself goes first."""

    help_by_state: Mapping[str, ConsumerOffice]
    hearings: Mapping[tuple[str, Lob], StateHearingOffice]

    def consumer_help(self, state: str, plan: PlanContact) -> ConsumerHelp | None:
        """The help for consumers in a State; None where neither the plan nor the rulebook names any, or the rulebook is unsure:
        no letter prints that as a fact."""
        own = next((one for one in plan.consumer_help if one.state == state), None)
        if own is not None:
            return ConsumerHelp(name=own.name, phone=own.phone)
        found = self._listed(state)
        return self.listed_help(state) if found is not None and _is_sure(found.confidence) else None

    def listed_help(self, state: str) -> ConsumerHelp | None:
        """The office that the rulebook lists for a State, however sure it is: to try letters, never to send them."""
        found = self._listed(state)
        return ConsumerHelp(name=found.name, phone=found.phone) if found is not None else None

    def _listed(self, state: str) -> ConsumerOffice | None:
        return self.help_by_state.get(state) or self.help_by_state.get(EVERYWHERE)

    def hearing_office(self, state: str, lob: Lob, plan: PlanContact) -> HearingOffice | None:
        """The office for fair hearings of a line of business that has them; None where it has none, or it is not known or
        unsure: the letter then tells how to ask through the plan."""
        if lob not in (Lob.MEDICAID, Lob.CHIP):
            return None
        own = next((one for one in plan.hearing_offices if one.state == state), None)
        if own is not None:
            return HearingOffice(agency=own.agency, phone=own.phone, address=own.address)
        found = self.hearings.get((state, lob))
        if found is None or not _is_sure(found.confidence):
            return None
        return HearingOffice(agency=found.agency, phone=found.phone, address=found.address)


def name_review_organization(
    state: str | None, plan: PlanContact, region: QioRegion | None
) -> ReviewOrganization | None:
    """Medicare's review organization of the State in which the care is given, as a notice may print it: the plan's own word
    first; None where the rulebook's is missing or unsure."""
    own = next((one for one in plan.review_organizations if state in one.states), None)
    if own is not None:
        return ReviewOrganization(name=own.name, phone=own.phone, tty=own.tty)
    return region.organization if region is not None and _is_sure(region.confidence) else None


def _is_sure(confidence: Confidence) -> bool:
    return confidence is not Confidence.UNSURE


def build_offices(
    helps: list[tuple[LocatedYaml, ConsumerOffice]], hearings: list[tuple[LocatedYaml, StateHearingOffice]]
) -> tuple[StateOffices, tuple[RulebookError, ...]]:
    """The offices, with an error for every State that is named twice."""
    return (
        StateOffices(
            {state: office for _, office in helps for state in office.states},
            {(office.state, lob): office for _, office in hearings for lob in office.lobs},
        ),
        (*_named_twice(helps), *_heard_twice(hearings)),
    )


def _named_twice(helps: list[tuple[LocatedYaml, ConsumerOffice]]) -> Iterator[RulebookError]:
    seen: set[str] = set()
    for located, office in helps:
        for position, state in enumerate(office.states):
            if state in seen:
                yield located.error(("states", position), f"{state} has an office already", "each State once")
            seen.add(state)


def _heard_twice(hearings: list[tuple[LocatedYaml, StateHearingOffice]]) -> Iterator[RulebookError]:
    seen: set[tuple[str, Lob]] = set()
    for located, office in hearings:
        for lob in office.lobs:
            if (office.state, lob) in seen:
                yield located.error(("state",), f"{office.state} has an office for {lob} already", "each State once")
            seen.add((office.state, lob))
