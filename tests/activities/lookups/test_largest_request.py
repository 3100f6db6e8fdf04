"""The look at a request of many lines grows with its lines, and other systems are asked outside the store's transactions."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import FrameType
from typing import Any

import pytest

from activities.authorization_review import AuthorizationLookups
from activities.integrations.eligibility import DirectoryEligibility
from domain.authorization.assessment import LineAssessment
from domain.authorization.orders import ReviewInput
from domain.cases.views import CaseStatus, LineView
from domain.criteria.required_sets import LicensedAnswer, LicensedQuestion
from domain.drug_limits.outcomes import ExceptionRequest
from domain.journal import UMPIRE, EntryDraft, EntryKind
from domain.pharmacy.indications import CompendiumFinding
from domain.requests.request import AuthorizationRequest, MemberReference, ProviderReference, ServiceLine, UrgencyClaim
from domain.three_valued import Tri
from domain.vocabulary import AskedBy, CertificationType, Channel, CodeSystem, LineOutcome, Lob, ServiceKind, Urgency
from rulebook.rulebook import load_rulebook
from store import directory, read_models, requests
from store.session import Store
from tests.store.samples import case_view

BOOK = load_rulebook({})
NOON = datetime(2026, 11, 10, 18, tzinfo=UTC)
FIRST_DAY = date(2026, 12, 1)
DRUG_PLAN, EQUIPMENT_PLAN = "MBR1000012", "MBR1000001"
DRUGS = ("99999-0123-30", "99999-0350-30", "99999-0330-30")
EQUIPMENT = ("E1390", "E0601", "K0823", "E0250")


def asked(
    count: int, codes: tuple[str, ...], member: str, start: date = FIRST_DAY, **changes: Any
) -> AuthorizationRequest:
    """A request of so many lines, with the codes in turn."""
    is_drug = codes == DRUGS
    lines = tuple(
        ServiceLine(
            line_id=str(number + 1),
            code=codes[number % len(codes)],
            code_system=CodeSystem.NDC if is_drug else CodeSystem.HCPCS,
            quantity=Decimal(number + 1),
            unit="pen" if is_drug else "unit",
            start=start + timedelta(days=number),
            end=start + timedelta(days=number + 27),
            **changes,
        )
        for number in range(count)
    )
    return AuthorizationRequest(
        submission_id=f"test|{start}",
        received_at=NOON,
        channel=Channel.PORTAL,
        service_kind=ServiceKind.PHARMACY_DRUG if is_drug else ServiceKind.MEDICAL,
        urgency=UrgencyClaim(urgency=Urgency.STANDARD, asked_by=AskedBy.PROVIDER),
        member=MemberReference(member_id=member),
        requesting_provider=ProviderReference(npi="1999999984"),
        diagnoses=("M05.79",),
        lines=lines,
    )


def look(store: Store, request: AuthorizationRequest, **connected: Any) -> tuple[LineAssessment, ...]:
    with store.begin() as s:
        version = requests.save(s, "PA-1", request)
    order = ReviewInput(case_id="PA-1", request_version=version, received_at=NOON, events=(), now=NOON)
    return AuthorizationLookups(store, BOOK, DirectoryEligibility(store), **connected).look_into(order).assessment.lines


def approve_before(store: Store, case_id: str, request: AuthorizationRequest) -> None:
    """An approved case with an exception for each line."""
    member = request.member.member_id
    view = case_view(case_id, member_id=member, status=CaseStatus.APPROVED, received_at=NOON)
    lines = [
        LineView(
            line_id=one.line_id,
            code=one.code,
            description=one.code,
            route="approved",
            outcome=LineOutcome.APPROVED,
            exception=ExceptionRequest.SUPPORTED,
            approved_quantity=one.quantity,
            approved_start=one.start,
            approved_end=one.end,
        )
        for one in request.lines
    ]
    data = {"case": view.model_dump(mode="json"), "lines": [one.model_dump(mode="json") for one in lines]}
    entry = EntryDraft(seq=1, at=NOON, kind=EntryKind.CLOSED, actor=UMPIRE, summary="Closed.", data=data)
    with store.begin() as s:
        requests.save(s, case_id, request)
        read_models.record_entries(s, case_id, (entry,))


def calls_of_a_look(store: Store, request: AuthorizationRequest) -> int:
    """The number of functions that a look calls, of Python and of C: the same on every machine."""
    count = 0

    def watch(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        look(store, request)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize(
    ("codes", "past", "so_many", "member", "changes"),
    [
        (DRUGS, DRUGS, 80, DRUG_PLAN, {}),
        (EQUIPMENT, EQUIPMENT, 200, EQUIPMENT_PLAN, {}),
        (("E0601",), ("E0250",), 200, EQUIPMENT_PLAN, {"certification": CertificationType.RENEWAL}),
    ],
    ids=["drugs", "equipment", "renewals"],
)
def test_a_request_and_a_past_of_twice_as_many_lines_are_twice_the_work(
    store: Store, codes: tuple[str, ...], past: tuple[str, ...], so_many: int, member: str, changes: dict[str, Any]
) -> None:
    approve_before(store, "PA-81", asked(so_many, past, member, date(2026, 3, 1)))
    look(store, asked(2, codes, member, **changes))
    few = calls_of_a_look(store, asked(60, codes, member, **changes))
    approve_before(store, "PA-82", asked(so_many, past, member, date(2026, 3, 1)))
    many = calls_of_a_look(store, asked(120, codes, member, **changes))
    assert many < 2.1 * few


class WatchedStore:
    """A store that knows whether one of its transactions is open."""

    def __init__(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_open = False
        for name in ("begin", "read"):
            monkeypatch.setattr(store, name, self._watch(getattr(store, name)))

    def _watch(self, transaction: Any) -> Any:
        @contextmanager
        def watched() -> Any:
            with transaction() as s:
                self.is_open = True
                try:
                    yield s
                finally:
                    self.is_open = False

        return watched


def test_a_compendium_is_asked_once_about_a_drug_and_within_no_transaction(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched, questions = WatchedStore(store, monkeypatch), []

    class Shelf:
        def look_up(
            self, names: tuple[str, ...], drug_code: str, diagnoses: tuple[str, ...], day: date
        ) -> CompendiumFinding | None:
            questions.append((drug_code, day, watched.is_open))
            return None

    request = asked(6, DRUGS, DRUG_PLAN)
    on_one_day = tuple(one.model_copy(update={"start": FIRST_DAY}) for one in request.lines)
    look(store, request.model_copy(update={"lines": on_one_day}), compendia=Shelf())
    assert questions and len(set(questions)) == len(questions)
    assert not any(is_open for *_, is_open in questions)


def test_a_connected_set_is_asked_within_no_transaction(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    watched, seen = WatchedStore(store, monkeypatch), []

    class Connected:
        def answer(self, question: LicensedQuestion) -> LicensedAnswer | None:
            seen.append(watched.is_open)
            return LicensedAnswer(set_id=question.set_id, edition="2026", outcome=Tri.MET, reference="page 1")

    with store.begin() as s:
        for one in directory.coverages(s, EQUIPMENT_PLAN):
            directory.put_coverage(
                s, one.model_copy(update={"lob": Lob.COMMERCIAL_ACA, "state": "IL", "self_funded": False})
            )
    (line,) = look(store, asked(1, ("H0018",), EQUIPMENT_PLAN), licensed=Connected())
    assert line.required_set is not None and line.required_set.answer is not None
    assert seen == [False]
