"""The form of a decision: nothing is answered before its signer answers it, and what is typed is what is signed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from domain.authorization.case import AuthorizationCase
from domain.authorization.forms import build_worksheet
from domain.cases.tasks import TaskOutcome
from domain.decisions.prudent_layperson import DenialGround, EmergencyLines
from domain.requests.request import StayPurpose, StayReference
from domain.vocabulary import LineOutcome
from services.commands.decision_form import ATTESTATION, CriterionInWords, ReviewWorksheet
from tests.domain.authorization.casebook import PHYSICIAN, criteria, line
from tests.domain.authorization.test_partial_approvals import LATER, _at_the_physician
from web.presentation.decisions.fields import build_fields, find_blanks, short_evidence
from web.presentation.decisions.reading import read_form

WRITTEN = {
    "outcome.1": ["denied"],
    "answer.FUS-2b": ["not_met"],
    "note.FUS-2b": ["6 months of therapy are documented."],
    "asked.1": ["Fusion of one joint."],
    "plain.1": ["Your records show 6 months."],
    "rule.1": ["12 months come first."],
    "change.1": ["Records of 12 months."],
    "gap.1": ["Six months."],
    "free": ["yes"],
    "attested": ["yes"],
}


def desk(*, two_lines: bool = False) -> tuple[AuthorizationCase, ReviewWorksheet]:
    case, decide = _at_the_physician(*((line("2", criteria("not_met")),) if two_lines else ()), undated=False)
    return case, worksheet(case, decide.task_id)


def worksheet(case: AuthorizationCase, task_id: str) -> ReviewWorksheet:
    asked = CriterionInWords(
        node_id="FUS-2b", text="FUS-2b: 12 months of treatment", seen="6 months on 2026-11-05, note"
    )
    return ReviewWorksheet(
        sheet=build_worksheet(case, task_id, LATER),
        case_id=case.case_id,
        state=case.state,
        records=(),
        reviewer=PHYSICIAN,
        criteria=(asked,),
    )


def test_nothing_is_chosen_written_or_stated_beforehand() -> None:
    case, before = desk()
    fields = build_fields(case, before, {})
    (only,), (criterion,) = fields.lines, fields.criteria
    assert (only.outcome, criterion.answer, criterion.note) == ("", "", "")
    assert not any(text.value for text in only.texts) and not (fields.free or fields.attested)
    form = read_form(case, before, {})
    assert form.lines == () and form.decision is not None and form.decision.criteria_answered == ()
    assert form.decision.attestation == "" and not form.decision.no_conflict_of_interest


def test_the_findings_are_the_criteria_answered_as_not_met_with_the_words_of_the_signer() -> None:
    case, before = desk()
    form = read_form(case, before, WRITTEN)
    assert form.outcome is TaskOutcome.DECIDE and form.decision is not None
    reason = form.lines[0].reason
    assert reason is not None
    assert [(one.criterion, one.finding) for one in reason.findings] == [
        ("12 months of treatment", "6 months of therapy are documented.")
    ]
    assert reason.findings[0].citation == reason.rule_citation != ""
    assert (reason.plain_words, reason.gap) == ("Your records show 6 months.", "Six months.")
    assert form.decision.attestation == ATTESTATION and form.decision.no_conflict_of_interest
    met = read_form(case, before, {**WRITTEN, "answer.FUS-2b": ["met"]}).lines[0].reason
    assert met is not None and met.findings == ()


def test_an_answer_or_an_outcome_that_nobody_offers_is_none() -> None:
    case, before = desk()
    forged = {**WRITTEN, "outcome.1": ["adverse"], "answer.FUS-2b": ["no"], "cite.1": ["Our own handbook"]}
    form = read_form(case, before, forged)
    assert form.lines == () and form.decision is not None and form.decision.criteria_answered == ()
    reason = read_form(case, before, {**forged, "outcome.1": ["denied"]}).lines[0].reason
    assert reason is not None and reason.rule_citation == ""


def test_how_much_is_approved_in_part_is_read_or_named_at_its_field() -> None:
    case, before = desk()
    part = {**WRITTEN, "outcome.1": ["approved_in_part"], "quantity.1": ["1"], "end.1": ["2026-12-20"]}
    (said,) = read_form(case, before, part).lines
    assert (said.approved_quantity, said.approved_end) == (Decimal(1), date(2026, 12, 20))
    junk = {**part, "quantity.1": ["NaN"], "end.1": ["soon"]}
    (said,) = read_form(case, before, junk).lines
    assert (said.approved_quantity, said.approved_end) == (None, None)
    assert {name for name, _ in build_fields(case, before, junk).problems} == {"quantity-1", "end-1"}
    denied = read_form(case, before, {**part, "outcome.1": ["denied"]}).lines[0]
    assert denied.approved_quantity is None


def test_approving_every_line_is_an_approval_with_its_account_and_no_signature() -> None:
    case, before = desk(two_lines=True)
    account = {"rationale": ["Nothing less has helped."], "why_none": ["None are on file."]}
    form = read_form(case, before, {"outcome.1": ["approved"], "outcome.2": ["approved"], **account})
    assert form.outcome is TaskOutcome.APPROVE and form.decision is None and form.basis is not None
    mixed = read_form(case, before, {**WRITTEN, "outcome.2": ["approved"], **account})
    assert mixed.outcome is TaskOutcome.DECIDE and mixed.basis is not None
    assert [one.outcome for one in mixed.lines] == [LineOutcome.DENIED, LineOutcome.APPROVED]


def test_emergency_care_asks_for_its_ground_and_other_care_does_not() -> None:
    case, before = desk()
    typed = {**WRITTEN, "emergency.1.grounds": [DenialGround.NOT_FURNISHED.value]}
    assert not build_fields(case, before, typed).lines[0].emergency
    case.stay = StayReference(
        process_id="ST-1", purpose=StayPurpose.ADMISSION, round=1, emergency=EmergencyLines(line_ids=("1",))
    )
    before = worksheet(case, before.sheet.task.task_id)
    assert build_fields(case, before, typed).lines[0].emergency
    reason = read_form(case, before, typed).lines[0].reason
    assert reason is not None and reason.emergency is not None
    assert reason.emergency.grounds == (DenialGround.NOT_FURNISHED,)


def test_each_blank_is_named_with_the_field_where_it_is_filled_in() -> None:
    case, before = desk()
    blank = dict(find_blanks(build_fields(case, before, {"outcome.1": ["denied"], "answer.FUS-2b": ["not_met"]})))
    assert {"asked-1", "plain-1", "rule-1", "change-1", "gap-1", "note-1", "free", "attested"} == set(blank)
    assert find_blanks(build_fields(case, before, WRITTEN)) == ()


def test_a_value_is_put_into_a_text_with_its_day_and_without_its_source() -> None:
    assert short_evidence("6 months on 2026-11-05, document 'Clinic notes', read by nurse") == "6 months on Nov 5, 2026"
