"""Activities that look up a member and compute the clocks that bind for them, used by every process but the authorization."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session
from temporalio import activity

from activities.integrations.eligibility import Eligibility
from activities.lookups.coverage import covering_or_latest_coverage
from domain.cases.member_case import ClockInput, MemberContext, MemberInput
from domain.cases.orders import ComputedClocks
from domain.cases.review_records import ReviewRecord, ReviewRecordInput, read_record
from domain.clocks.binding import compute_clocks
from domain.clocks.engine import Clock, ClockFacts
from domain.coverage.directory import Coverage, Member
from domain.errors import Unavailable
from domain.letters.context import PlanContact
from engine.activity_errors import translate_errors
from rulebook.rulebook import Rulebook
from store import directory, journal
from store.session import Store


class MemberLookups:
    """Activities that look up members. They read and change nothing."""

    def __init__(self, store: Store, rulebook: Rulebook, eligibility: Eligibility) -> None:
        self._store, self._rulebook, self._eligibility = store, rulebook, eligibility

    @activity.defn(no_thread_cancel_exception=True)
    def look_up_person(self, order: MemberInput) -> MemberContext:
        """Look up the member and their plan on the day of the input. A member who is not in the directory is marked unknown."""
        with translate_errors(), self._store.read() as s:
            member = directory.member(s, order.member_id)
            coverage = coverage_on_file(s, order)
            plan = directory.plan_contact(s, coverage.plan_id) if coverage is not None else None
        return self._look(order, member, coverage, plan)

    @activity.defn(no_thread_cancel_exception=True)
    def compute_duties(self, order: ClockInput) -> ComputedClocks:
        """Compute every clock that binds in the proceedings of the input; none for a member without any coverage on file."""
        with translate_errors(), self._store.read() as s:
            coverage = coverage_on_file(s, MemberInput(member_id=order.member_id, now=order.now, day=order.day))
        if coverage is None:
            return ComputedClocks(clocks=())
        found: list[Clock] = []
        for proceeding in order.proceedings:
            facts = ClockFacts(
                lob=coverage.lob,
                urgency=order.urgency,
                received_at=order.received_at,
                zone=coverage.zone,
                review_kind=order.review_kind,
                service_kind=order.service_kind,
                state=coverage.state,
                self_funded=coverage.self_funded,
                proceeding=proceeding,
                clean_noncontract_claim=order.clean_noncontract_claim,
                rating_period_start=coverage.rating_period_start,
                accreditations=coverage.accreditations,
                circumstances=coverage.circumstances,
            )
            found += compute_clocks(self._rulebook.clocks, facts, order.events, self._rulebook.calendar)
        return ComputedClocks(clocks=tuple({clock.rule_id: clock for clock in found}.values()))

    @activity.defn(no_thread_cancel_exception=True)
    def read_review_record(self, order: ReviewRecordInput) -> ReviewRecord:
        """Read the result of a review from the journal of its case, with the signed decisions that make it adverse."""
        with translate_errors(), self._store.read() as s:
            return read_record(order.case_id, journal.entries(s, order.case_id))

    def _look(
        self, order: MemberInput, member: Member | None, coverage: Coverage | None, plan: PlanContact | None
    ) -> MemberContext:
        policy = self._rulebook.review.policy
        zone = coverage.zone if coverage is not None else "UTC"
        return MemberContext(
            known=member is not None,
            covered=self._covered(order, coverage),
            lob=coverage.lob if coverage is not None else None,
            state=coverage.state if coverage is not None else "",
            zone=zone,
            plan_id=coverage.plan_id if coverage is not None else "",
            plan_zone=(plan.zone if plan is not None else None) or zone,
            needs=_needs(member),
            representative=member.representative if member is not None else None,
            pcp_npi=member.pcp_npi if member is not None else None,
            ladders=self._rulebook.ladders,
            letter_repair_hours=policy.letter_repair_hours,
            missed_clock_hours=policy.missed_clock_task_hours,
            nurse_professions=policy.nurse_professions,
            rulebook_version=self._rulebook.version,
        )

    def _covered(self, order: MemberInput, coverage: Coverage | None) -> bool | None:
        zone = coverage.zone if coverage is not None else "UTC"
        day = order.day or order.now.astimezone(ZoneInfo(zone)).date()
        try:
            return self._eligibility.coverage(order.member_id, day) is not None
        except Unavailable:
            return None


def coverage_on_file(s: Session, order: MemberInput) -> Coverage | None:
    """The coverage that determines line of business, State and zone: the one on the day of the input, else the latest."""
    return covering_or_latest_coverage(
        s,
        order.member_id,
        lambda one: one.covers(order.day or order.now.astimezone(ZoneInfo(one.zone)).date()),
    )


def _needs(member: Member | None) -> dict[str, str]:
    """The communication needs of the member (language, TTY), as far as they are stated."""
    if member is None:
        return {}
    found = {} if member.language == "en" else {"language": member.language}
    if member.needs_tty is True:
        found["tty"] = "calls by TTY"
    return found
