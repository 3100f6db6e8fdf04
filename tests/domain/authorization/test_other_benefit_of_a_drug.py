"""A drug that Part B pays for is not denied under Part D, and whoever reviews it is told what to do instead."""

from __future__ import annotations

from domain.authorization import intake_findings, letter_events, letter_orders
from domain.authorization.assessment import LineAssessment
from domain.authorization.case import AuthorizationCase
from domain.authorization.orders import ReviewContext
from domain.authorization.signing import letter_trials
from domain.cases.messages import CompleteTask
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.cases.views import CaseLetter
from domain.clocks.events import EventKind
from domain.clocks.terms import DueKind
from domain.decisions.determination import CriterionAnswer
from domain.drug_limits.outcomes import LimitKind, LimitOutcome
from domain.journal import Actor, EntryKind
from domain.letters.request_facts import AdverseFacts, OtherBenefitFacts
from domain.pharmacy.other_benefit import find_other_benefit
from domain.three_valued import Tri
from domain.vocabulary import AskedBy, Audience, NoticeKind, ServiceKind, Urgency
from tests.domain.authorization.casebook import REASON, START, assessment, clock, criteria, denial, line, open_case
from tests.domain.authorization.test_care_under_way import ANSWERED, DENIED, advanced, at_the_physician, broken

EDIT = LimitOutcome(
    rule_id="BD-TRANSPLANT",
    kind=LimitKind.BENEFIT,
    title="The part of Medicare that pays",
    state=Tri.NOT_MET,
    because="Part A at the time of the transplant",
    reason="Part B pays for drugs against rejection",
    citation="42 CFR 410.30",
)


def drug(*, same_plan: bool = False, signed_answer: bool = False) -> LineAssessment:
    found = find_other_benefit((EDIT,), same_plan=same_plan, signed_answer=signed_answer)
    return line("1", criteria("not_met")).model_copy(update={"limits": (EDIT,), "other_benefit": found})


def said(answer: str) -> CriterionAnswer:
    return CriterionAnswer(node_id="BD-TRANSPLANT", answer=answer, note="Seen in the record.")


def test_no_physician_signs_the_denial_of_a_part_b_drug_and_the_refusal_says_what_to_do() -> None:
    case = at_the_physician(drug())
    assert broken(case, DENIED, said("not_met")) == {"decision.other_benefit"}
    assert not broken(case, DENIED, said("met")), "the physician finds that Part D pays, and has another ground"


def test_an_assessment_of_an_older_release_is_signed_as_it_was() -> None:
    case = at_the_physician(drug().model_copy(update={"other_benefit": None}))
    assert not broken(case, DENIED, said("not_met"))
    assert "other_benefit" not in line("1", None).model_dump_json()


def why(case: AuthorizationCase) -> str:
    task = case.open_task(TaskKind.NURSE_REVIEW)
    assert task is not None
    return task.why


def test_whoever_reviews_it_reads_what_to_do_instead_of_denying_it() -> None:
    assert "not denied here: a letter tells prescriber and member who pays" in why(advanced(drug()))
    assert "this plan decides it under its medical benefit" in why(advanced(drug(same_plan=True)))


FOR_IT = DENIED.model_copy(
    update={"reason": REASON.model_copy(update={"rule_citation": "42 CFR 410.30", "rule": "Rule BD-TRANSPLANT"})}
)


def test_a_plan_without_part_b_answers_with_a_signature_on_that_ground_alone() -> None:
    case = at_the_physician(drug(signed_answer=True))
    assert broken(case, DENIED, said("not_met")) == {"decision.other_benefit"}, "the letter would not say who pays"
    assert not broken(case, FOR_IT, said("not_met"))
    assert broken(case, FOR_IT, said("met")) == {"decision.other_benefit"}, "this benefit pays: that is no ground"
    assert "Medicare Part B pays for it: a letter tells prescriber" in why(advanced(drug(signed_answer=True)))


def test_where_one_plan_covers_both_no_rulebook_lets_that_ground_be_signed() -> None:
    case = at_the_physician(drug(same_plan=True, signed_answer=True))
    assert broken(case, FOR_IT, said("not_met")) == {"decision.other_benefit"}


def test_the_letter_of_such_a_decision_says_who_pays_and_no_other_letter_does() -> None:
    for decided, payer in ((FOR_IT, "Medicare Part B"), (DENIED, None)):
        answer = said("not_met" if payer else "met")
        case = at_the_physician(drug(signed_answer=True))
        task = case.open_task(TaskKind.PHYSICIAN_REVIEW)
        assert task is not None
        signed = denial(case, task.task_id, lines=(decided,), criteria_answered=(ANSWERED, answer))
        decide = CompleteTask(
            message_id="d", at=signed.signed_at, actor=Actor(kind="reviewer", id=signed.reviewer_id),
            task_id=task.task_id, reviewer_id=signed.reviewer_id, outcome=TaskOutcome.DECIDE, signed=signed,
        )  # fmt: skip
        ((order,), _) = letter_trials.letters_of_decision(case, decide, decide.at)
        assert isinstance(order.facts, AdverseFacts) and order.facts.paid_by == payer


def looked_at(found: LineAssessment, **changes: object) -> ReviewContext:
    return ReviewContext(
        eligibility_answered=True,
        assessment=assessment(found),
        clocks=(clock(),),
        service_kind=ServiceKind.PHARMACY_DRUG,
        urgency=Urgency.STANDARD,
        urgency_asked_by=AskedBy.PROVIDER,
        physician_statement=None,
        member_id="MBR1000012",
        requesting_npi="1999999984",
    ).model_copy(update=changes)


def test_member_and_prescriber_are_told_once_who_pays_with_a_clock_and_an_entry_in_the_journal() -> None:
    case = open_case(drug())
    for _ in range(2):
        intake_findings.record_assessment(case, looked_at(drug()), START)
    assert case.owed_letters.count(NoticeKind.OTHER_BENEFIT) == 1
    assert [event.kind for event in case.clock_events] == [EventKind.OTHER_BENEFIT_FOUND]
    (entry,) = [one for one in case.pending if one.kind is EntryKind.OTHER_BENEFIT_FOUND]
    assert entry.summary == "Medicare Part B pays for line 1 (42 CFR 410.30): member and prescriber are told."
    (order,) = letter_orders.build_orders(case, NoticeKind.OTHER_BENEFIT, START)
    facts = order.facts
    assert isinstance(facts, OtherBenefitFacts)
    assert (facts.paid_by, facts.same_plan, facts.moved) == ("Medicare Part B", False, False)


def test_a_request_that_was_moved_is_told_as_moved_and_of_every_line() -> None:
    because = find_other_benefit((EDIT,), same_plan=True)
    case = open_case(line("1", criteria("unknown")))
    look = looked_at(line("1", criteria("unknown")), moved_version=2, moved_because=because)
    intake_findings.record_assessment(case, look, START)
    assert case.benefit_notice is not None and case.benefit_notice.moved
    assert case.benefit_notice.line_ids == ("1",)
    assert AuthorizationCase.model_validate_json(case.model_dump_json()).benefit_notice == case.benefit_notice


def test_nobody_is_told_what_is_not_known_and_a_look_of_an_older_release_tells_nobody() -> None:
    unknown = find_other_benefit((EDIT.model_copy(update={"state": Tri.UNKNOWN}),), same_plan=False)
    older = drug().other_benefit
    assert older is not None
    for found in (unknown, older.model_copy(update={"paid_by": None})):
        case = open_case(drug())
        intake_findings.record_assessment(case, looked_at(drug().model_copy(update={"other_benefit": found})), START)
        assert case.benefit_notice is None and not case.clock_events
        assert NoticeKind.OTHER_BENEFIT not in case.owed_letters
    assert "benefit_notice" not in open_case(drug()).model_dump_json()


def test_the_mailed_letter_to_the_member_meets_its_clock() -> None:
    case = open_case(drug())
    for audience, done in ((Audience.PROVIDER, False), (Audience.MEMBER, True)):
        letter = CaseLetter(
            letter_id="L",
            notice=NoticeKind.OTHER_BENEFIT,
            audience=audience,
            recipient="",
            subject="",
            written_at=START,
        )
        letter_events.record_clock_events(case, (letter,), START)
        assert (DueKind.OTHER_BENEFIT_NOTICE in case.done) is done


def test_a_request_that_the_plan_moved_keeps_its_receipt_and_says_so_once() -> None:
    case = open_case(line("1", criteria("unknown")))
    received = case.received_at
    moved = ReviewContext(
        eligibility_answered=True,
        assessment=assessment(line("1", criteria("unknown"))),
        clocks=(clock(),),
        service_kind=ServiceKind.PART_B_DRUG,
        urgency=Urgency.STANDARD,
        urgency_asked_by=AskedBy.PROVIDER,
        physician_statement=None,
        member_id="MBR1000012",
        requesting_npi="1999999984",
        moved_version=2,
    )
    for _ in range(2):
        intake_findings.record_assessment(case, moved, START)
    assert (case.request_version, case.received_at) == (2, received)
    told = [entry for entry in case.pending if entry.kind is EntryKind.REQUEST_CORRECTED]
    assert len(told) == 1 and "under the medical benefit" in told[0].summary
    assert not [entry for entry in case.pending if entry.kind is EntryKind.MESSAGE_REFUSED]
