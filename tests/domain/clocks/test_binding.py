"""Which clocks bind a case, and which one governs."""

from __future__ import annotations

from datetime import date

import pytest

from domain.clocks.binding import Binding, compute_clocks, evaluate_bindings, governing_clock
from domain.clocks.engine import Clock, DueKind
from domain.clocks.rules import DutyCondition
from domain.vocabulary import Circumstance, Lob, ReviewKind, ServiceKind, Urgency
from tests.domain.clocks.clockwork import FEDERAL, SHIPPED, clocks, event, facts, instant, not_started

RECEIVED = "2026-11-03T12:00:00-05:00"
EXPEDITED = {"urgency": Urgency.EXPEDITED}
ERISA = {"lob": Lob.COMMERCIAL_ERISA}


def bound(received: str = RECEIVED, *events, **more) -> set[str]:
    verdicts = evaluate_bindings(SHIPPED, facts(received, **more), events)
    return {one.rule_id for one in verdicts if one.binds}


def governs(found: dict[str, Clock], kind: DueKind = DueKind.DECISION) -> tuple[str, str]:
    clock, due = governing_clock(found.values(), kind)
    return clock.rule_id, due.at.isoformat()


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ({}, {"MA-OD-STD-PA"}),
        ({"requires_prior_authorization": False}, {"MA-OD-STD-NONPA"}),
        (
            {"service_kind": ServiceKind.PART_B_DRUG},
            {"MA-OD-PARTB-STD", "PD-TRANSITION-NOTICE", "PD-OTHER-BENEFIT-NOTICE"},
        ),
        (
            {"service_kind": ServiceKind.BEHAVIORAL, "review_kind": ReviewKind.CONCURRENT},
            {"MA-OD-STD-PA", "MA-OD-CONCURRENT"},
        ),
        (
            {**EXPEDITED, "noncontract_records_needed": False},
            {"MA-OD-EXP", "MA-OD-EXP-WRITTEN"},
        ),
        (
            {**EXPEDITED, "service_kind": ServiceKind.PART_B_DRUG},
            {
                "MA-OD-PARTB-EXP",
                "MA-OD-EXP-WRITTEN",
                "MA-OD-EXP-INFO",
                "PD-TRANSITION-NOTICE",
                "PD-OTHER-BENEFIT-NOTICE",
            },
        ),
        ({"lob": Lob.MEDICAID}, {"MCD-SA-STD", "MCD-DEEMED-NOTICE"}),
        ({"lob": Lob.MEDICAID, **EXPEDITED}, {"MCD-SA-EXP", "MCD-DEEMED-NOTICE"}),
        (
            {"lob": Lob.MEDICAID, "service_kind": ServiceKind.PHARMACY_DRUG},
            {"MCD-DRUG-24H", "MCD-DEEMED-NOTICE", "MCD-72-HOURS", "MCD-72-HOURS-NOTICE"},
        ),
        (
            {"lob": Lob.MEDICAID, "service_kind": ServiceKind.PART_B_DRUG},
            {"MCD-SA-STD", "MCD-DRUG-24H", "MCD-DEEMED-NOTICE"},
        ),
        (ERISA, {"ERISA-PRESERVICE", "ERISA-PROCEDURE-NOTICE"}),
        (
            {**ERISA, **EXPEDITED},
            {
                "ERISA-URGENT",
                "ERISA-URGENT-INCOMPLETE",
                "ERISA-URGENT-INCOMPLETE-NOTICE",
                "ERISA-URGENT-WRITTEN",
                "ERISA-PROCEDURE-NOTICE",
            },
        ),
    ],
)
def test_a_case_is_bound_by_the_rules_of_its_line_and_kind(case: dict, expected: set[str]):
    beside = {"EXPEDITE-REFUSED", "EXPEDITE-REFUSED-CALL", "DISMISSAL-VACATE", "DISMISSAL-REVIEW", "GRV-EXPEDITED"}
    decisions = {rule for rule in bound(**case) if not rule.endswith(tuple(beside))}
    assert decisions == expected - {rule for rule in expected if rule.endswith(tuple(beside))}


def test_cms_0057f_times_do_not_bind_employer_plans_or_exchange_plans():
    for lob in (Lob.COMMERCIAL_ERISA, Lob.COMMERCIAL_ACA, Lob.QHP):
        assert not {one for one in bound(lob=lob) if one.startswith(("MA-", "MCD-"))}


def test_each_verdict_says_why():
    verdicts: dict[tuple[str, str], Binding] = {
        (one.rule_id, one.variant): one for one in evaluate_bindings(SHIPPED, facts(RECEIVED))
    }
    assert "prior authorization required: yes" in verdicts["MA-OD-STD-PA", ""].why
    assert (
        verdicts["MA-OD-STD-PA", "before-2026"].why
        == "does not bind: received until 2025-12-31, and it came on 2026-11-03"
    )
    other = "does not bind: line of business medicaid, and the case's is medicare advantage"
    assert verdicts["MCD-SA-STD", ""].why == other


def test_what_is_not_known_frees_from_no_rule_and_the_earlier_clock_governs():
    found = clocks(RECEIVED, requires_prior_authorization=None)
    assert {"MA-OD-STD-PA", "MA-OD-STD-NONPA"} <= set(found)
    assert governs(found) == ("MA-OD-STD-PA", "2026-11-11T04:59:59+00:00")
    no_kind = clocks(RECEIVED, service_kind=None)
    assert governs(no_kind)[0] == "MA-OD-PARTB-STD"
    verdicts = evaluate_bindings(SHIPPED, facts(RECEIVED, requires_prior_authorization=None))
    assert any("prior authorization required: no is not known" in one.why for one in verdicts)


def test_the_local_day_of_receipt_decides_between_seven_and_fourteen_days():
    last_second = "2025-12-31T23:59:59-05:00"
    assert clocks(last_second)["MA-OD-STD-PA"].decision_due == instant("2026-01-14T23:59:59-05:00")
    assert clocks("2026-01-01T00:00:00-05:00")["MA-OD-STD-PA"].decision_due == instant("2026-01-08T23:59:59-05:00")
    # The same instant is already 2026 in UTC, but not in the case's zone.
    assert clocks("2026-01-01T04:30:00+00:00")["MA-OD-STD-PA"].variant == "before-2026"


def test_medicaids_seven_days_follow_the_rating_period_and_not_the_calendar():
    medicaid = {"lob": Lob.MEDICAID}
    old = clocks(RECEIVED, rating_period_start=date(2025, 12, 31), **medicaid)["MCD-SA-STD"]
    assert old.decision_due == instant("2026-11-17T23:59:59-05:00")
    new = clocks(RECEIVED, rating_period_start=date(2026, 1, 1), **medicaid)["MCD-SA-STD"]
    assert new.decision_due == instant("2026-11-10T23:59:59-05:00")
    unknown = clocks(RECEIVED, **medicaid)
    assert len(unknown) == 1
    assert unknown["MCD-SA-STD"].decision_due == new.decision_due


def test_refusing_to_expedite_leaves_the_standard_clock_counting_from_receipt():
    refused = event("expedite_refused", "2026-11-04T10:00:00-05:00")
    found = clocks(RECEIVED, refused, **EXPEDITED)
    assert governs(found) == ("MA-OD-STD-PA", "2026-11-11T04:59:59+00:00")
    assert found["MA-OD-STD-PA"].starts_at == instant(RECEIVED)
    assert found["MA-OD-EXPEDITE-REFUSED"].due[0].at == instant("2026-11-07T23:59:59-05:00")
    assert found["MA-OD-EXPEDITE-REFUSED"].due[0].kind is DueKind.EXPEDITE_REFUSAL_NOTICE
    # The expedited clock stays visible and tells why it no longer governs.
    assert "expediting was refused 2026-11-04 10:00 EST" in found["MA-OD-EXP"].set_aside


def test_refusing_to_expedite_after_the_72_hours_does_not_undo_the_missed_clock():
    refused = event("expedite_refused", "2026-11-06T12:00:01-05:00")
    found = clocks(RECEIVED, refused, **EXPEDITED)
    assert found["MA-OD-EXP"].set_aside is None
    assert governs(found) == ("MA-OD-EXP", "2026-11-06T17:00:00+00:00")
    # Nor does asking again.
    again = event("upgrade_requested", "2026-11-07T12:00:00-05:00")
    assert governs(clocks(RECEIVED, refused, again, **EXPEDITED))[1] == "2026-11-06T17:00:00+00:00"


def test_refusing_an_upgrade_that_nobody_asked_for_changes_nothing_but_its_notice():
    found = clocks(RECEIVED, event("expedite_refused", "2026-11-04T10:00:00-05:00"))
    assert set(found) == {"MA-OD-STD-PA", "MA-OD-EXPEDITE-REFUSED", "MA-OD-EXPEDITE-REFUSED-CALL"}


def test_an_upgrade_starts_the_expedited_clock_when_it_reached_the_plan():
    found = clocks(RECEIVED, event("upgrade_requested", "2026-11-05T08:00:00-05:00"))
    assert found["MA-OD-EXP"].starts_at == instant("2026-11-05T08:00:00-05:00")
    assert governs(found) == ("MA-OD-EXP", "2026-11-08T13:00:00+00:00")


def test_an_upgrade_never_moves_the_governing_instant_later():
    on_the_last_day = event("upgrade_requested", "2026-11-10T20:00:00-05:00")
    found = clocks(RECEIVED, on_the_last_day)
    assert {"MA-OD-EXP", "MA-OD-STD-PA"} <= set(found)
    assert governs(found) == ("MA-OD-STD-PA", "2026-11-11T04:59:59+00:00")


def test_asking_again_while_the_request_to_expedite_stands_keeps_the_first_start():
    again = event("upgrade_requested", "2026-11-05T08:00:00-05:00")
    assert clocks(RECEIVED, again, **EXPEDITED)["MA-OD-EXP"].starts_at == instant(RECEIVED)
    once_more = event("upgrade_requested", "2026-11-06T08:00:00-05:00")
    assert clocks(RECEIVED, once_more, again)["MA-OD-EXP"].starts_at == instant("2026-11-05T08:00:00-05:00")


def test_one_refusal_answers_everything_that_was_asked_before_it():
    asked = (event("upgrade_requested", f"2026-11-05T0{hour}:00:00-05:00") for hour in (8, 9))
    refused = event("expedite_refused", "2026-11-05T10:00:00-05:00")
    found = clocks(RECEIVED, *asked, refused)
    assert found["MA-OD-EXP"].set_aside is not None
    assert governs(found)[0] == "MA-OD-STD-PA"


def test_asking_again_after_a_refusal_starts_a_new_expedited_clock_beside_the_standard_one():
    refused = event("expedite_refused", "2026-11-04T10:00:00-05:00")
    again = event("upgrade_requested", "2026-11-05T08:00:00-05:00")
    found = clocks(RECEIVED, refused, again, **EXPEDITED)
    assert found["MA-OD-EXP"].starts_at == instant("2026-11-05T08:00:00-05:00")
    assert found["MA-OD-EXP"].set_aside is None
    assert found["MA-OD-STD-PA"].starts_at == instant(RECEIVED)


def test_an_incomplete_urgent_claim_replaces_the_72_hours_when_the_request_was_in_time():
    asked = event("information_requested", "2026-11-04T11:00:00-05:00", hours_given=72)
    found = clocks(RECEIVED, asked, **ERISA, **EXPEDITED)
    assert found["ERISA-URGENT"].set_aside == "ERISA-URGENT-INCOMPLETE runs in its place"
    assert governs(found) == ("ERISA-URGENT-INCOMPLETE", "2026-11-09T16:00:00+00:00")


@pytest.mark.parametrize(
    ("at", "given"),
    [
        ("2026-11-04T12:00:01-05:00", {"hours_given": 48}),
        ("2026-11-04T09:00:00-05:00", {"hours_given": 47}),
        ("2026-11-04T09:00:00-05:00", {"days_given": 1}),
        ("2026-11-04T09:00:00-05:00", {}),
    ],
)
def test_a_late_or_short_request_for_information_leaves_the_72_hours(at: str, given: dict):
    found = clocks(RECEIVED, event("information_requested", at, **given), **ERISA, **EXPEDITED)
    assert "ERISA-URGENT-INCOMPLETE" not in found
    assert governs(found) == ("ERISA-URGENT", "2026-11-06T17:00:00+00:00")


def test_a_request_for_information_made_before_an_upgrade_does_not_stretch_the_urgent_clock():
    asked = event("information_requested", "2026-11-04T09:00:00-05:00", days_given=45)
    upgraded = event("upgrade_requested", "2026-11-05T09:00:00-05:00")
    found = clocks(RECEIVED, asked, upgraded, **ERISA)
    assert governs(found) == ("ERISA-URGENT", "2026-11-08T14:00:00+00:00")


def test_why_an_incomplete_clock_does_not_run_is_told():
    late = event("information_requested", "2026-11-05T12:00:00-05:00", hours_given=48)
    why = not_started("ERISA-URGENT-INCOMPLETE", RECEIVED, late, **ERISA, **EXPEDITED)
    assert why == "information requested came later than 24 hours after expedited request received"


def test_duties_that_depend_on_missing_information_say_so():
    found = clocks(RECEIVED, **ERISA, **EXPEDITED)
    assert found["ERISA-URGENT-INCOMPLETE-NOTICE"].condition is DutyCondition.IF_INFORMATION_IS_MISSING
    assert found["ERISA-PROCEDURE-NOTICE"].variant == "urgent"
    assert found["ERISA-PROCEDURE-NOTICE"].condition is DutyCondition.IF_NOT_PROPERLY_FILED


def test_nothing_governs_where_nothing_is_owed():
    assert governing_clock(clocks(RECEIVED).values(), DueKind.PAYMENT) is None
    assert governing_clock((), DueKind.DECISION) is None


def test_a_state_clock_and_erisa_bind_together_and_the_earlier_governs():
    # Insured California plan: the state clock starts with the information, ERISA's with the receipt.
    rules = SHIPPED
    case = facts("2026-12-01T10:00:00-08:00", "America/Los_Angeles", state="CA", self_funded=False, **ERISA)
    events = (
        event("extension_notice_sent", "2026-12-08T10:00:00-08:00", reason="missing_information", days_given=45),
        event("information_received", "2026-12-18T10:00:00-08:00"),
        event("necessary_information_received", "2026-12-18T10:00:00-08:00"),
    )
    events = (events[0].model_copy(update={"rules": ("ERISA-PRESERVICE",)}), *events[1:])
    found = {one.rule_id: one for one in compute_clocks(rules, case, events, FEDERAL)}
    assert found["ERISA-PRESERVICE"].base_due == instant("2026-12-16T23:59:59-08:00")
    assert found["ERISA-PRESERVICE"].decision_due == instant("2027-01-02T23:59:59-08:00")
    assert found["ERISA-PRESERVICE"].other_readings[0].at == instant("2027-01-10T23:59:59-08:00")
    assert governs(found) == ("CA-STD", "2026-12-29T07:59:59+00:00")
    self_funded = case.model_copy(update={"self_funded": True})
    assert "CA-STD" not in {one.rule_id for one in compute_clocks(rules, self_funded, events, FEDERAL)}


def test_the_24_hour_concurrent_clock_needs_24_elapsed_hours_before_the_end():
    rules = SHIPPED

    def decided_under(received: str, ends: str) -> tuple[str, str]:
        more = {**ERISA, **EXPEDITED, "review_kind": ReviewKind.CONCURRENT, "course_ends_at": instant(ends)}
        found = compute_clocks(rules, facts(received, "America/Chicago", **more), (), FEDERAL)
        return governs({one.rule_id: one for one in found})

    early = decided_under("2026-12-10T10:00:00-06:00", "2026-12-12T12:00:00-06:00")
    assert early == ("ERISA-CONC-EXTEND-24H", "2026-12-11T16:00:00+00:00")
    late = decided_under("2026-12-11T20:00:00-06:00", "2026-12-12T12:00:00-06:00")
    assert late == ("ERISA-URGENT", "2026-12-15T02:00:00+00:00")
    # 24 hours on the wall are 25 elapsed ones when the clocks go back.
    fall = decided_under("2026-10-31T12:30:00-05:00", "2026-11-01T12:00:00-06:00")
    assert fall[0] == "ERISA-CONC-EXTEND-24H"


def test_a_law_of_which_nobody_knows_whether_it_is_in_force_binds_no_case_and_says_what_to_settle():
    asked = {"lob": Lob.COMMERCIAL_ACA, "state": "CA", "self_funded": False, "electronic": True}
    first, eve = "2026-01-01T12:00:00-08:00", "2025-12-31T12:00:00-08:00"
    assert "CA-STD" in bound(first, **asked) and "CA-AB512" not in bound(first, **asked)
    bills = tuple(rule for rule in SHIPPED if rule.rule_id == "CA-AB512")
    assert {rule.effective.first_day for rule in bills} == {date(2026, 1, 1)}
    told = [one.why for one in evaluate_bindings(bills, facts(first, **asked))]
    assert all("not settled: neither the signature nor the veto of AB 512 was found" in why for why in told)
    settled = [rule.model_copy(update={"unsettled": ""}) for rule in bills]
    assert [one.binds for one in evaluate_bindings(settled, facts(first, **asked))] == [True, False, False]
    assert not any(one.binds for one in evaluate_bindings(settled, facts(eve, **asked)))


def test_a_new_member_is_told_apart_by_the_circumstance_and_not_by_the_line_of_business():
    joined = event("enrollment_effective", "2026-10-01")
    new = {"circumstances": (Circumstance.NEW_MEMBER,)}
    assert "MA-TRANSITION-90" not in bound()
    found = clocks(RECEIVED, joined, **new)
    assert found["MA-TRANSITION-90"].due[0].at.isoformat() == "2026-12-30T04:59:59+00:00"
