"""Text of the laid-out elements of a letter about a stay; unknown values are printed as unknown."""

from __future__ import annotations

from dataclasses import dataclass

from domain.letters.stay_facts import Appointment, Medicine, ProviderChoice, StayFacts
from templates.dates import format_instant

ACTIONS = {"new": "New", "continue": "Keep taking", "change": "Changed", "stop": "Stop taking"}
"""Actions on a medicine, as the member reads them."""

NETWORK = {True: "In our network", False: "Not in our network", None: "We do not know if it is in our network"}
ACCEPTS_MEMBER = {True: "Has room for you", False: "Has no room now", None: "We do not know if it has room"}
INTEREST = {
    True: "Our plan or the hospital earns money from this place",
    False: "Neither our plan nor the hospital earns money from this place",
    None: "We do not know if our plan or the hospital earns money from this place",
}
NO_QUALITY = "We have no quality data for this place"


@dataclass(frozen=True)
class MedicineRow:
    name: str
    action: str
    how: str

    @property
    def shown(self) -> tuple[str, ...]:
        return (self.name, self.action, self.how)


@dataclass(frozen=True)
class AppointmentRow:
    """`phone` is empty when none is known."""

    what: str
    at: str
    place: str
    phone: str

    @property
    def shown(self) -> tuple[str, ...]:
        return (self.what, self.at, self.place, *filter(None, (self.phone,)))


@dataclass(frozen=True)
class ChoiceRow:
    """A provider to choose. `kind` is the setting, with the phone where it is known."""

    name: str
    kind: str
    network: str
    accepts: str
    quality: str
    interest: str

    @property
    def shown(self) -> tuple[str, ...]:
        return (self.name, self.kind, self.network, self.accepts, self.quality, self.interest)


@dataclass(frozen=True)
class StayPage:
    """Everything that the laid-out elements about a stay print; empty for a letter about a request."""

    facility: str | None = None
    asked: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    warning_signs: tuple[str, ...] = ()
    teaching: tuple[str, ...] = ()
    equipment: tuple[str, ...] = ()
    medicines: tuple[MedicineRow, ...] = ()
    appointments: tuple[AppointmentRow, ...] = ()
    choices: tuple[ChoiceRow, ...] = ()


def build_stay_page(stay: StayFacts | None, zone: str) -> StayPage:
    """The content of a page about a stay."""
    if stay is None:
        return StayPage()
    return StayPage(
        facility=stay.facility,
        asked=stay.asked,
        facts=stay.facts_of_case,
        gaps=stay.gaps,
        warning_signs=stay.warning_signs,
        teaching=stay.teaching,
        equipment=stay.equipment,
        medicines=tuple(_medicine(each) for each in stay.medicines),
        appointments=tuple(_appointment(each, zone) for each in stay.appointments),
        choices=tuple(_choice(each) for each in stay.choices),
    )


def _medicine(medicine: Medicine) -> MedicineRow:
    return MedicineRow(medicine.name, ACTIONS.get(medicine.action, ""), medicine.how)


def _appointment(visit: Appointment, zone: str) -> AppointmentRow:
    what = f"{visit.with_whom}: {visit.purpose}" if visit.with_whom.strip() and visit.purpose.strip() else ""
    return AppointmentRow(
        what, format_instant(visit.at, zone), visit.place, f"Phone {visit.phone}" if visit.phone else ""
    )


def _choice(choice: ProviderChoice) -> ChoiceRow:
    return ChoiceRow(
        name=choice.name,
        kind=", phone ".join(filter(None, (choice.setting, choice.phone))),
        network=NETWORK[choice.in_network],
        accepts=ACCEPTS_MEMBER[choice.accepts],
        quality=f"Quality: {choice.quality}" if choice.quality else NO_QUALITY,
        interest=INTEREST[choice.plan_has_interest],
    )
