"""What a discharge plan looks up and sets off: its policy, networks, later admissions, and the review of the next setting."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from temporalio import activity

from domain.cases.views import CaseStatus, CaseView, ProcessKind, Sheet
from domain.coverage.directory import NetworkStatus
from domain.discharge.next_setting import OpenedReview, OpenReview
from domain.discharge.notice_duties import OUTSIDE
from domain.discharge.orders import Admissions, AdmissionsOrder, NetworkOrder, NetworkStanding, SeenAdmission
from domain.discharge.parts import DischargePolicy, PolicyOrder
from domain.stays.levels_of_care import LevelOfCare
from engine.activity_errors import translated
from rulebook.rulebook import Rulebook
from store import cases, directory, requests, sheets
from store.session import Store


class Discharges:
    """Looks change nothing; opening a review again gives the same version."""

    def __init__(self, store: Store, rulebook: Rulebook) -> None:
        self._store, self._rulebook = store, rulebook

    @activity.defn
    def look_up_discharge_policy(self, order: PolicyOrder) -> DischargePolicy:
        """The rules on leaving the hospital, with the calendar in which their business days are counted."""
        stays, calendar = self._rulebook.stays, self._rulebook.calendar
        return DischargePolicy(
            transitions=stays.transitions,
            calendar=calendar,
            assess_by=stays.policy.first_review_due(order.received_at, calendar, ZoneInfo(order.zone)),
            reminders_at=stays.policy.callback_hours.opens,
        )

    @activity.defn
    def look_up_networks(self, order: NetworkOrder) -> NetworkStanding:
        """The network status of providers with this plan, as far as the directory knows it."""
        found: dict[str, bool] = {}
        with translated(), self._store.read() as s:
            for npi in order.npis:
                provider = directory.provider(s, npi)
                status = provider.network.get(order.plan_id) if provider is not None else None
                if status in (NetworkStatus.IN_NETWORK, NetworkStatus.OUT_OF_NETWORK):
                    found[npi] = status is NetworkStatus.IN_NETWORK
        return NetworkStanding(in_network=found)

    @activity.defn
    def open_next_setting(self, order: OpenReview) -> OpenedReview:
        """Keep the request of a review, once; whoever asks again gets the version that is there."""
        with translated(), self._store.begin() as s:
            try:
                kept = requests.load(s, order.case_id)
                version, received_at = kept.version, kept.request.received_at
            except LookupError:
                version = requests.save(s, order.case_id, order.request)
                received_at = order.request.received_at
        return OpenedReview(case_id=order.case_id, request_version=version, received_at=received_at)

    @activity.defn
    def find_admissions(self, order: AdmissionsOrder) -> Admissions:
        """The stays of a member that began after an instant, the earliest first; those taken back by the hospital not."""
        with translated(), self._store.read() as s:
            found = [
                SeenAdmission(stay_id=case.case_id, admitted_at=_began(case, sheet))
                for case in cases.find(s, member_id=order.member_id)
                if case.process is ProcessKind.STAY
                and case.case_id != order.but
                and case.status is not CaseStatus.VOIDED
                and _in_hospital(sheet := sheets.get(s, case.case_id))
            ]
        later = (one for one in found if one.admitted_at >= order.since)
        return Admissions(found=tuple(sorted(later, key=lambda one: one.admitted_at)))


def _in_hospital(sheet: Sheet | None) -> bool:
    """Whether a stay is one in a hospital: going on to a nursing facility is no return. What nobody knows counts."""
    level = sheet.content.get("level_of_care") if sheet is not None else None
    return not isinstance(level, str) or LevelOfCare(level) not in OUTSIDE


def _began(case: CaseView, sheet: Sheet | None) -> datetime:
    """When the stay began: by its sheet, else when the plan was told of it."""
    said = sheet.content.get("admitted_at") if sheet is not None else None
    return datetime.fromisoformat(said) if isinstance(said, str) else case.received_at
