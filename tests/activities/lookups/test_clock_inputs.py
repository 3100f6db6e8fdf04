"""Each fact by which clocks bind has its source on a real case, and what nobody states binds nothing."""

from __future__ import annotations

import ast
import inspect
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from activities.lookups.clock_facts import clock_facts
from activities.lookups.clock_inputs import clock_inputs
from domain.authorization.orders import ReviewInput
from domain.cases.views import CaseStatus, LineView
from domain.clocks.binding import evaluate_bindings
from domain.clocks.events import ClockEvent, EventKind
from domain.clocks.facts import ClockFacts, ContractLength
from domain.clocks.rules import ClockLength
from domain.coverage.directory import Coverage
from domain.errors import NotReadable
from domain.evidence.facts import Fact, FactSource, SourceKind
from domain.journal import UMPIRE, EntryDraft, EntryKind
from domain.requests.request import AuthorizationRequest, MemberReference, ProviderReference, ServiceLine, UrgencyClaim
from domain.vocabulary import (
    AskedBy,
    CertificationType,
    Channel,
    Circumstance,
    CodeSystem,
    LineOutcome,
    Lob,
    ServiceKind,
    Urgency,
)
from rulebook.rulebook import load_rulebook
from store import directory, read_models, requests, seed
from store.session import Store
from tests.paths import SAMPLES
from tests.store.samples import case_view

SAMPLE = SAMPLES / "plan" / "example_health.yaml"
BOOK = load_rulebook({})
NOON = datetime(2026, 3, 10, 18, tzinfo=UTC)
UPGRADE = ClockEvent(kind=EventKind.UPGRADE_REQUESTED, at=NOON)
STATEMENT = Fact(
    id="rx.exception_statement",
    value=True,
    effective=NOON.date(),
    source=FactSource(kind=SourceKind.DOCUMENT, reference="statement"),
)


def asked(*circumstances: Circumstance, member: str = "MBR1000001", **more: Any) -> AuthorizationRequest:
    line = ServiceLine(line_id="1", code="E0601", code_system=CodeSystem.HCPCS, start=date(2026, 4, 1))
    ordinary: dict[str, Any] = {
        "submission_id": "test|1",
        "received_at": NOON,
        "channel": Channel.PORTAL,
        "service_kind": ServiceKind.MEDICAL,
        "urgency": UrgencyClaim(urgency=Urgency.STANDARD, asked_by=AskedBy.PROVIDER),
        "circumstances": circumstances or None,
        "member": MemberReference(member_id=member),
        "requesting_provider": ProviderReference(npi="1999999984"),
        "lines": (line,),
    }
    return AuthorizationRequest(**(ordinary | more))


def facts_of(store: Store, *versions: AuthorizationRequest, changed: dict[str, Any] | None = None) -> ClockFacts:
    """The facts of a case whose request has these versions; `changed` is what the coverage says besides."""
    with store.begin() as s:
        for version in versions:
            requests.save(s, "PA-1", version)
        coverage: Coverage = directory.coverages(s, versions[0].member.member_id)[0]
        order = ReviewInput(case_id="PA-1", request_version=len(versions), received_at=NOON, events=(), now=NOON)
        return clock_facts(s, order, versions[-1], coverage.model_copy(update=changed or {}), True)


def events_of(store: Store, *versions: AuthorizationRequest) -> list[tuple[EventKind, datetime]]:
    """The events by which the clocks of a case run when its request has these versions."""
    order = ReviewInput(case_id="PA-1", request_version=len(versions), received_at=NOON, events=(UPGRADE,), now=NOON)
    with store.begin() as s:
        for version in versions:
            requests.save(s, "PA-1", version)
        _, events = clock_inputs(s, BOOK, order)
    return [(event.kind, event.at) for event in events]


def bound(facts: ClockFacts) -> set[str]:
    return {f"{one.rule_id} {one.variant}".strip() for one in evaluate_bindings(BOOK.clocks, facts) if one.binds}


def test_a_request_after_stabilization_has_the_clock_of_one_hour(store: Store) -> None:
    assert "MA-POSTSTAB-1H" in bound(facts_of(store, asked(Circumstance.POST_STABILIZATION)))


def test_a_request_that_states_nothing_has_no_clock_of_a_circumstance(store: Store) -> None:
    assert not {"MA-POSTSTAB-1H"} & bound(facts_of(store, asked()))


def test_an_expedited_request_for_somebody_in_a_hospital_has_the_hospitals_clocks_besides_its_own(store: Store) -> None:
    urgent = UrgencyClaim(urgency=Urgency.EXPEDITED, asked_by=AskedBy.PROVIDER)
    found = bound(facts_of(store, asked(Circumstance.HOSPITALIZED, member="MBR1000009", urgency=urgent)))
    assert {"ERISA-URGENT", "TX-PREAUTH", "TX-URA-ADVERSE", "TX-URA-ADVERSE hospitalized"} <= found
    assert not {"ERISA-PRESERVICE", "TX-POSTSTAB", "TX-CONC-INPT"} & found


def test_a_change_that_states_a_circumstance_adds_its_clock_and_frees_from_none(store: Store) -> None:
    """A prescriber's exception sent in later must not take the first clock away."""
    part_d = {"lob": Lob.PART_D}
    first, later = asked(), asked(Circumstance.DRUG_EXCEPTION)
    assert {"PD-CD-STD", "PD-CD-EXC-STD"} <= bound(facts_of(store, first, later, changed=part_d))


def test_the_prescribers_statement_is_an_event_besides_those_of_the_case(store: Store) -> None:
    found = events_of(store, asked(Circumstance.DRUG_EXCEPTION, facts=(STATEMENT,)))
    assert found == [(UPGRADE.kind, NOON), (EventKind.PRESCRIBER_STATEMENT_RECEIVED, NOON)]


def test_an_exception_without_a_statement_waits_for_it(store: Store) -> None:
    assert events_of(store, asked(Circumstance.DRUG_EXCEPTION)) == [(UPGRADE.kind, NOON)]


def test_a_statement_for_an_exception_that_nobody_asks_for_starts_nothing(store: Store) -> None:
    assert events_of(store, asked(facts=(STATEMENT,))) == [(UPGRADE.kind, NOON)]


def test_an_exception_that_was_stated_from_the_start_has_its_own_clock_only(store: Store) -> None:
    found = bound(facts_of(store, asked(Circumstance.DRUG_EXCEPTION), changed={"lob": Lob.PART_D}))
    assert "PD-CD-EXC-STD" in found and "PD-CD-STD" not in found


def test_a_change_that_takes_a_circumstance_back_takes_its_clock_away(store: Store) -> None:
    first, later = asked(Circumstance.POST_STABILIZATION), asked(circumstances=())
    assert "MA-POSTSTAB-1H" not in bound(facts_of(store, first, later))


def test_what_the_plan_says_of_its_coverage_counts_with_what_the_request_states(store: Store) -> None:
    facts = facts_of(
        store, asked(Circumstance.HOSPITALIZED), changed={"circumstances": (Circumstance.INTEGRATED_DUAL_PLAN,)}
    )
    assert set(facts.circumstances) == {Circumstance.HOSPITALIZED, Circumstance.INTEGRATED_DUAL_PLAN}
    assert facts.stated_later == ()


def test_a_request_from_before_the_rating_period_on_file_came_in_one_that_is_not_known(store: Store) -> None:
    """Then the old and the new time both bind, and the earlier governs."""
    coming = facts_of(store, asked(member="MBR1000003"), changed={"rating_period_start": date(2026, 7, 1)})
    assert coming.rating_period_start is None
    assert {"MCD-SA-STD", "MCD-SA-STD rating-periods-before-2026"} <= bound(coming)
    running = facts_of(store, asked(member="MBR1000003"), changed={"rating_period_start": date(2026, 1, 1)})
    assert running.rating_period_start == date(2026, 1, 1)


def test_the_time_of_a_states_contract_comes_from_the_plan_file(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "plan.yaml"
    times = 'contract_times: [{rule_id: MCD-SA-STD, length: {value: 5, unit: calendar_days}, source: "Contract, 4.2"}]'
    text = SAMPLE.read_text()
    place = "        effective: 2025-07-01\n"
    assert place in text
    file.write_text(text.replace(place, f"{place}        {times}\n"))
    seed.load_plan(store, file, frozenset(rule.rule_id for rule in BOOK.clocks))
    wanted = ContractLength(
        rule_id="MCD-SA-STD",
        length=ClockLength.model_validate({"value": 5, "unit": "calendar_days"}),
        source="Contract, 4.2",
    )
    assert facts_of(store, asked(member="MBR1000003")).contract_times == (wanted,)


def test_a_contract_time_for_a_clock_that_does_not_exist_is_refused_with_its_line(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "plan.yaml"
    place = "        effective: 2025-07-01\n"
    times = 'contract_times: [{rule_id: MCD-SA-STDD, length: {value: 5, unit: calendar_days}, source: "Contract"}]'
    file.write_text(SAMPLE.read_text().replace(place, f"{place}        {times}\n"))
    with pytest.raises(NotReadable, match="MCD-SA-STDD") as refused:
        seed.load_plan(store, file, frozenset(rule.rule_id for rule in BOOK.clocks))
    line = next(n for n, text in enumerate(file.read_text().splitlines(), 1) if "MCD-SA-STDD" in text)
    assert f"plan.yaml:{line}:" in refused.value.problems[0].path


def approved_before(store: Store, until: date) -> None:
    """An earlier case of the member, approved until this day."""
    with store.begin() as s:
        requests.save(s, "PA-0", asked())
        view = case_view("PA-0", member_id="MBR1000001", status=CaseStatus.APPROVED, received_at=NOON)
        line = LineView(
            line_id="1",
            code="E0601",
            description="CPAP",
            route="approved",
            outcome=LineOutcome.APPROVED,
            approved_end=until,
        )
        data = {"case": view.model_dump(mode="json"), "lines": [line.model_dump(mode="json")]}
        entry = EntryDraft(
            seq=1, at=NOON, kind=EntryKind.REQUEST_RECEIVED, actor=UMPIRE, summary="Received.", data=data
        )
        read_models.record_entries(s, "PA-0", (entry,))


def test_a_course_that_goes_on_ends_with_the_last_day_that_was_approved(store: Store) -> None:
    approved_before(store, date(2026, 3, 20))
    (line,) = asked().lines
    goes_on = asked(lines=(line.model_copy(update={"certification": CertificationType.EXTENSION}),))
    assert facts_of(store, goes_on).course_ends_at == datetime(2026, 3, 21, 4, 59, 59, tzinfo=UTC)


def test_a_first_request_goes_on_with_no_course(store: Store) -> None:
    approved_before(store, date(2026, 3, 20))
    assert facts_of(store, asked()).course_ends_at is None


@pytest.mark.parametrize(
    ("requester", "clean", "expected"),
    [
        ("1215000047", True, True),
        ("1215000047", None, None),
        ("1215000047", False, False),
        ("1999999984", None, False),
        ("1215000070", True, None),
        ("1215000070", False, False),
    ],
)
def test_a_clean_claim_of_a_noncontract_provider_needs_both_to_be_known(
    store: Store, requester: str, clean: bool | None, expected: bool | None
) -> None:
    facts = facts_of(store, asked(requesting_provider=ProviderReference(npi=requester), clean_claim=clean))
    assert facts.clean_noncontract_claim is expected


def test_every_fact_of_the_clocks_has_a_source_on_a_case() -> None:
    tree = ast.parse(Path(inspect.getfile(clock_facts)).read_text())
    made = next(
        call
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "ClockFacts"
    )
    assert {keyword.arg for keyword in made.keywords} == set(ClockFacts.model_fields)
