"""The machine never says no: no sequence of messages, however hostile, makes an unsigned adverse answer."""

from __future__ import annotations

import ast
import itertools
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.authorization import benefit_units, conclusion, message_effects, timers
from domain.authorization import path as pathway
from domain.authorization.assessment import CriteriaFinding
from domain.authorization.case import AuthorizationCase
from domain.authorization.messages import (
    AddDocuments,
    AuthorizationMessage,
    CloseUndecided,
    ContactLog,
    PartyStatement,
    RequestExpedite,
    SettlePeerToPeer,
    TakeExtension,
    WithdrawRequest,
)
from domain.authorization.task_checks import decision_circumstances
from domain.cases import steps
from domain.cases.messages import ClaimTask, CompleteTask
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.cases.views import ENDED_UNDECIDED, CaseStatus
from domain.decisions.decision_makers import ByReviewer
from domain.decisions.determination import (
    AdverseDetermination,
    CriterionAnswer,
    LineDecision,
    SignedBenefitDecision,
    SignedDecision,
    decision_violations,
    make_adverse_determination,
    make_benefit_determination,
    read_adverse_determination,
)
from domain.decisions.prudent_layperson import (
    PROHIBITED_GROUNDS,
    DenialGround,
    EmergencyDenial,
    EmergencyLines,
    PresentingFacts,
)
from domain.decisions.reviewers import Reviewer
from domain.errors import Refused
from domain.journal import Actor
from domain.requests.request import StayPurpose, StayReference
from domain.vocabulary import ADVERSE_OUTCOMES, AskedBy, Channel, LineOutcome, NoticeKind, Role, StaffDuty
from tests.domain.authorization.casebook import (
    BASIS,
    DUE,
    PHYSICIAN,
    REASON,
    RULE,
    STAFF,
    START,
    claimed,
    criteria,
    denial,
    line,
    make_license,
    open_case,
)
from tests.domain.authorization.closings.endings import DIED, ELSEWHERE, MISFILED, NO_FORM, OUTSIDE, vacate
from tests.domain.decisions.benefit_cases import JUDGED, LIMIT, benefit_decision, need
from tests.paths import PACKAGES, ROOT


def work(case: AuthorizationCase, now: datetime = START) -> None:
    """Do what the workflow does between messages, with every letter going out at once."""
    for _ in range(30):
        timers.fire_due_timers(case, now)
        match pathway.advance(case, now):
            case pathway.WriteNotices():
                case.owed_letters.clear()
            case steps.ComputeClocks():
                case.clocks_stale = False
            case pathway.AssessRequest():
                case.look_needed = False
            case pathway.SendExtensionNotice():
                case.extending.end()
            case pathway.ReserveUnits(reservations):
                benefit_units.record_reservations(case, reservations, (), now)
            case pathway.MakeDetermination(status):
                conclusion.make_determination(case, status, now)
            case steps.CloseCase(status):
                conclusion.close_case(case, status, now)
            case steps.Wait() | steps.Finish():
                return


def at_the_physician(*found: CriteriaFinding) -> tuple[AuthorizationCase, str]:
    case = open_case(*(line(str(n + 1), one) for n, one in enumerate(found or (criteria("not_met"),))))
    work(case)
    nurse = case.open_task(TaskKind.NURSE_REVIEW)
    assert nurse is not None
    message_effects.receive_message(case, refer(case, nurse.task_id), START)
    work(case)
    assert case.peer_to_peer is not None
    case.peer_to_peer.result = "held"
    physician = case.open_task(TaskKind.PHYSICIAN_REVIEW)
    assert physician is not None
    return case, physician.task_id


def refer(case: AuthorizationCase, task_id: str) -> CompleteTask:
    return CompleteTask(
        message_id=f"refer-{task_id}",
        at=START,
        actor=Actor(kind="reviewer", id="nurse"),
        task_id=task_id,
        reviewer_id="nurse",
        outcome=TaskOutcome.REFER,
        recommendation="Not documented.",
    )


def test_the_proper_denial_stands_so_that_the_refusals_below_mean_something() -> None:
    case, task_id = at_the_physician()
    at = decision_circumstances(case, case.tasks[task_id], START + timedelta(hours=2))
    signed = denial(case, task_id)
    assert decision_violations(signed, PHYSICIAN, RULE, at) == ()
    assert make_adverse_determination(signed, PHYSICIAN, RULE, at).lines[0].outcome is LineOutcome.DENIED


CHANGES: dict[str, dict[str, object]] = {
    "another case": {"case_id": "PA-OTHER"},
    "another task": {"task_id": "PA-TEST-T99"},
    "another reviewer": {"reviewer_id": "nurse"},
    "a licence not on record": {"licence": make_license(expires=date(2030, 1, 1))},
    "an unfit specialty": {"specialty": "dermatology"},
    "a conflict not ruled out": {"no_conflict_of_interest": False},
    "a record not opened": {"evidence_opened": ()},
    "a criterion not answered": {"criteria_answered": ()},
    "no line decided": {"lines": ()},
    "a line too many": {
        "lines": tuple(LineDecision(line_id=n, outcome=LineOutcome.DENIED, reason=REASON) for n in "12")
    },
    "a line twice": {
        "lines": tuple(LineDecision(line_id="1", outcome=LineOutcome.DENIED, reason=REASON) for _ in "12")
    },
    "no reason": {"lines": (LineDecision(line_id="1", outcome=LineOutcome.DENIED),)},
    "no attestation": {"attestation": "  "},
    "a stamp before the task": {"signed_at": START - timedelta(days=1)},
    "a stamp in the future": {"signed_at": START + timedelta(days=3)},
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_denial_that_lacks_one_thing_is_refused(name: str) -> None:
    case, task_id = at_the_physician()
    at = decision_circumstances(case, case.tasks[task_id], START + timedelta(hours=2))
    signed = denial(case, task_id, **CHANGES[name])
    with pytest.raises(Refused):
        make_adverse_determination(signed, PHYSICIAN, RULE, at)
    with pytest.raises(ValidationError):
        AdverseDetermination(signed=signed, reviewer=PHYSICIAN, rule=RULE, circumstances=at)


@pytest.mark.parametrize("field", sorted(set(REASON.model_fields_set) - {"asked"} | {"asked"}))
def test_a_denial_without_its_full_reason_is_refused(field: str) -> None:
    case, task_id = at_the_physician()
    at = decision_circumstances(case, case.tasks[task_id], START + timedelta(hours=2))
    empty: object = () if field in ("findings", "records_read") else " "
    reason = REASON.model_copy(update={field: empty})
    signed = denial(case, task_id, lines=(LineDecision(line_id="1", outcome=LineOutcome.DENIED, reason=reason),))
    assert {refusal.rule for refusal in decision_violations(signed, PHYSICIAN, RULE, at)} == {"decision.reason"}


@pytest.mark.parametrize(
    "words",
    [
        "Not medically necessary.",
        "Your request does not meet our medical necessity criteria because of insufficient clinical documentation.",
        "Medicare covers 0SG00A0 after 12 months of other treatment. Your records show 6 months of physical therapy so far.",
    ],
)
def test_a_reason_that_the_member_cannot_use_is_refused_before_signing(words: str) -> None:
    case, task_id = at_the_physician()
    at = decision_circumstances(case, case.tasks[task_id], START + timedelta(hours=2))
    reason = REASON.model_copy(update={"plain_words": words})
    signed = denial(case, task_id, lines=(LineDecision(line_id="1", outcome=LineOutcome.DENIED, reason=reason),))
    assert {refusal.rule for refusal in decision_violations(signed, PHYSICIAN, RULE, at)} == {"decision.reason"}


def test_a_decision_changed_after_signing_no_longer_counts() -> None:
    case, task_id = at_the_physician()
    at = decision_circumstances(case, case.tasks[task_id], START + timedelta(hours=2))
    changed = denial(case, task_id).model_copy(update={"attestation": "Somebody else's words."})
    assert {refusal.rule for refusal in decision_violations(changed, PHYSICIAN, RULE, at)} == {"decision.signature"}


def test_an_adverse_determination_cannot_be_smuggled_in_as_json() -> None:
    case, task_id = at_the_physician()
    at = decision_circumstances(case, case.tasks[task_id], START + timedelta(hours=2))
    good = make_adverse_determination(denial(case, task_id), PHYSICIAN, RULE, at)
    assert AdverseDetermination.model_validate_json(good.model_dump_json()) == good
    forged = good.model_dump(mode="json")
    forged["signed"]["signature"] = "0" * 64
    with pytest.raises(ValidationError):
        AdverseDetermination.model_validate(forged)


# -- emergency care ----------------------------------------------------------------------------------------------------------

NO_EMERGENCY = PresentingFacts(
    symptoms=("a cold",), plan_sent_patient=False, acute_and_severe=False, serious_harm_to_be_expected=False
)
EMERGENCY = StayReference(
    process_id="RR-1", purpose=StayPurpose.POST_SERVICE, round=1, emergency=EmergencyLines(line_ids=("1",))
)


def emergency_denial(case: AuthorizationCase, task_id: str, stated: EmergencyDenial | None) -> SignedDecision:
    reason = REASON.model_copy(update={"emergency": stated})
    return denial(case, task_id, lines=(LineDecision(line_id="1", outcome=LineOutcome.DENIED, reason=reason),))


@pytest.mark.parametrize("ground", [None, *sorted(PROHIBITED_GROUNDS)])
def test_emergency_care_is_not_denied_without_a_ground_or_on_one_that_the_law_excludes(
    ground: DenialGround | None,
) -> None:
    case, task_id = at_the_physician()
    case.stay = EMERGENCY
    at = decision_circumstances(case, case.tasks[task_id], START + timedelta(hours=2))
    stated = EmergencyDenial(grounds=(ground,), presentation=NO_EMERGENCY) if ground is not None else None
    signed = emergency_denial(case, task_id, stated)
    (only,) = decision_violations(signed, PHYSICIAN, RULE, at)
    assert only.rule == f"emergency.{ground.value if ground is not None else 'ground'}"
    assert "42 CFR 422.113(b)" in only.message and only.message.startswith("Line 1: ") and only.way_out
    with pytest.raises(ValidationError):
        AdverseDetermination(signed=signed, reviewer=PHYSICIAN, rule=RULE, circumstances=at)


def test_emergency_care_is_denied_only_by_what_the_signer_makes_of_the_presenting_symptoms() -> None:
    case, task_id = at_the_physician()
    case.stay = EMERGENCY
    at = decision_circumstances(case, case.tasks[task_id], START + timedelta(hours=2))
    stated = EmergencyDenial(grounds=(DenialGround.PRESENTING_SYMPTOMS,), presentation=NO_EMERGENCY)
    made = make_adverse_determination(emergency_denial(case, task_id, stated), PHYSICIAN, RULE, at)
    assert AdverseDetermination.model_validate_json(made.model_dump_json()) == made


def test_other_care_needs_no_ground_of_emergency_care() -> None:
    case, task_id = at_the_physician()
    case.stay = EMERGENCY.model_copy(update={"emergency": EmergencyLines(line_ids=("7",))})
    at = decision_circumstances(case, case.tasks[task_id], START + timedelta(hours=2))
    assert decision_violations(emergency_denial(case, task_id, None), PHYSICIAN, RULE, at) == ()


def test_what_was_signed_and_carried_before_grounds_were_asked_for_still_stands() -> None:
    case, task_id = at_the_physician()
    case.stay = EMERGENCY.model_copy(update={"emergency": None})
    at = decision_circumstances(case, case.tasks[task_id], START + timedelta(hours=2))
    carried = make_adverse_determination(denial(case, task_id), PHYSICIAN, RULE, at).model_dump(mode="json")
    assert "emergency" not in carried["signed"]["lines"][0]["reason"]
    assert "emergency" not in carried["circumstances"], "an older worker could not read it"
    assert AdverseDetermination.model_validate(carried).lines[0].outcome is LineOutcome.DENIED
    state = case.model_dump(mode="json")
    assert "emergency" not in state["stay"]
    assert AuthorizationCase.model_validate(state) == case


# -- random and hostile completions ------------------------------------------------------------------------------------------

who = st.sampled_from([*(reviewer.reviewer_id for reviewer in STAFF), "stranger"])
lines = st.lists(
    st.builds(
        LineDecision,
        line_id=st.sampled_from(["1", "2", "3", ""]),
        outcome=st.sampled_from(LineOutcome),
        approved_quantity=st.none() | st.just(Decimal(1)),
        reason=st.none() | st.just(REASON),
    ),
    max_size=3,
).map(tuple)
stamps = st.integers(-48, 24 * 9).map(lambda hours: START + timedelta(hours=hours))
counter = itertools.count()


@st.composite
def decisions(draw: st.DrawFn) -> SignedDecision:
    """A decision in which everything may be wrong, sealed or not."""
    person = draw(st.sampled_from(STAFF))
    signed = SignedDecision(
        decision_id="D",
        case_id=draw(st.sampled_from(["PA-TEST", "PA-OTHER"])),
        task_id=draw(st.sampled_from([f"PA-TEST-T{n}" for n in range(1, 5)])),
        reviewer_id=draw(who),
        licence=draw(st.sampled_from([make_license(), *person.licences])),
        specialty=draw(st.sampled_from(["orthopedic_surgery", "dermatology", ""])),
        no_conflict_of_interest=draw(st.booleans()),
        evidence_opened=draw(st.sampled_from([(), ("doc-1",)])),
        criteria_answered=draw(st.sampled_from([(), (CriterionAnswer(node_id="FUS-2b", answer="not_met", note="n"),)])),
        lines=draw(lines),
        attestation=draw(st.sampled_from(["", "I reviewed it."])),
        signed_at=draw(stamps),
    )
    return signed.with_signature() if draw(st.booleans()) else signed


@st.composite
def messages(draw: st.DrawFn) -> AuthorizationMessage:
    person = draw(who)
    base = {
        "message_id": f"m{next(counter)}",
        "at": draw(stamps),
        "actor": Actor(kind="reviewer", id=draw(st.sampled_from([person, "stranger"]))),
    }
    task_id = f"PA-TEST-T{draw(st.integers(1, 5))}"
    kinds = "complete complete complete claim documents p2p expedite extend withdraw close vacate"
    match draw(st.sampled_from(kinds.split())):
        case "close":
            closing = draw(st.sampled_from([NO_FORM, DIED, OUTSIDE, ELSEWHERE, MISFILED]))
            base["actor"] = Actor(
                kind="reviewer", id=draw(st.sampled_from([person, "appeals", "enrollment", "intake"]))
            )
            return CloseUndecided(**base, reviewer_id=base["actor"].id, closing=closing)
        case "vacate":
            return vacate(base["at"], person, message_id=base["message_id"])
        case "claim":
            return ClaimTask(**base, task_id=task_id, reviewer_id=person)
        case "documents":
            return AddDocuments(**base, document_ids=())
        case "p2p":
            call = ContactLog(
                called="Dr. Lee", number="1", at=base["at"], by=draw(st.sampled_from([person, "stranger"]))
            )
            result = draw(st.sampled_from(["held", "declined", "plan_no_show"]))
            return SettlePeerToPeer(**base, result=result, contact=draw(st.sampled_from([call, call, None])))
        case "expedite":
            return RequestExpedite(
                **base, asked_by=draw(st.sampled_from(AskedBy)), physician_statement=draw(st.none() | st.booleans())
            )
        case "extend":
            return TakeExtension(**base, reviewer_id=person, reason="enrollee_asked", justification="x")
        case "withdraw":
            said = PartyStatement(person="Dr. Lee", channel=Channel.FAX, at=base["at"], inbox_id=1)
            base["actor"] = Actor(kind="provider", id="1999999984")
            return WithdrawRequest(**base, by=AskedBy.PROVIDER, asked=draw(st.sampled_from([said, said, None])))
        case _:
            return CompleteTask(
                **base,
                task_id=task_id,
                reviewer_id=person,
                outcome=draw(st.sampled_from(TaskOutcome)),
                lines=draw(lines),
                recommendation=draw(st.none() | st.just("x")),
                facts_to_ask=draw(st.sampled_from([(), ("sp.nonop_months",)])),
                signed=draw(
                    st.none() | decisions() | st.builds(benefit_decision, task_id=st.just(task_id), signed_at=stamps)
                ),
                note=draw(st.none() | st.just("x")),
                form=draw(st.none() | st.builds(need, st.booleans())),
            )


shapes = st.lists(
    st.sampled_from([criteria("not_met"), criteria("unknown"), criteria("met"), None]), min_size=1, max_size=2
)


@settings(max_examples=200)
@given(shapes, st.lists(st.tuples(messages(), st.integers(0, 24 * 9)), max_size=12))
def test_no_sequence_of_messages_yields_a_denial_that_no_allowed_clinician_signed(
    shape: list[object], sequence: list[tuple[AuthorizationMessage, int]]
) -> None:
    limited = {"provisions": (LIMIT, JUDGED)}
    found = (line(str(n + 1), one).model_copy(update=limited) for n, one in enumerate(shape))  # type: ignore[arg-type]
    case = open_case(*found)
    now = START
    work(case, now)
    for message, hours in sequence:
        now = max(now, START + timedelta(hours=hours))
        timers.fire_due_timers(case, now)
        message_effects.receive_message(case, message, now)
        work(case, now)
        nothing_adverse_is_unsigned(case)


def test_the_hostile_messages_reach_benefit_staff_so_that_the_sequences_above_mean_something() -> None:
    limited = {"provisions": (LIMIT, JUDGED)}
    case = open_case(line("1", criteria("not_met")).model_copy(update=limited))
    work(case)
    for step, (kind, person, outcome) in enumerate(
        (
            (TaskKind.NURSE_REVIEW, "nurse", TaskOutcome.TO_BENEFITS),
            (TaskKind.NEED_QUESTION, "md.fit", TaskOutcome.DONE),
            (TaskKind.BENEFIT_REVIEW, "benefits", TaskOutcome.DECIDE),
        )
    ):
        task, now = case.open_task(kind), START + timedelta(hours=step)
        assert task is not None, kind
        signed = benefit_decision(task_id=task.task_id, signed_at=now) if outcome is TaskOutcome.DECIDE else None
        message = CompleteTask(
            message_id=f"s{step}",
            at=now,
            actor=Actor(kind="reviewer", id=person),
            task_id=task.task_id,
            reviewer_id=person,
            outcome=outcome,
            recommendation="One a year.",
            signed=signed,
            form=need(False) if outcome is TaskOutcome.DONE else None,
        )
        answer = message_effects.receive_message(case, message, now)
        assert answer.accepted, answer.refusals
        work(case, now)
        nothing_adverse_is_unsigned(case)
    assert case.status is CaseStatus.DENIED


@settings(max_examples=400)
@given(st.sampled_from(STAFF), st.lists(st.sampled_from(sorted(CHANGES)), max_size=2), st.booleans())
def test_a_denial_stands_exactly_when_the_right_person_signed_a_complete_one(
    person: Reviewer, flaws: list[str], claimed: bool
) -> None:
    """Close to the mark: everything is proper but for who signs and at most two flaws."""
    case, task_id = at_the_physician()
    now = START + timedelta(hours=2)
    changes = {key: value for flaw in flaws for key, value in CHANGES[flaw].items()}
    signed = denial(case, task_id, person, **changes)
    base = {"at": now, "actor": Actor(kind="reviewer", id=person.reviewer_id)}
    if claimed:
        message_effects.receive_message(
            case, ClaimTask(message_id="claim", task_id=task_id, reviewer_id=person.reviewer_id, **base), now
        )
    message = CompleteTask(
        message_id="decide",
        task_id=task_id,
        reviewer_id=person.reviewer_id,
        outcome=TaskOutcome.DECIDE,
        signed=signed,
        **base,
    )
    answer = message_effects.receive_message(case, message, now)
    work(case, now)
    nothing_adverse_is_unsigned(case)
    proper = person is PHYSICIAN and not flaws
    assert answer.accepted is proper
    assert (case.status is CaseStatus.DENIED) is proper


def nothing_adverse_is_unsigned(case: AuthorizationCase) -> None:
    adverse = case.status in (CaseStatus.DENIED, CaseStatus.APPROVED_IN_PART)
    told = NoticeKind.ADVERSE_DETERMINATION in case.owed_letters
    assert bool(case.adverse) or not (adverse or told)
    if case.status in ENDED_UNDECIDED:
        assert not told and case.authorization_number is None
    for made in case.adverse:
        signed, reviewer = made.signed, made.reviewer
        if isinstance(signed, SignedBenefitDecision):
            assert Role.BENEFITS in reviewer.roles and signed.credential in reviewer.credentials
            assert signed.credential.duty is StaffDuty.BENEFIT_DECISIONS and signed.signature == signed.digest()
            answered = made.circumstances.need
            assert answered is not None and not answered.necessary, "a clinician answered first"
            continue
        assert Role.PHYSICIAN in reviewer.roles or Role.MEDICAL_DIRECTOR in reviewer.roles
        assert signed.signature == signed.digest()
        assert signed.licence.profession == "physician" and signed.licence.unrestricted is True
        assert signed.licence.expires >= signed.signed_at.date()
        assert signed.specialty in ("orthopedic_surgery", "neurosurgery")
        assert reviewer.training_valid_through is not None
        assert all(item.reason is not None for item in signed.lines if item.outcome in ADVERSE_OUTCOMES)


def test_time_alone_never_denies() -> None:
    for found in (criteria("not_met"), criteria("unknown"), None):
        case = open_case(line("1", found))
        for day in range(60):
            work(case, START + timedelta(days=day))
        assert case.status is CaseStatus.OPEN
        assert case.adverse == ()
        assert case.decided_at is None
        assert START + timedelta(days=60) > DUE


# -- nobody else builds the type ---------------------------------------------------------------------------------------------


def test_no_other_code_builds_an_adverse_determination() -> None:
    builders = [
        f"{'.'.join(path.relative_to(ROOT).with_suffix('').parts)}:{definition}"
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        for definition in _builders(ast.parse(path.read_text()))
    ]
    reading = read_adverse_determination  # validates what is stored: without its proof there is none
    makers = (make_benefit_determination, make_adverse_determination, reading)
    assert builders == [f"{one.__module__}:{one.__name__}" for one in makers]


def _builders(tree: ast.Module) -> list[str]:
    """The top-level definitions (or statements) in which the type is built."""
    return [
        getattr(definition, "name", ast.unparse(definition))
        for definition in tree.body
        if any(isinstance(node, ast.Call) and _builds(node.func) for node in ast.walk(definition))
    ]


def _builds(function: ast.expr) -> bool:
    """AdverseDetermination(...) or BenefitDetermination(...), or any method called on one, such as model_construct."""
    adverse = {"AdverseDetermination", "BenefitDetermination", "SignedDetermination"}
    if isinstance(function, ast.Name):
        return function.id in adverse
    if isinstance(function, ast.Attribute):
        called_on = function.value
        return function.attr in adverse or (isinstance(called_on, ast.Name) and called_on.id in adverse)
    return False


def test_no_code_skips_the_checks_of_the_types_that_carry_a_decision() -> None:
    """`model_construct` makes models without validation; on decisions and cases nobody may use it."""
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            text = path.read_text()
            benefit = ("BenefitDetermination", "SignedBenefitDecision", "BenefitCircumstances", "NecessityAnswer")
            for name in ("AdverseDetermination", "SignedDecision", "AuthorizationCase", "AuthorizationStart", *benefit):
                assert f"{name}.model_construct" not in text, path


def test_lines_that_a_decision_approves_are_approvals_and_only_the_rest_is_adverse() -> None:
    case, task_id = at_the_physician(criteria("not_met"), criteria("not_met"))
    half = LineDecision(line_id="1", outcome=LineOutcome.APPROVED_IN_PART, approved_quantity=Decimal(1), reason=REASON)
    whole = LineDecision(line_id="2", outcome=LineOutcome.APPROVED)
    decide(case, denial(case, task_id, lines=(half, whole)))
    assert case.status is CaseStatus.APPROVED_IN_PART
    assert case.approvals["2"].approved_quantity == Decimal(2)
    assert "1" not in case.approvals


def test_an_approval_in_part_says_what_is_approved() -> None:
    case, task_id = at_the_physician()
    at = decision_circumstances(case, case.tasks[task_id], START + timedelta(hours=2))
    vague = LineDecision(line_id="1", outcome=LineOutcome.APPROVED_IN_PART, reason=REASON)
    assert {r.rule for r in decision_violations(denial(case, task_id, lines=(vague,)), PHYSICIAN, RULE, at)} == {
        "decision.partial"
    }


def decide(case: AuthorizationCase, signed: SignedDecision) -> None:
    now = START + timedelta(hours=2)
    claimed(case, signed.task_id, signed.reviewer_id)
    message = CompleteTask(
        message_id="decide",
        at=now,
        actor=Actor(kind="reviewer", id=signed.reviewer_id),
        task_id=signed.task_id,
        reviewer_id=signed.reviewer_id,
        outcome=TaskOutcome.DECIDE,
        signed=signed,
        basis=BASIS,
    )
    assert message_effects.receive_message(case, message, now).accepted
    work(case, now)


def test_a_nurse_may_approve_some_lines_and_refer_the_rest() -> None:
    case = open_case(line("1", criteria("not_met")), line("2", criteria("not_met")))
    work(case)
    nurse = case.open_task(TaskKind.NURSE_REVIEW)
    assert nurse is not None
    whole = LineDecision(line_id="2", outcome=LineOutcome.APPROVED)
    message = refer(case, nurse.task_id).model_copy(update={"lines": (whole,), "basis": BASIS})
    claimed(case, nurse.task_id, "nurse")
    assert message_effects.receive_message(case, message, START).accepted
    work(case)
    physician = case.open_task(TaskKind.PHYSICIAN_REVIEW)
    assert physician is not None and physician.line_ids == ("1",)
    assert case.approvals["2"].by == ByReviewer("nurse")


def test_a_referral_cannot_hide_a_denial() -> None:
    case = open_case(line("1", criteria("not_met")), line("2", criteria("not_met")))
    work(case)
    nurse = case.open_task(TaskKind.NURSE_REVIEW)
    assert nurse is not None
    for hidden in (
        LineDecision(line_id="2", outcome=LineOutcome.DENIED, reason=REASON),
        LineDecision(line_id="2", outcome=LineOutcome.APPROVED, approved_quantity=Decimal(1)),
    ):
        message = refer(case, nurse.task_id).model_copy(update={"lines": (hidden,), "message_id": str(hidden.outcome)})
        assert not message_effects.receive_message(case, message, START).accepted


def test_a_physician_decides_once_nothing_is_with_anybody_else() -> None:
    """One signed decision answers everything that is left; a second one cannot push the first aside."""
    case = open_case(line("1", criteria("not_met")), line("2", criteria("unknown")))
    work(case)
    nurse = case.open_task(TaskKind.NURSE_REVIEW)
    assert nurse is not None and nurse.line_ids == ("1",)
    message_effects.receive_message(case, refer(case, nurse.task_id), START)
    work(case)
    assert case.open_task(TaskKind.PHYSICIAN_REVIEW) is None, "the provider can still answer for line 2"
    assert case.information is not None
    later = case.information.wait_until
    work(case, later)
    second = case.open_task(TaskKind.NURSE_REVIEW)
    assert second is not None and second.line_ids == ("2",)
    message = refer(case, second.task_id).model_copy(update={"at": later})
    assert message_effects.receive_message(case, message, later).accepted
    work(case, later)
    physician = case.open_task(TaskKind.PHYSICIAN_REVIEW)
    assert physician is not None and physician.line_ids == ("1", "2")
