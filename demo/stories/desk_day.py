"""A day at the desk: a call, a dismissal, a benefit denial, a longer authorization, and evidence that reopens a denial.

Five people work on it, each with the credential that the act needs. What the day begins with was decided the week before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from demo.case_record import CaseRecord
from demo.reviewers import CaseParticipants, require_accepted, require_rejected
from demo.stories import lumbar_fusion
from demo.stories.story import Story, sample_record, sample_request, skip_to_monday
from demo.story_printer import StoryFailed, StoryPrinter
from demo.time_skipping_lab import Lab, laboratory
from domain.authorization.messages import PartyStatement
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.cases.views import CaseStatus
from domain.decisions.closings import ContactEffort, Dismissal, DismissalReason
from domain.errors import RuleViolation
from domain.follow_ups.changes import AskedChange, LineChange
from domain.journal import EntryKind
from domain.requests.after_decision import AfterDecisionKind
from domain.vocabulary import AskedBy, Audience, Channel, NoticeKind
from intake.follow_ups import SaidAfterDecision, ask_after_decision
from intake.hand_entry import enter_request
from services.commands import benefit_review, case_actions, closing_actions
from services.commands.benefit_review import BenefitReviewForm
from store import cases

ZONE = ZoneInfo("America/Chicago")
INTAKE, NURSE, APPEALS, BENEFITS = "intake.kim", "nurse.adams", "appeals.reyes", "benefits.falk"
LONGER = date(2027, 3, 31)
THERAPY_PAUSED = "Theo was ill for four weeks, and the visits of that time are still to be given"
DISMISSAL_WORDS = (
    "A neighbor asked for the wheelchair by phone. We called her twice for the form that shows that she may speak for the "
    "member, and gave time for it until Friday. It has not come."
)
BENEFIT_DENIAL: dict[str, Any] = {
    "result": "denied",
    "provision_id": "PLAN-CPAP-EXCLUSION",
    "asked": "Riverbend Clinic asked us to cover a second CPAP device this year.",
    "counted": "Our records show one CPAP device that we paid for in March of this year.",
    "gap": "The device that was asked for would be the second one of this year.",
    "what_would_change": "A record that you never got the device of March, or a request for a device next year.",
    "plain_words": "Your plan document does not cover a second device of the same kind in one calendar year. "
    "Our records show that we paid for one in March of this year.",
    "no_conflict_of_interest": True,
    "attested": True,
}


@dataclass(frozen=True)
class DeskDayResult:
    """The case numbers of the day: each of the five, and the two decisions of the week before."""

    by_phone: str
    dismissed: str
    benefit: str
    therapy: str
    longer: str
    denied: str
    reopened: str


async def tell(lab: Lab, narrator: StoryPrinter) -> DeskDayResult:
    await skip_to_monday(lab, "America/Chicago", 8, 30)
    desk = _Desk(lab, (await lab.now()).astimezone(ZONE).date())
    narrator.show_progress("the week before: therapy is approved, surgery is denied, and a form is asked for in vain")
    wheelchair = await desk.take_call(*wheelchair_for_a_neighbor(desk.monday))
    therapy = await desk.submit("therapy-child")
    await desk.skip_to(1, "10:00")
    require_accepted(
        await CaseParticipants(lab, therapy).approve_task(NURSE, TaskKind.NURSE_REVIEW, "He needs every visit to walk.")
    )
    surgery = await desk.deny_surgery()
    await desk.skip_to(4, "16:00")
    device = await desk.submit("cpap-second-device")

    await desk.skip_to(7, "08:30")
    narrator.show_progress("Monday, 8:30: a clinic calls and asks for oxygen, and intake types it in")
    by_phone = await desk.take_call(*oxygen_by_phone(desk.monday))
    await desk.skip_to(7, "09:30")
    narrator.show_progress("9:30: the form has not come; who is trained for it dismisses the request")
    not_trained = await desk.dismiss(wheelchair)
    await desk.skip_to(7, "10:15")
    narrator.show_progress("10:15: a nurse finds a provision of the plan document; benefit staff sign")
    not_benefits = await desk.deny_by_provision(device)
    await desk.skip_to(7, "13:10")
    narrator.show_progress("13:10: a clinic asks for more time for visits that are approved")
    longer = await desk.extend(therapy)
    await desk.skip_to(7, "15:20")
    narrator.show_progress("15:20: notes arrive that nobody had when surgery was denied")
    reopened = await desk.reopen(surgery)

    day = DeskDayResult(by_phone, wheelchair, device, therapy, longer, surgery, reopened)
    _show(lab, narrator, day, desk.at(7, "00:00"), not_trained, not_benefits)
    return day


class _Desk:
    """The people of the desk in a lab. Days are counted from `monday`, the first one of the week before; hours are the
    plan's."""

    def __init__(self, lab: Lab, monday: date) -> None:
        self._lab, self.monday = lab, monday

    def at(self, day: int, clock: str) -> datetime:
        hour, minute = map(int, clock.split(":"))
        return datetime.combine(self.monday + timedelta(days=day), time(hour, minute), ZONE)

    async def skip_to(self, day: int, clock: str) -> None:
        await self._lab.advance_to(self.at(day, clock))

    async def submit(self, sample: str) -> str:
        """Submit a sample request through the portal; its case number."""
        return str((await self._lab.submit(sample_request(sample), Channel.PORTAL)).case_id)

    async def take_call(self, caller: dict[str, Any], asked: dict[str, Any]) -> str:
        """Enter what a caller asks for, received now; its case number."""
        services = await self._lab.services()
        values = {"by_hand": caller | {"taken_by": INTAKE}, "service_kind": "medical"} | asked
        outcome = await enter_request(services, values, Channel.PHONE, services.clock())
        await self._lab.settle()
        return str(outcome.case_id)

    async def deny_surgery(self) -> str:
        """The week before: a physician denies surgery on the record that came with the request; the case number."""
        people = CaseParticipants(self._lab, await self.submit("lumbar-fusion"))
        recommendation = "Six of the twelve months of other treatment are documented."
        require_accepted(await people.refer_to_physician(NURSE, recommendation))
        await self.skip_to(2, "09:00")
        require_accepted(await people.calls("Dr. Okonjo explained her plan; she had no further records at hand."))
        await self.skip_to(2, "11:00")
        denial = await people.denial_form(lumbar_fusion.PLAIN_WORDS, lumbar_fusion.WHAT_WOULD_CHANGE)
        require_accepted(await people.sign_decision(lumbar_fusion.SURGEON, denial))
        return people.record().view.case_id

    async def dismiss(self, case_id: str) -> tuple[RuleViolation, ...]:
        """Dismiss a request whose asker has not shown that the member chose her; the rules by which intake may not."""
        tries = (
            (self.at(1, "09:00"), "The neighbor said that she would send it."),
            (self.at(3, "15:30"), "Nobody answered; a message was left."),
        )
        closing = Dismissal(
            reason=DismissalReason.NO_REPRESENTATIVE_FORM,
            explanation=DISMISSAL_WORDS,
            efforts=tuple(
                ContactEffort(at=at, channel=Channel.PHONE, person="The neighbor", result=what) for at, what in tries
            ),
            form_due=self.monday + timedelta(days=4),
        )
        services = await self._lab.services()
        refused = require_rejected(await closing_actions.close_undecided(services, case_id, INTAKE, closing))
        require_accepted(await closing_actions.close_undecided(services, case_id, APPEALS, closing))
        await self._lab.settle()
        return refused

    async def deny_by_provision(self, case_id: str) -> tuple[RuleViolation, ...]:
        """Deny a device by the exclusion in the plan document; the rules by which the nurse may not."""
        people, services = CaseParticipants(self._lab, case_id), await self._lab.services()
        found = "The plan paid for one in March; the plan document excludes a second in the same year."
        task_id = people.task_id(TaskKind.NURSE_REVIEW)
        sent = TaskOutcome.TO_BENEFITS
        require_accepted(await case_actions.complete_task(services, task_id, NURSE, sent, recommendation=found))
        await self._lab.advance(minutes=50)
        tried = require_rejected(await people.deny_task(NURSE, TaskKind.BENEFIT_REVIEW, TaskOutcome.DECIDE))
        services, task_id = await self._lab.services(), people.task_id(TaskKind.BENEFIT_REVIEW)
        form = BenefitReviewForm.model_validate(BENEFIT_DENIAL)
        require_accepted(await benefit_review.complete_benefit_review(services, task_id, BENEFITS, form))
        await self._lab.settle()
        return tried

    async def extend(self, case_id: str) -> str:
        """Enter a call for a later last day, and approve it; the case number of the change."""
        services = await self._lab.services()
        said = PartyStatement(
            person="Dana Wu",
            channel=Channel.PHONE,
            at=services.clock(),
            note="Asks that the visits may be given until the end of March.",
        )
        change = AskedChange(kind=AfterDecisionKind.DATES, lines=(LineChange(line_id="1", end=LONGER),))
        asked = SaidAfterDecision(
            case_id=case_id, by=AskedBy.PROVIDER, asked=said, entered_by=NURSE, why=THERAPY_PAUSED, change=change
        )
        outcome = await ask_after_decision(services, asked)
        return await self._approve(outcome.case_id, 14, "The same visits, over a longer time, after an illness.")

    async def reopen(self, case_id: str) -> str:
        """Take records about a denied request, and approve it with them; the case number of the reopening."""
        record = sample_record("therapy-since-the-denial")
        reply = require_accepted(await CaseParticipants(self._lab, case_id).send_records(record, "therapy-notes.json"))
        return await self._approve(
            reply.case_id, 16, "With the notes of the first course, twelve months are documented."
        )

    async def _approve(self, case_id: str | None, hour: int, why: str) -> str:
        if case_id is None:
            raise StoryFailed("what was asked after the decision became no case")
        await self._lab.settle()
        await self.skip_to(7, f"{hour}:00")
        people = CaseParticipants(self._lab, case_id)
        require_accepted(await people.approve_task(NURSE, TaskKind.NURSE_REVIEW, why))
        return case_id


def oxygen_by_phone(monday: date) -> tuple[dict[str, Any], dict[str, Any]]:
    """The caller, and what is asked for: oxygen from the Monday after the next. What is only said is an attestation."""
    start = monday + timedelta(days=14)
    fact = {"id": "o2.sat_rest", "value": 86, "unit": "%", "source": {"kind": "attestation", "reference": "the call"}}
    line = {"code": "E1390", "description": "Oxygen concentrator", "quantity": 3, "unit": "month"}
    return {"caller_name": "Dana Wu", "caller_phone": "217-555-0110"}, _asked(
        "MBR1000001", "provider", "1999999984", "J44.9", line | {"start": start.isoformat()}, facts=[fact]
    )


def wheelchair_for_a_neighbor(monday: date) -> tuple[dict[str, Any], dict[str, Any]]:
    """The caller, and what is asked for: a wheelchair, by somebody who says that the member chose her to ask."""
    start = monday + timedelta(days=28)
    line = {"code": "K0823", "description": "Power wheelchair", "quantity": 1, "unit": "unit"}
    return {"caller_name": "A neighbor"}, _asked(
        "MBR1000005", "representative", "1215000054", "G35", line | {"start": start.isoformat()}
    )


def _asked(
    member: str, asked_by: str, requester: str, diagnosis: str, line: dict[str, Any], **more: Any
) -> dict[str, Any]:
    return {
        "urgency": {"urgency": "standard", "asked_by": asked_by},
        "member": {"member_id": member},
        "requesting_provider": {"npi": requester},
        "diagnoses": [diagnosis],
        "lines": [{"line_id": "1", "code_system": "hcpcs", "diagnoses": [diagnosis]} | line],
    } | more


_REMEDIES = {"vacate_right": "undo", "review_of_dismissal": "review"}

# -- what is shown ---------------------------------------------------------------------------------------------------------


def _show(
    lab: Lab,
    narrator: StoryPrinter,
    day: DeskDayResult,
    since: datetime,
    not_trained: tuple[RuleViolation, ...],
    not_benefits: tuple[RuleViolation, ...],
) -> None:
    names = {
        day.by_phone: "phone",
        day.dismissed: "dismissed",
        day.benefit: "benefit",
        day.therapy: "therapy",
        day.longer: "longer",
        day.denied: "denied",
        day.reopened: "reopened",
    }
    found = narrator.print_joined_timeline(lab.store, names, since)
    narrator.heading("Rejected actions: the rule and the remedy")
    narrator.refused("Jordan Kim, intake,", "tries to dismiss", not_trained)
    narrator.refused("Grace Adams, RN,", "tries to deny by the plan document", not_benefits)
    for case_id, notice, parts in (
        (day.by_phone, NoticeKind.INFORMATION_REQUEST, {"info_due": "by when", "clock_note": "and says"}),
        (day.dismissed, NoticeKind.DISMISSAL, {"decision_statement": "what", "dismissal_reason": "reason"} | _REMEDIES),
        (day.benefit, NoticeKind.ADVERSE_DETERMINATION, {"criteria_reference": "rule", "appeal_right": "right"}),
        (day.longer, NoticeKind.APPROVAL, {"earlier_decision": "what", "auth_dates": "until when"}),
        (day.reopened, NoticeKind.APPROVAL, {"decision_statement": "the answer", "earlier_decision": "and says"}),
    ):
        audience = Audience.PROVIDER if notice is NoticeKind.INFORMATION_REQUEST else Audience.MEMBER
        narrator.letter(found[case_id], notice, audience, parts)
    narrator.expect(
        "closing.credential" in {one.rule for one in not_trained}
        and "decision.category" in {one.rule for one in not_benefits},
        "intake cannot dismiss, and a nurse cannot deny by the plan document",
    )
    _check(lab, narrator, day, found)
    for number, (case_id, name) in enumerate(names.items(), 1):
        narrator.keep(found[case_id], lab.outbox, f"{STORY.folder}/{number}-{name}")


def _check(lab: Lab, narrator: StoryPrinter, day: DeskDayResult, found: dict[str, CaseRecord]) -> None:
    call = found[day.by_phone]
    narrator.expect(
        call.request is not None
        and call.request.channel is Channel.PHONE
        and call.request.by_hand is not None
        and call.request.by_hand.taken_by == INTAKE
        and len(call.letters_of(NoticeKind.INFORMATION_REQUEST)) == 1,
        "a call is a request like any other: its clock runs from the call, and what it cannot show is asked for once",
    )
    dismissed = found[day.dismissed]
    narrator.expect(
        dismissed.view.status is CaseStatus.DISMISSED
        and dismissed.view.decided_at is None
        and not dismissed.letters_of(NoticeKind.ADVERSE_DETERMINATION)
        and len(dismissed.letters_of(NoticeKind.DISMISSAL)) == 2,
        "a dismissal says no to nobody: member and supplier are told why, and how to have it undone or reviewed",
    )
    benefit = found[day.benefit]
    narrator.expect(
        benefit.view.status is CaseStatus.DENIED
        and all(
            "Section 7, item 12" in one.rendered.text for one in benefit.letters_of(NoticeKind.ADVERSE_DETERMINATION)
        ),
        "a denial by the plan document is signed by benefit staff, names its provision, and has every right to appeal",
    )
    with lab.store.read() as s:
        versions = cases.authorization_versions(s, day.therapy)
    number = found[day.therapy].view.authorization_number
    narrator.expect(
        [version.terms.lines[0].end for version in versions] == [date(2027, 2, 28), LONGER]
        and found[day.longer].view.authorization_number == number,
        f"the longer approval is the second version of {number}, and the first stays readable",
    )
    narrator.expect(
        found[day.denied].view.status is CaseStatus.DENIED and found[day.reopened].view.status is CaseStatus.APPROVED,
        "the notes that came after the denial reopened it; the denial stays in the record, and the surgery is approved",
    )
    missed = [entry.summary for one in found.values() for entry in one.of_kind(EntryKind.CLOCK_MISSED)]
    narrator.expect(not missed, "nothing of it was late")


STORY = Story(
    folder="7-desk",
    title="A day at the desk",
    intro=(
        "Much of a day is no clinician's yes or no: a call, a form that never came, a limit of the plan, and what comes late.",
        "Each act has the people who may do it, its letters, and its place in the record of the case.",
    ),
    open_lab=laboratory,
    tell=tell,
)
