"""The worked examples of the clock reference, where it lies beside the repository: every expected key is checked."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from clockwork import FEDERAL, SHIPPED, event, facts, instant, rule

from domain.calendars import add_months
from domain.clock_binding import compute_all, governing
from domain.clock_facts import ContractLength
from domain.clock_rules import DueKind, Length
from domain.clocks import Clock, ClockEvent, ClockFacts, compute, was_met
from domain.vocabulary import Lob, ServiceKind, Urgency

REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "reference" / "clock_examples.yaml"
EXAMPLES: list[dict[str, Any]] = (
    yaml.safe_load(REFERENCE.read_text(encoding="utf-8"))["examples"] if REFERENCE.exists() else []
)
SHIPPED_IDS = {one.rule_id for one in SHIPPED}

LOBS = {"medicaid_managed_care": Lob.MEDICAID, "chip_managed_care": Lob.CHIP, "qhp_ffe": Lob.QHP}
EXPEDITED = {"pre_service_expedited", "drug_expedited", "expedite_refused", "urgent_concurrent"}
URGENT_RULES = {"ERISA-URGENT-WRITTEN"}
REASONS = {
    "enrollee asked": "enrollee_asked",
    "missing information": "missing_information",
    "matters beyond plan control, nothing missing from claimant": "plan_justified",
}
EVENTS = {
    "information_requested": "information_requested",
    "information_received": "information_received",
    "extension_taken_with_written_notice": "extension_notice_sent",
    "extension_notice_sent": "extension_notice_sent",
    "extension_notice_sent_LATE": "extension_notice_sent",
    "ERISA_extension_notice_sent": "extension_notice_sent",
    "missing_information_notice": "information_requested",
    "missing_information_notice_LATE": "information_requested",
    "expedite_refused": "expedite_refused",
    "oral_notice": "oral_notice_given",
    "IRO_oral_decision": "oral_notice_given",
    "plan_affirms_denial": "appeal_affirmed",
    "notice_dated": "notice_dated",
    "notice_sent": "notice_sent",
    "denial_received": "notice_received",
    "final_denial_received": "notice_received",
    "effective_date_of_action": "effective_date_of_action",
    "coverage_end_date": "coverage_end",
    "planned_discharge": "discharge",
    "QIO_has_information": "qio_has_information",
    "QIO_notifies_plan": "qio_notified",
    "prescriber_statement_received": "prescriber_statement_received",
    "necessary_information_received": "necessary_information_received",
    "denial_decided": "decision_made",
}
TOLD_AS_FACTS = {"rating_period_start", "state_contract_time", "approved_course_ends"}
# Rules that start at an event which the examples only tell as "received".
RECEIVED_AS = {
    "MA-GRV-EXPEDITED": "grievance_received",
    "MA-RECON-EXP": "appeal_received",
    "PD-RD-STD": "appeal_received",
    "PD-RD-EXP": "appeal_received",
    "ERISA-APPEAL-URGENT": "appeal_received",
    "ACA-ER-STD": "reviewer_received_request",
    "ACA-ER-EXP": "reviewer_received_request",
    "MA-IM": "inpatient_admission",
    "WA-STD-E": "complete_submission",
    "WA-STD-P": "complete_submission",
}


STARTS_WITH_INFORMATION = {"CA-STD"}
# Examples in which several laws bind: the earliest of all has to come out, with these rules beside the shipped ones.
BESIDE = {"EX-078": ("ERISA-CONC-EXTEND-24H",), "EX-103": ("QHP-FFE-PA",), "EX-124": ("CA-STD",)}


def text(value: object) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def events_of(example: dict[str, Any]) -> list[ClockEvent]:
    found = []
    for told in example.get("events", []):
        if told["event"] in TOLD_AS_FACTS:
            continue
        reason = REASONS.get(told.get("reason", ""))
        if told["event"] == "ERISA_extension_notice_sent":
            reason = "missing_information"
        given = {key: told[key] for key in ("days_given", "hours_given") if key in told}
        rules = ("ERISA-PRESERVICE",) if told["event"].startswith("ERISA") else ()
        at = text(told.get("at", told.get("on")))
        found.append(event(EVENTS[told["event"]], at, reason=reason, rules=rules, **given))
        if told["event"] == "information_received" and example["rule_id"] in STARTS_WITH_INFORMATION:
            found.append(event("necessary_information_received", at))
    if (kind := RECEIVED_AS.get(example["rule_id"])) is not None:
        found.append(event(kind, text(example["received"])))
    return found


def facts_of(example: dict[str, Any]) -> ClockFacts:
    told = {one["event"]: one for one in example.get("events", [])}
    lob = LOBS.get(example["lob"]) or (
        Lob.COMMERCIAL_ERISA if example["lob"].startswith("state_") else Lob(example["lob"])
    )
    expedited = example["type"] in EXPEDITED or example["rule_id"] in URGENT_RULES
    more: dict[str, Any] = {"lob": lob, "urgency": Urgency.EXPEDITED if expedited else Urgency.STANDARD}
    if "PARTB" in example["rule_id"]:
        more["service_kind"] = ServiceKind.PART_B_DRUG
    if "rating_period_start" in told:
        more["rating_period_start"] = date.fromisoformat(text(told["rating_period_start"]["on"]))
    if "state_contract_time" in told:
        number, unit = told["state_contract_time"]["value"].split(" ", 1)
        length = Length.model_validate({"value": int(number), "unit": unit.replace(" ", "_")})
        more["contract_times"] = (ContractLength(rule_id=example["rule_id"], length=length, source="State contract"),)
    if "approved_course_ends" in told:
        more["course_ends_at"] = instant(text(told["approved_course_ends"]["at"]))
        more["review_kind"] = "concurrent"
    if example["id"] == "EX-124":
        more |= {"lob": Lob.COMMERCIAL_ERISA, "state": "CA", "self_funded": False}
    received = text(example["received"])
    received = received if "T" in received else f"{received}T09:00:00-05:00"
    return facts(received, example.get("zone", "America/New_York"), **more)


class Case:
    """One example: its clocks, and the answer to each expected key."""

    def __init__(self, example: dict[str, Any]) -> None:
        self.expect = {key: text(value) for key, value in example["expect"].items()}
        self.rule_id = example["rule_id"]
        self.facts, self.events = facts_of(example), events_of(example)
        self.several = BESIDE.get(example["id"], ())
        rules = (*SHIPPED, *(rule(one) for one in self.several))
        self.bound = compute_all(rules, self.facts, self.events, FEDERAL)
        own = compute(rule(self.rule_id), self.facts, self.events, FEDERAL)
        same_id = [one for one in self.bound if one.rule_id == self.rule_id]
        self.clock = same_id[0] if same_id and isinstance(own, Clock) else own

    def own(self) -> Clock:
        assert isinstance(self.clock, Clock), self.clock
        return self.clock

    def other(self, rule_id: str, variant: str = "") -> Clock:
        found = compute(rule(rule_id, variant), self.facts, self.events, FEDERAL)
        assert isinstance(found, Clock), found
        return found

    def kind(self, kind: DueKind) -> datetime | None:
        due = self.own().due_for(kind)
        return None if due is None else due.at

    def decision(self) -> datetime | None:
        """The instant that governs the case, for shipped rules and where several laws bind; else the rule's own."""
        if "conservative_due" in self.expect:
            return self.own().other_readings[0].at
        if (self.several or self.rule_id in SHIPPED_IDS) and (
            found := governing(self.bound, DueKind.DECISION)
        ) is not None:
            return found[1].at
        return self.own().due[0].at

    def answer(self, key: str) -> object:
        match key:
            case "decision_due":
                return self.decision()
            case "conservative_due":
                return self.own().decision_due
            case "base_due":
                return self.own().base_due
            case "extension_valid":
                return self.own().extension_valid
            case "days_used":
                return self.own().tolled.days_used
            case "days_left":
                return self.own().tolled.days_left
            case "clock_starts":
                return self.own().starts_at
            case "notice_due":
                if self.rule_id == "ERISA-URGENT-INCOMPLETE":
                    return self.other("ERISA-URGENT-INCOMPLETE-NOTICE").due[0].at
                return self.kind(DueKind.WRITTEN_NOTICE) or self.own().due[0].at
            case "notice_due_if_urgent":
                urgent = self.facts.model_copy(update={"urgency": Urgency.EXPEDITED})
                return compute(rule(self.rule_id, "urgent"), urgent, (), FEDERAL).due[0].at
            case "notice_timely":
                return was_met(self.own().due[0], self.events[0].at)
            case "period_given_ends":
                return self.own().time_given_ends
            case "written_due" | "member_written_due":
                return self.kind(DueKind.WRITTEN_NOTICE)
            case "provider_notice_due":
                return self.kind(DueKind.PROVIDER_NOTICE)
            case "payment_due":
                return self.kind(DueKind.PAYMENT)
            case "ask_for_missing_information_by":
                return self.kind(DueKind.INFORMATION_REQUEST)
            case "records_to_qio_due":
                return self.kind(DueKind.CASE_FILE)
            case "written_refusal_due" | "file_by" | "request_by" | "nomnc_deliver_by" | "im_first_copy_by" | "dnd_due":
                return self.own().due[0].at
            case "qio_request_by":
                other = "MA-DISCHARGE-QIO-REQUEST" if self.rule_id == "MA-IM" else "MA-FT-REQUEST"
                return self.other(other).due[0].at
            case "IRE_case_file_due":
                return self.other("MA-IRE-FORWARD-EXP").due[0].at
            case "unadjusted":
                return add_months(self.events[0].on, 4)
            case "hours_before_end":
                return int((self.facts.course_ends_at - self.facts.received_at).total_seconds() // 3600)
            case "erisa_base_due":
                return self.other("ERISA-PRESERVICE").base_due
            case "erisa_due_after_tolling":
                return self.other("ERISA-PRESERVICE").other_readings[0].at
            case "ca_due":
                return self.other("CA-STD").due[0].at
            case "rule_applied":
                return governing(self.bound, DueKind.DECISION)[0].rule_id
        raise AssertionError(f"no answer to {key}")


# Not instants of a clock: prose, and a window whose end is another key's.
NOT_CHECKED = {"continuation_of_benefits", "im_second_copy_window", "if_missed"}


def same(answer: object, expected: str) -> bool:
    if isinstance(answer, datetime) and "T" not in expected:
        return answer.astimezone(ZoneInfo("America/New_York")).isoformat().startswith(f"{expected}T23:59:59")
    if isinstance(answer, datetime):
        return instant(expected) == answer
    return str(answer) == expected


pytestmark = pytest.mark.skipif(not EXAMPLES, reason="the clock reference is not beside the repository")


def test_there_are_examples_for_the_shipped_lines():
    assert sum(example["rule_id"] in SHIPPED_IDS for example in EXAMPLES) >= 28


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example['id']}-{example['rule_id']}")
def test_the_reference_example_comes_out_to_the_second(example: dict[str, Any]):
    case = Case(example)
    keys = [key for key in case.expect if key not in NOT_CHECKED]
    answers = {key: case.answer(key) for key in keys}
    wrong = {key: (answers[key], case.expect[key]) for key in keys if not same(answers[key], case.expect[key])}
    assert not wrong, example["why"]
