"""Activities of a discharge plan: its policy, network status, later admissions, and the review of the next level of care."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from temporalio import activity

from domain.cases.views import CaseStatus, CaseView
from domain.coverage.directory import NetworkStatus
from domain.discharge.next_setting import NextSettingReviewInput, OpenedNextSettingReview
from domain.discharge.notice_duties import OUTSIDE_HOSPITAL
from domain.discharge.orders import AdmissionsInput, LaterAdmission, LaterAdmissions, NetworkInput, NetworkMembership
from domain.discharge.parts import DischargePolicy, DischargePolicyInput
from domain.errors import NotOnFile
from domain.stays.on_file import StayOnFile
from domain.vocabulary import ProcessKind
from engine.activity_errors import translate_errors
from rulebook.rulebook import Rulebook
from store import cases, directory, requests, stays_on_file
from store.session import Store


class DischargeLookups:
    """Activities of a discharge plan. Lookups change nothing; opening a review again returns the same version."""

    def __init__(self, store: Store, rulebook: Rulebook) -> None:
        self._store, self._rulebook = store, rulebook

    @activity.defn(no_thread_cancel_exception=True)
    def look_up_discharge_policy(self, order: DischargePolicyInput) -> DischargePolicy:
        """Look up the rules on leaving the hospital, with the calendar in which their business days are counted."""
        stays, calendar = self._rulebook.stays, self._rulebook.calendar
        return DischargePolicy(
            transitions=stays.transitions,
            calendar=calendar,
            assess_by=stays.policy.first_review_due(order.received_at, calendar, ZoneInfo(order.zone)),
            reminders_at=stays.policy.callback_hours.opens,
        )

    @activity.defn(no_thread_cancel_exception=True)
    def look_up_networks(self, order: NetworkInput) -> NetworkMembership:
        """Look up the network status of providers with this plan, as far as the directory knows it."""
        found: dict[str, bool] = {}
        with translate_errors(), self._store.read() as s:
            for npi in order.npis:
                provider = directory.provider(s, npi)
                status = provider.network.get(order.plan_id) if provider is not None else None
                if status in (NetworkStatus.IN_NETWORK, NetworkStatus.OUT_OF_NETWORK):
                    found[npi] = status is NetworkStatus.IN_NETWORK
        return NetworkMembership(in_network=found)

    @activity.defn(no_thread_cancel_exception=True)
    def open_next_setting(self, order: NextSettingReviewInput) -> OpenedNextSettingReview:
        """Store the request of a next-setting review, once. A repeat returns the stored version."""
        with translate_errors(), self._store.begin() as s:
            try:
                kept = requests.load(s, order.case_id)
                version, received_at = kept.version, kept.request.received_at
            except NotOnFile:
                version = requests.save(s, order.case_id, order.request)
                received_at = order.request.received_at
        return OpenedNextSettingReview(case_id=order.case_id, request_version=version, received_at=received_at)

    @activity.defn(no_thread_cancel_exception=True)
    def find_admissions(self, order: AdmissionsInput) -> LaterAdmissions:
        """Find the stays of a member that began after an instant, the earliest first, without those the hospital canceled."""
        with translate_errors(), self._store.read() as s:
            found = [
                LaterAdmission(stay_id=case.case_id, admitted_at=_admission_time(case, stay))
                for case in cases.find(s, member_id=order.member_id)
                if case.process is ProcessKind.STAY
                and case.case_id != order.but
                and case.status is not CaseStatus.VOIDED
                and _is_in_hospital(stay := stays_on_file.get(s, case.case_id))
            ]
        later = (one for one in found if one.admitted_at >= order.since)
        return LaterAdmissions(found=tuple(sorted(later, key=lambda one: one.admitted_at)))


def _is_in_hospital(stay: StayOnFile | None) -> bool:
    """Whether a stay is in a hospital: a transfer to a nursing facility is no readmission. An unknown level of care counts."""
    return stay is None or stay.level_of_care not in OUTSIDE_HOSPITAL


def _admission_time(case: CaseView, stay: StayOnFile | None) -> datetime:
    """The instant at which the stay began: its inpatient order, else the receipt of the first message about it."""
    return stay.admitted_at if stay is not None and stay.admitted_at is not None else case.received_at
