"""The forms of acts on a case that are no task: their fields with what each means. Nothing in them is answered beforehand.

They hold what the commands of `case_actions`, `closing_actions`, `desk_actions` and of intake take; who acts stands in none.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from pydantic import AwareDatetime, Field

from domain.appeals.filing import AppealFiling
from domain.authorization.messages import ContactLog, ExtensionGround, PartyStatement
from domain.cases.desk_messages import CaseContact
from domain.decisions.closings import (
    ContactEffort,
    Dismissal,
    DismissalReason,
    ImproperFiling,
    Misdirection,
    OutsideCoverage,
)
from domain.follow_ups.changes import AskedChange, LineChange
from domain.model import Model
from domain.requests.after_decision import AfterDecisionKind, ReopeningGround
from domain.requests.request import ProviderReference
from domain.vocabulary import AskedBy, Channel


class NoteForm(Model):
    """A note on the case, for those who work on it."""

    text: str = Field(min_length=1, description="For those who work on the case; it stands in its journal.")


class ContactForm(Model):
    """A call, fax or visit about the case."""

    person: str = Field(min_length=1, description="With whom.")
    role: str = Field(min_length=1, description="Their role, such as office manager.")
    organization: str = Field(min_length=1, description="Their organization.")
    number: str = Field(min_length=1, description="The number called, or the address.")
    at: AwareDatetime = Field(description="When it took place.")
    result: str = Field(min_length=1, description="What came of it.")

    @property
    def contact(self) -> CaseContact:
        return CaseContact.model_validate(self.model_dump())


class ExpediteForm(Model):
    """A request for an expedited review."""

    asked_by: AskedBy = Field(description="The party that asks.")
    physician_statement: bool | None = Field(
        default=None,
        description="Whether a physician states that the standard time could seriously harm: it then binds; null: not known.",
    )


class ExtensionForm(Model):
    """More time for a decision, as far as the clock's rule allows."""

    reason: Literal["enrollee_asked", "missing_information", "plan_justified"] = Field(description="Why more time.")
    justification: str = Field(min_length=1, description="The reason as printed in the member's letter.")
    days_given: int | None = Field(default=None, ge=1, description="Number of days, where the rule allows a choice.")
    ground: Literal["enrollee_asked", "noncontract_evidence", "extraordinary"] | None = Field(
        default=None, description="The coded ground, where the rule asks for one."
    )
    fact: str = Field(default="", description="What was asked, is awaited and may change, or is extraordinary.")
    person: str | None = Field(default=None, description="The person who asked for more time, if somebody did.")
    channel: Channel | None = Field(default=None, description="The channel through which they asked.")
    provider_npi: str | None = Field(default=None, description="The NPI of the provider whose evidence is awaited.")
    second_person: str | None = Field(
        default=None, description="The second reviewer who agrees, for an expedited case, by user name."
    )

    def stated_ground(self, now: datetime) -> ExtensionGround | None:
        """The ground with its facts; None where none was named. Whoever asked did so at `now` (UTC)."""
        if self.ground is None:
            return None
        party = None
        if self.person is not None and self.channel is not None:
            party = PartyStatement(person=self.person, channel=self.channel, at=now, note=self.fact)
        return ExtensionGround(code=self.ground, fact=self.fact, party=party, provider_npi=self.provider_npi)


class StatementForm(Model):
    """A party's statement of what it asks: which person, through which channel, when, and what shows it."""

    by: AskedBy = Field(description="The party that asks.")
    person: str = Field(min_length=1, description="The person who asked.")
    channel: Channel = Field(description="The channel through which they asked.")
    at: AwareDatetime | None = Field(default=None, description="When they asked; now unless given.")
    document_id: str | None = Field(default=None, description="The document on the case that shows it, by its number.")
    note: str | None = Field(default=None, description="What was said, where there is no document.")

    def statement(self, now: datetime) -> PartyStatement:
        """The statement; it was made at `now` (UTC) where no time is given."""
        return PartyStatement(
            person=self.person, channel=self.channel, at=self.at or now, document_id=self.document_id, note=self.note
        )


class WithdrawalForm(StatementForm):
    """A party takes its request back, or its withdrawal."""

    why: str | None = Field(default=None, description="The stated reason.")


class EffortForm(Model):
    """One effort to get what is missing."""

    at: AwareDatetime = Field(description="When.")
    channel: Channel = Field(description="Through which channel.")
    person: str = Field(min_length=1, description="Whom.")
    result: str = Field(min_length=1, description="What came of it.")


class DismissalForm(Model):
    """A dismissal. Nothing is decided about the care; the letters say how to have it undone or reviewed."""

    reason: DismissalReason = Field(description="The reason, as the rule of the line of business knows it.")
    explanation: str = Field(min_length=1, description="What the letters say of this request, in plain words.")
    efforts: tuple[EffortForm, ...] = Field(default=(), description="Efforts to get what is missing.")
    form_due: date | None = Field(default=None, description="The last day given for a representative's form.")
    died_on: date | None = Field(default=None, description="The day on which the member died.")
    nobody_pursues: bool | None = Field(
        default=None,
        description="Whether neither spouse nor estate nor anybody else with a financial interest goes on with it.",
    )

    @property
    def closing(self) -> Dismissal:
        efforts = tuple(ContactEffort.model_validate(one.model_dump()) for one in self.efforts)
        return Dismissal(**self.model_dump(exclude={"efforts"}), efforts=efforts)


class VacatingForm(StatementForm):
    """A dismissal is vacated for good cause."""

    good_cause: str = Field(min_length=1, description="The good cause.")


class NotCoveredForm(Model):
    """The person is not the plan's member on days of the request."""

    checked_in: str = Field(min_length=1, description="The system or file in which enrollment was looked up.")
    checked_at: AwareDatetime | None = Field(default=None, description="When it was looked up; now unless given.")
    covered_through: date | None = Field(
        default=None, description="The last covered day, where coverage ends within the request."
    )
    other_payer: str | None = Field(default=None, description="Who covers the other days, if that is known.")

    def closing(self, now: datetime) -> OutsideCoverage:
        """The closing; it was looked up at `now` (UTC) where no time is given."""
        return OutsideCoverage(**self.model_dump(exclude={"checked_at"}), checked_at=self.checked_at or now)


class ForwardingForm(Model):
    """A request for another plan was forwarded."""

    to: str = Field(min_length=1, description="The plan or payer that the request is for.")
    channel: Channel = Field(description="The channel by which it was forwarded.")
    address: str = Field(min_length=1, description="The number or address to which it went.")
    proof: str | None = Field(default=None, description="The number of the transmission, or a tracking number.")
    document_id: str | None = Field(default=None, description="The document on the case that shows it, by its number.")
    sent_at: AwareDatetime | None = Field(default=None, description="When it was forwarded; now unless given.")

    def closing(self, now: datetime) -> Misdirection:
        """The closing; it was forwarded at `now` (UTC) where no time is given."""
        return Misdirection(**self.model_dump(exclude={"sent_at"}), sent_at=self.sent_at or now)


class NotFiledForm(Model):
    """A request missed the plan's procedure."""

    missing: tuple[str, ...] = Field(min_length=1, description="What the request lacks.")
    how_to_file: str = Field(min_length=1, description="How to file it properly, in plain words.")
    told: str | None = Field(default=None, description="Who was told by telephone.")
    number: str | None = Field(default=None, description="The number that was called.")
    told_at: AwareDatetime | None = Field(default=None, description="When they were told.")
    in_writing: bool | None = Field(default=None, description="Whether they asked for it in writing.")

    @property
    def closing(self) -> ImproperFiling:
        return ImproperFiling.model_validate(self.model_dump())


class GrievanceForm(Model):
    """A grievance about more time taken, or about not expediting."""

    about: Literal["extension", "expedite_refusal"] = Field(description="More time, or not expediting.")
    said: str = Field(min_length=1, description="What was said.")
    person: str = Field(min_length=1, description="The person who complained.")
    channel: Channel = Field(description="The channel through which they did.")
    at: AwareDatetime | None = Field(default=None, description="When; now unless given.")
    document_id: str | None = Field(default=None, description="The document on the case that shows it, by its number.")

    def statement(self, now: datetime) -> PartyStatement:
        """The complaint as it was said, at `now` (UTC) where no time is given."""
        return PartyStatement(
            person=self.person, channel=self.channel, at=self.at or now, document_id=self.document_id, note=self.said
        )


class PeerToPeerForm(Model):
    """The result of an offered peer-to-peer. When the plan misses the call, the offer stays open."""

    result: Literal["held", "declined", "provider_no_show", "plan_no_show"] = Field(
        description="The result of the call."
    )
    called: str | None = Field(default=None, description="Who was called (needed unless the plan missed the call).")
    number: str | None = Field(default=None, description="The number that was called (needed likewise).")
    called_at: AwareDatetime | None = Field(default=None, description="When; now unless given.")
    note: str | None = Field(default=None, description="Summary of the call.")

    def contact(self, now: datetime, by: str) -> ContactLog | None:
        """The log of the call, placed by this reviewer at `now` (UTC) unless a time is given; None where there is none."""
        if self.called is None or self.number is None:
            return None
        return ContactLog(called=self.called, number=self.number, at=self.called_at or now, by=by)


class ChangeForm(StatementForm):
    """A change of an authorization, as a party asks for it."""

    why: str = Field(min_length=1, description="The reason, in words for the letter.")

    def change(self) -> AskedChange | None:
        """The change; None for what is no change of an authorization."""
        return AskedChange(kind=AfterDecisionKind.VOID)


class DatesForm(ChangeForm):
    """Other days: extended, or moved. The units stay as they are."""

    line_id: str = Field(description="The line of the authorization, such as 1.")
    start: date | None = Field(default=None, description="The first day.")
    end: date | None = Field(default=None, description="The last day.")

    def change(self) -> AskedChange:
        change = LineChange(line_id=self.line_id, start=self.start, end=self.end)
        return AskedChange(kind=AfterDecisionKind.DATES, lines=(change,))


class ProviderForm(ChangeForm):
    """Another provider gives the service."""

    provider_npi: str = Field(pattern=r"^\d{10}$", description="The NPI of who is to give the service.")
    provider_name: str | None = Field(default=None, description="The provider's name, if the directory lacks it.")

    def change(self) -> AskedChange:
        provider = ProviderReference(npi=self.provider_npi, name=self.provider_name)
        return AskedChange(kind=AfterDecisionKind.PROVIDER, servicing_provider=provider)


class PlaceForm(ChangeForm):
    """The service is given at another place."""

    line_id: str = Field(description="The line of the authorization, such as 1.")
    place_of_service: str = Field(pattern=r"^[0-9]{2}$", description="The place of service, two digits.")

    def change(self) -> AskedChange:
        change = LineChange(line_id=self.line_id, place_of_service=self.place_of_service)
        return AskedChange(kind=AfterDecisionKind.PLACE, lines=(change,))


class MoreUnitsForm(ChangeForm):
    """More units: a request like the first, with an authorization number of its own."""

    line_id: str = Field(description="The line of the authorization, such as 1.")
    units: Decimal = Field(gt=0, description="How many more units.")
    start: date | None = Field(default=None, description="The first day.")
    end: date | None = Field(default=None, description="The last day.")

    def change(self) -> AskedChange:
        change = LineChange(line_id=self.line_id, quantity=self.units, start=self.start, end=self.end)
        return AskedChange(kind=AfterDecisionKind.MORE_UNITS, lines=(change,))


class ReopeningForm(ChangeForm):
    """A denial is to be reopened, by the rule of the line."""

    ground: ReopeningGround = Field(description="The ground.")

    def change(self) -> None:
        return None


class AppealForm(Model):
    """An appeal of what was denied here, also by word of mouth. A second one joins the first."""

    by: AskedBy = Field(description="The party that appeals.")
    person: str = Field(min_length=1, description="The person who appealed.")
    channel: Channel = Field(description="The channel through which they did.")
    said: str = Field(min_length=1, description="What the appeal says, in the words of whoever appeals.")
    document_id: str | None = Field(default=None, description="The document on the case that shows it, by its number.")
    line_ids: tuple[str, ...] = Field(
        default=(), description="The lines that are appealed; none: all that were denied."
    )
    expedited: Literal[True] | None = Field(default=None, description="A fast decision is asked for.")
    clinician_supports: bool | None = Field(
        default=None, description="Whether a clinician says that waiting could harm the member; null: nobody asked."
    )
    late_because: str | None = Field(default=None, description="What is said of the lateness of the appeal.")

    def filing(self, case_id: str, entered_by: str, now: datetime) -> AppealFiling:
        """The appeal of this case, received at `now` (UTC)."""
        asked = PartyStatement(
            person=self.person, channel=self.channel, at=now, document_id=self.document_id, note=self.said
        )
        return AppealFiling(
            case_id=case_id,
            by=self.by,
            asked=asked,
            said=self.said,
            entered_by=entered_by,
            line_ids=self.line_ids,
            expedited=self.expedited is True,
            clinician_supports=self.clinician_supports,
            late_because=self.late_because,
        )


class CorrectionForm(Model):
    """A clerical error is set right. Nothing is taken away by a correction."""

    line_id: str = Field(description="The line of the authorization, such as 1.")
    start: date | None = Field(default=None, description="The right first day.")
    end: date | None = Field(default=None, description="The right last day.")
    place_of_service: str | None = Field(default=None, description="The right place of service, two digits.")
    why: str = Field(min_length=1, description="The reason, in words for the letter.")

    def change(self) -> AskedChange:
        change = LineChange.model_validate(self.model_dump(exclude={"why"}))
        return AskedChange(kind=AfterDecisionKind.CORRECTION, lines=(change,))


class EarlyEndForm(Model):
    """A proposal that an authorization ends early. A review of its own decides; until then it stands."""

    effective_on: date = Field(description="The first day that is no longer covered.")
    why: str = Field(min_length=1, description="The reason, in words for the letter.")
