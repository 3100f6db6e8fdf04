"""The samples that ship with the project do what their README says."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from domain.criteria.evaluation import evaluate, may_approve_by_rule
from domain.criteria.fact_extraction import extract_facts
from domain.errors import NotReadable
from domain.evidence.facts import EvidenceTier
from domain.requests.request import RequestAction
from domain.vocabulary import Channel, ServiceKind, Urgency
from interop.npi import has_npi_check_digit
from interop.reader import read_request
from interop.submission import Submission
from rulebook.guidelines import load_criteria
from tests.paths import SAMPLES

FOLDER = SAMPLES / "requests"
RECEIVED_AT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
UNREADABLE = {"broken", "faulty-bundle"}
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))


def read(name: str) -> Submission:
    return read_request((FOLDER / f"{name}.json").read_bytes(), RECEIVED_AT, Channel.COMMAND_LINE)


def verdict(name: str, guideline_id: str, line_id: str = "1") -> tuple[str, bool]:
    """The guideline's outcome for a line, and whether it may be approved by rule."""
    submission, criteria = read(name), load_criteria()
    request = submission.request
    extracted = extract_facts(
        criteria.dictionary.by_id, submission.statements, submission.answers, request, request.line(line_id)
    )
    (guideline,) = (found for found in criteria.guidelines if found.id == guideline_id)
    found = evaluate(guideline, criteria.dictionary, (*request.facts, *extracted), date(2026, 11, 23))
    return found.state.value, may_approve_by_rule(found, EvidenceTier.DOCUMENT)


def test_every_sample_is_in_the_readme() -> None:
    readme = (FOLDER / "README.md").read_text()
    assert all(f"`{name}.json`" in readme for name in NAMES)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in UNREADABLE])
def test_samples_are_read_without_a_note(name: str) -> None:
    submission = read(name)
    assert submission.notes == ()
    providers = (
        submission.request.requesting_provider,
        submission.request.servicing_provider,
        submission.request.ordering_practitioner,
    )
    assert all(has_npi_check_digit(provider.npi) for provider in providers if provider)


def test_complete_home_oxygen_may_be_approved_by_rule() -> None:
    assert verdict("home-oxygen-complete", "OXY") == ("met", True)


def test_the_urgent_home_oxygen_request_needs_a_clinician() -> None:
    assert read("home-oxygen-expedited").request.urgency.urgency is Urgency.EXPEDITED
    assert verdict("home-oxygen-expedited", "OXY") == ("unknown", False)


@pytest.mark.parametrize(
    ("name", "action"), [("home-oxygen-update", RequestAction.UPDATE), ("home-oxygen-cancel", RequestAction.CANCEL)]
)
def test_update_and_cancellation_name_the_urgent_request(name: str, action: RequestAction) -> None:
    request = read(name).request
    assert request.action is action
    assert request.prior_submission_id in read("home-oxygen-expedited").request.trace_numbers


def test_cpap_lacks_what_it_lacks() -> None:
    assert verdict("cpap-missing-facts", "PAP") == ("unknown", False)
    answered = {answer.link_id for answer in read("cpap-missing-facts").answers}
    assert "pap.ahi" not in answered


def test_of_two_lines_one_is_met_and_one_unknown() -> None:
    assert verdict("two-lines", "OXY", "1") == ("met", True)
    assert verdict("two-lines", "PAP", "2") == ("unknown", False)


def test_lumbar_fusion_meets_no_indication() -> None:
    assert verdict("lumbar-fusion", "FUS") == ("not_met", False)
    assert read("lumbar-fusion").request.lines[0].service_group == "lumbar_fusion"


def test_the_power_wheelchair_waits_for_a_judgment() -> None:
    assert verdict("power-wheelchair", "PWC") == ("unknown", False)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("part-b-drug", ServiceKind.PART_B_DRUG),
        ("pharmacy-drug", ServiceKind.PHARMACY_DRUG),
        ("behavioral-outpatient", ServiceKind.BEHAVIORAL),
        ("service-not-required", ServiceKind.MEDICAL),
    ],
)
def test_samples_cover_every_kind_of_service(name: str, kind: ServiceKind) -> None:
    assert read(name).request.service_kind is kind


def test_a_broken_file_is_refused_with_line_and_column() -> None:
    with pytest.raises(NotReadable) as refused:
        read("broken")
    assert refused.value.problems[0].path == "line 65, column 1"


def test_a_faulty_bundle_is_refused_with_all_its_reasons() -> None:
    with pytest.raises(NotReadable) as refused:
        read("faulty-bundle")
    rules = {problem.rule for problem in refused.value.problems}
    assert rules == {"pas-bundle-type", "pas-item-productOrService", "spec-13", "umpire-date", "umpire-quantity"}
