"""The authorization case: the state of one request under review.

Only the case's own workflow changes it. The functions of this folder decide what happens and journal it in `pending`, which
the workflow passes to the store; what is not in the journal did not happen. They make the changes through the methods of the
case and its parts (`domain.authorization.parts`). `domain.cases` changes what all cases share: tasks, letters, clocks.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, Field, model_validator

from domain.authorization.assessment import Assessment, CoverageFinding, LineAssessment
from domain.authorization.messages import TakeExtension
from domain.authorization.orders import Reservation
from domain.authorization.parts import (
    ANSWERED_ROUTES,
    CasePhase,
    Determinations,
    Ending,
    Expediting,
    Extending,
    FiledGrievance,
    InformationRequest,
    IreForwarding,
    MissNotices,
    PeerToPeer,
    Route,
    Supplying,
)
from domain.case_numbers import authorization_number
from domain.cases.case import Case
from domain.cases.escalation_ladders import EscalationLadders
from domain.cases.views import CaseStatus
from domain.clocks.engine import Clock, DueKind, EventKind
from domain.decisions.benefits import NecessityAnswer
from domain.decisions.closings import Closing, OutsideCoverage
from domain.decisions.determination import Approval, DeciderRule, LineDecision, RecordOnFile, SignedDetermination
from domain.errors import ImpossibleState
from domain.pharmacy.other_benefit import BenefitNotice
from domain.requests.after_decision import AfterDecisionFinding
from domain.requests.request import StayReference
from domain.vocabulary import NoticeKind, ReviewKind, ServiceKind, Urgency


class AuthorizationCase(Case):
    """A request under review: its assessment, the route of each line, and the determinations so far. `benefit_notice` is the
    word that another benefit pays for a drug, `records` are those on file at the last message of a reviewer. `cancelled` are
    the services that were taken out and of which no letter was ordered yet, `to_tell` the sentences of the next letter on a
    change. `after` is the rule on what is asked after an earlier decision; `follow_ups` are the notes on requests that came
    after this one's; `follow_ups_told` counts what the decided case was told of it, `told_in_vain` the ends taken back."""

    request_version: int
    newest_version: int = 1
    versions_heard: tuple[int, ...] = Field(default=(), exclude_if=lambda heard: not heard)
    records: tuple[RecordOnFile, ...] | None = Field(default=None, exclude_if=lambda held: held is None)
    requesting_npi: str = ""
    review_kind: ReviewKind = ReviewKind.PROSPECTIVE
    stay: StayReference | None = None
    service_kind: ServiceKind = ServiceKind.MEDICAL
    after: AfterDecisionFinding | None = Field(default=None, exclude_if=lambda found: found is None)

    assessment: Assessment | None = None
    look_needed: bool = True
    coverage_confirmed: bool = False
    coverage_set_aside: bool = False
    covered_through: date | None = Field(default=None, exclude_if=lambda day: day is None)
    needs: dict[str, NecessityAnswer] = Field(default={}, exclude_if=lambda answers: not answers)
    left_out: OutsideCoverage | None = Field(default=None, exclude_if=lambda finding: finding is None)

    determinations: Determinations = Determinations()
    ending: Ending = Ending()
    expediting: Expediting = Expediting()
    extending: Extending = Extending()
    information: InformationRequest | None = None
    peer_to_peer: PeerToPeer | None = None
    supplying: Supplying = Supplying()
    benefit_notice: BenefitNotice | None = Field(default=None, exclude_if=lambda told: told is None)

    done: dict[DueKind, AwareDatetime] = {}
    awaited: tuple[EventKind, ...] = Field(default=(), exclude_if=lambda named: not named)
    miss_notices: MissNotices = MissNotices()
    forwarding: IreForwarding | None = None
    cancelled: tuple[str, ...] = Field(default=(), exclude_if=lambda lines: not lines)
    to_tell: tuple[str, ...] = Field(default=(), exclude_if=lambda said: not said)
    follow_ups: tuple[str, ...] = Field(default=(), exclude_if=lambda noted: not noted)
    follow_ups_told: int = Field(default=0, exclude_if=lambda told: told == 0)
    told_in_vain: int = Field(default=0, exclude_if=lambda told: told == 0)
    grievance: FiledGrievance | None = Field(default=None, exclude_if=lambda filed: filed is None)

    @model_validator(mode="after")
    def _adverse_only_as_signed(self) -> AuthorizationCase:
        """No case is read in which something stands as denied that nobody signed."""
        signed = {line.line_id for made in self.adverse for line in made.lines if line.is_adverse}
        unsigned = [
            line_id for line_id, route in self.routes.items() if route is Route.DECIDED and line_id not in signed
        ]
        ends = {self.status, self.concluded} & {CaseStatus.DENIED, CaseStatus.APPROVED_IN_PART}
        if unsigned or (ends and not signed):
            raise ValueError("the case is adverse without a signed determination")
        return self

    # -- reading -------------------------------------------------------------------------------------------------------

    @property
    def phase(self) -> CasePhase:
        """The phase: from `ANSWERED` on the request is not changed any more, from `CONCLUDED` on the answer stands."""
        if not self.is_open:
            return CasePhase.CLOSED
        if self.concluded is not None:
            return CasePhase.CONCLUDED
        answered = self.ends_undecided or self.is_put_on_record or self.is_settled
        return CasePhase.ANSWERED if answered else CasePhase.IN_REVIEW

    @property
    def is_open(self) -> bool:
        return self.status is CaseStatus.OPEN

    @property
    def status(self) -> CaseStatus:
        return self.ending.status

    @property
    def concluded(self) -> CaseStatus | None:
        return self.ending.concluded

    @property
    def withdrawal(self) -> str | None:
        return self.ending.withdrawal

    @property
    def closing(self) -> Closing | None:
        return self.ending.closing

    @property
    def ends_undecided(self) -> bool:
        """Whether the request ends without a determination: its party withdrew it, or staff closed it."""
        return self.withdrawal is not None or self.closing is not None

    @property
    def authorization_number(self) -> str | None:
        return self.ending.authorization_number

    @property
    def number_of_approval(self) -> str:
        """The authorization number that what is approved in this case has, or would have."""
        own = authorization_number(self.case_id)
        return own if self.after is None else self.after.asked.number_of_approval(own)

    @property
    def is_put_on_record(self) -> bool:
        """Whether what is asked after a decision ends without a review of its lines."""
        return self.after is not None and self.after.is_put_on_record

    @property
    def urgency(self) -> Urgency:
        return self.expediting.urgency

    @property
    def routes(self) -> Mapping[str, Route]:
        return self.determinations.routes

    @property
    def approvals(self) -> Mapping[str, Approval]:
        return self.determinations.approvals

    @property
    def adverse(self) -> tuple[SignedDetermination, ...]:
        return self.determinations.adverse

    @property
    def decided_at(self) -> datetime | None:
        return self.determinations.decided_at

    @property
    def ladders(self) -> EscalationLadders:
        return self.require_context().ladders

    @property
    def letter_repair_hours(self) -> int:
        return self.require_context().policy.letter_repair_hours

    @property
    def missed_clock_hours(self) -> int:
        return self.require_context().policy.missed_clock_task_hours

    @property
    def is_covered(self) -> bool:
        """Whether the member is covered: by the eligibility system, by intake while it does not answer, or by enrollment."""
        found = self.assessment.coverage if self.assessment is not None else None
        by_staff = found is CoverageFinding.UNAVAILABLE and self.coverage_confirmed
        return found is CoverageFinding.ACTIVE or by_staff or self.covered_through is not None

    @property
    def is_settled(self) -> bool:
        """Whether every line has its determination and coverage is no longer in question."""
        return (
            self.assessment is not None and not self.unresolved_lines() and (self.is_covered or self.coverage_set_aside)
        )

    def decision_deadline(self) -> tuple[datetime, str] | None:
        """The decision deadline (UTC) and its citation, by its clock or, where a reduction has none, the notice's last day."""
        if (due := self.due()) is not None:
            return due[1].at, due[1].citation
        last = self.stay.decide_by(ZoneInfo(self.zone)) if self.stay is not None else None
        return (last, self.stay.notice_citation) if self.stay is not None and last is not None else None

    def require_finding(self) -> AfterDecisionFinding:
        """The rule on what is asked after a decision. Raises ImpossibleState for a request that follows none."""
        if self.after is None:
            raise ImpossibleState(f"{self.case_id} follows no decision")
        return self.after

    def deciders(self) -> tuple[DeciderRule, ...]:
        return (self.assessment.decider,) if self.assessment is not None else ()

    def require_context(self) -> Assessment:
        """The current assessment. Raises ImpossibleState before the first one: nothing may be decided without it."""
        if self.assessment is None:
            raise ImpossibleState(f"{self.case_id} has not been assessed")
        return self.assessment

    def unresolved_lines(self) -> tuple[LineAssessment, ...]:
        """The lines that need authorization and have neither an approval nor a decision."""
        lines = self.assessment.lines if self.assessment is not None else ()
        return tuple(line for line in lines if self.routes.get(line.line_id) not in ANSWERED_ROUTES)

    def signed_answer(self, line_id: str) -> tuple[SignedDetermination, LineDecision] | None:
        """The adverse determination in effect on a line, with its decision; None when there is none."""
        if self.routes.get(line_id) is not Route.DECIDED:
            return None
        found = ((made, line) for made in reversed(self.adverse) for line in made.lines if line.line_id == line_id)
        return next(((made, line) for made, line in found if line.is_adverse), None)

    def effective_determinations(self) -> tuple[SignedDetermination, ...]:
        """The determinations with an adverse decision in effect, in the order in which they were accepted."""
        answers = [self.signed_answer(line.line_id) for line in self.require_context().lines]
        standing = [answer[0] for answer in answers if answer is not None]
        return tuple(made for made in self.adverse if made in standing)

    # -- writing -------------------------------------------------------------------------------------------------------

    def apply_clocks(self, clocks: tuple[Clock, ...], awaited: tuple[EventKind, ...]) -> None:
        """Set the clocks, and the events that some clock waits for."""
        self.clocks, self.awaited, self.clocks_stale = clocks, awaited, False

    def happened_if_awaited(self, kind: EventKind, at: datetime) -> None:
        """Record a clock event for which some clock waits; without one nothing is recomputed. A case whose clocks were computed
        by an earlier version awaits nothing, so that its steps follow from its history."""
        if kind in self.awaited:
            self.awaited = tuple(one for one in self.awaited if one is not kind)
            self.happened(kind, at)

    def apply_assessment(self, assessment: Assessment, clocks: tuple[Clock, ...]) -> None:
        """Set the assessment and the clocks; they hold until new information arrives. Lines that are no more are dropped."""
        self.assessment, self.clocks = assessment, clocks
        if self.covered_through is not None:
            self.assessment, outside = assessment.without_days_after(self.covered_through)
            self.determinations.send(outside, Route.NOT_COVERED)
        self.lob, self.state, self.zone = assessment.lob, assessment.state, assessment.zone
        self.look_needed = self.clocks_stale = False
        self.determinations.keep_lines({line.line_id for line in assessment.lines})

    def end_coverage(self, last_day: date) -> None:
        """Take `last_day` as the last covered day: lines after it are not decided, and of the others the days up to it."""
        self.covered_through = last_day
        self.coverage_confirmed = self.look_needed = True

    def adopt_file(self, received_at: datetime | None, version: int | None) -> str:
        """Adopt receipt and version of the request on file (None: as started). Returns what was told instead, in words."""
        told = []
        if received_at is not None:
            was, held = self.received_at.isoformat(), received_at.isoformat()
            told.append(f"it named {was} as the receipt; on file is {held}.")
            self.received_at = received_at
        if version is not None:
            told.append(f"it named version {self.request_version} of the request; on file is {version}.")
            self.request_version = version
        return " ".join(told)

    def tell_change(self, words: str) -> None:
        """Have the next letter on a change say this."""
        self.to_tell = (*self.to_tell, words)
        self.queue_notice(NoticeKind.CHANGE_NOTICE)

    def adopt_finding_after_decision(self, found: AfterDecisionFinding | None) -> None:
        """Take over the rule on what is asked after a decision; what people answered before stands."""
        if found is not None:
            self.after = found.answered_as(self.after)

    def adopt_version(self, version: int | None) -> None:
        """Use the newest known version of the request, and assess it. That care is not needed was answered without it."""
        self.hear_of_version(version)
        self.request_version = max(self.request_version, version or 0)
        self.needs = {line_id: answer for line_id, answer in self.needs.items() if answer.necessary}
        self.look_needed = True

    def hear_of_version(self, version: int | None) -> None:
        """Remember that a message told of this version of the request: it tells of it once."""
        if version is not None and not self.has_heard_of(version):
            self.versions_heard = (*self._known_versions(), version)

    def has_heard_of(self, version: int) -> bool:
        """Whether a message told of this version of the request, or told of it before such messages were remembered."""
        return version in self._known_versions()

    def _known_versions(self) -> tuple[int, ...]:
        """The versions after the first that were told of. A case that remembers none has what it was assessed by."""
        return self.versions_heard or tuple(range(2, self.request_version + 1))

    def start_over(self) -> None:
        """Forget the answers to an earlier version of the request. Units stay reserved until they are released."""
        self.determinations = self.determinations.keeping_units()
        self.information, self.peer_to_peer, self.needs = None, None, {}
        self.coverage_confirmed = self.coverage_set_aside = False

    def confirm_coverage(self) -> None:
        """Take the member as covered while the eligibility system does not answer, and assess the request again."""
        self.coverage_confirmed = self.look_needed = True

    def set_coverage_aside(self) -> None:
        """Go on although coverage is in question: a physician decides, or the law has."""
        self.coverage_set_aside = True

    def ask(self, asked: InformationRequest) -> None:
        """Let these lines wait for the provider's answer; the letter is queued."""
        self.information = asked
        self.determinations.send(asked.line_ids, Route.ASKED)
        self.queue_notice(NoticeKind.INFORMATION_REQUEST)

    def receive_answer(self, at: datetime) -> None:
        """End the wait for information that was requested by `at`: the lines that waited are routed anew."""
        asked = self.information
        if asked is not None and asked.is_open and at >= asked.asked_at:
            asked.answer(at)
            waiting = (line_id for line_id in asked.line_ids if self.routes.get(line_id) is Route.ASKED)
            self.determinations.send(tuple(waiting), Route.NEW)

    def reserve(self, reserved: tuple[Reservation, ...], refused: tuple[str, ...]) -> None:
        """Record the units taken. Lines that were refused units go back to a nurse, and the request is assessed again."""
        self.determinations.reserve(reserved, refused)
        self.look_needed = self.look_needed or bool(refused)

    def take_extension(self, message: TakeExtension) -> None:
        """Take an extension; it replaces one whose letter could not be written."""
        self.extending.take(message)
        self.blocked_letters = [notice for notice in self.blocked_letters if notice is not NoticeKind.EXTENSION]

    def withdraw(self, by: str) -> None:
        """Withdraw the request: no decision is made any more."""
        self.ending.withdraw(by)
        self.extending.end()
        self.expediting.drop()

    def close_undecided(self, closing: Closing, by: str) -> None:
        """End the request without a determination; `by` is the reviewer id of the member of staff."""
        self.ending.close_undecided(closing, by)
        self.extending.end()
        self.expediting.drop()

    def reinstate(self, now: datetime) -> None:
        """Take the withdrawal or the dismissal back: the review goes on where it stood, with its receipt and clocks, and is
        looked at anew."""
        self.ending.reinstate()
        self.closed_at = None
        self.told_in_vain = max(self.follow_ups_told - 1, 0)
        self.expediting.resume()
        if self.information is not None:
            self.information.resume_wait(now)
        if self.peer_to_peer is not None:
            self.peer_to_peer.resume(now)
        if self.forwarding is not None and self.forwarding.forwarded_at is None:
            self.forwarding.task_id = None
        self.look_needed = True

    def conclude(self, status: CaseStatus) -> None:
        """Record the determination; everything that the case waited for ends."""
        self.ending.conclude(status, self.number_of_approval)
        self.extending.end()
        self.expediting.drop()
        if self.information is not None:
            self.information.end_wait()
        if self.peer_to_peer is not None:
            self.peer_to_peer.end()

    def mark_done(self, duty: DueKind, at: datetime) -> None:
        """Record when a duty was done; the first time counts."""
        self.done.setdefault(duty, at)

    def owe_again(self, duty: DueKind) -> None:
        """Forget that a duty was done or missed: it is owed again."""
        self.done.pop(duty, None)
        self.judged = {key: word for key, word in self.judged.items() if not key.endswith(f"/{duty.value}")}

    def close(self, status: CaseStatus, at: datetime) -> None:
        self.ending.close(status)
        self.closed_at = at
