"""Real-shaped PAS documents from elsewhere, where they are at hand: what goes through and why the rest does not."""

from __future__ import annotations

import json

import pytest

from domain.errors import NotReadable
from domain.requests.request import RequestAction
from domain.vocabulary import CertificationType, Channel, ServiceKind, Urgency
from interop.reader import read_request
from interop.submission import Submission
from tests.interop.fhir.bundles import RECEIVED_AT
from tests.paths import SHARED

DATA = SHARED / "data" / "pas"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the outside PAS examples are not at hand")

READ = [
    "own/dme-cpap-request.json",
    "own/dme-home-oxygen-urgent-request.json",
    "own/imaging-mri-knee-request.json",
    "own/inpatient-emergency-admission-request.json",
    "own/neg-unknown-member.json",
    "own/ok-no-meta-profile.json",
    "own/ok-urn-uuid-fullurls.json",
    "own/therapy-add-and-cancel-item-update.json",
    "testkit-server-v221/approval_pa_submit_request_payload.json",
    "testkit-server-v221/denial_pa_submit_request_payload.json",
    "testkit-server-v221/pended_pa_submit_request_payload.json",
    "testkit-server-v221/must_support_pa_submit_request_payload-1.json",
    "testkit-server-v221/must_support_pa_submit_request_payload-2.json",
    "testkit-server-v221/claim_update_initial_submit_payload.json",
    "testkit-server-v221/claim_update_add_item_submit_payload.json",
    "testkit-server-v221/claim_update_modify_cancel_submit_payload.json",
    "testkit-server-v221/claim_update_cancel_all_submit_payload.json",
    "ig-2.2.1/Bundle-HomecareAuthorizationBundleExample.json",
    "ig-2.2.1/Bundle-HomecareAuthorizationUpdateBundleExample.json",
    "ig-2.2.1/Bundle-MedicalServicesAuthorizationBundleExample.json",
    "ig-2.2.1/Bundle-ReferralAuthorizationBundleExample.json",
    "ig-2.2.1/Bundle-SurgicalRequestBundleExample.json",
]

REFUSED = {
    "own/neg-bundle-type-batch.json": {"Bundle.type": "pas-bundle-type"},
    "own/neg-claim-not-first.json": {"Bundle.entry[0].resource": "spec-12"},
    "own/neg-dangling-reference.json": {"Bundle.entry[0].resource.insurance[0].coverage": "spec-13"},
    "own/neg-duplicate-supportinginfo-sequence.json": {
        "Bundle.entry[0].resource.supportingInfo[1].sequence": "spec-22"
    },
    "own/neg-empty-entry.json": {"Bundle.entry": "pas-bundle-entry"},
    "own/neg-no-fullurl.json": {f"Bundle.entry[{index}].fullUrl": "spec-16" for index in range(9)},
    "own/neg-no-identifier.json": {"Bundle.identifier": "pas-bundle-identifier"},
    "testkit-server-v221/nonconformant_pas_bundle.json": {"Bundle.entry": "pas-bundle-entry"},
    "testkit-server-v221/must_support_pa_inquire_request_payload.json": {
        "Bundle.entry[0].resource.meta.profile": "umpire-inquiry"
    },
    "testkit-server-v221/pas_server_capability_statement.json": {"resourceType": "umpire-format"},
    "testkit-server-v221/subscription_resource.json": {"resourceType": "umpire-format"},
    "ig-2.2.1/Bundle-PASClaimInquiryBundleExample.json": {"Bundle.meta.profile": "umpire-inquiry"},
    "ig-2.2.1/Bundle-ErrorResponseBundleExample.json": {"Bundle.entry[0].resource": "umpire-answer"},
    "ig-2.2.1/Bundle-RejectionResponseBundleExample.json": {"Bundle.entry[0].resource": "umpire-answer"},
}


def read(name: str) -> Submission:
    return read_request((DATA / name).read_bytes(), RECEIVED_AT, Channel.FHIR_PAS)


@pytest.mark.parametrize("name", READ)
def test_requests_go_through(name: str) -> None:
    request = read(name).request
    bundle = json.loads((DATA / name).read_bytes())
    identifier, claim = bundle["identifier"], bundle["entry"][0]["resource"]
    assert request.submission_id == f"{identifier['system']}|{identifier['value']}"
    assert [line.line_id for line in request.lines] == [str(item["sequence"]) for item in claim["item"]]


@pytest.mark.parametrize("name", REFUSED)
def test_everything_else_is_refused_for_its_own_reason(name: str) -> None:
    with pytest.raises(NotReadable) as refused:
        read(name)
    assert {problem.path: problem.rule for problem in refused.value.problems} == REFUSED[name]
    assert all(problem.expected for problem in refused.value.problems)


def test_every_request_and_every_negative_of_the_own_collection_is_in_a_table() -> None:
    assert {f"own/{path.name}" for path in (DATA / "own").glob("*.json")} <= {*READ, *REFUSED}


def test_an_unknown_member_is_given_cleanly_for_the_directory_to_refuse() -> None:
    member = read("own/neg-unknown-member.json").request.member
    assert member.member_id == "NOSUCH999"
    assert member.family_name
    assert member.birth_date


def test_the_test_kits_updates_follow_each_other() -> None:
    names = ("initial", "add_item", "modify_cancel", "cancel_all")
    steps = [read(f"testkit-server-v221/claim_update_{name}_submit_payload.json").request for name in names]
    actions = [RequestAction.INITIAL, RequestAction.UPDATE, RequestAction.UPDATE, RequestAction.CANCEL]
    assert [step.action for step in steps] == actions
    assert all(step.prior_submission_id in steps[0].trace_numbers for step in steps[1:])
    assert [len(step.lines) for step in steps] == [1, 2, 2, 2]
    assert [line.certification for line in steps[2].lines] == [CertificationType.INITIAL, CertificationType.CANCEL]


def test_both_kinds_of_dates_of_the_must_support_request_are_read() -> None:
    lines = read("testkit-server-v221/must_support_pa_submit_request_payload-1.json").request.lines
    assert [(str(line.start), str(line.end)) for line in lines] == [
        ("2016-08-09", "2016-08-09"),
        ("2016-08-10", "2016-08-12"),
    ]


def test_an_emergency_admission_is_expedited_and_inpatient() -> None:
    request = read("own/inpatient-emergency-admission-request.json").request
    assert request.urgency.urgency is Urgency.EXPEDITED
    assert request.lines[0].level_of_care == "inpatient"
    assert request.service_kind is ServiceKind.MEDICAL


def test_what_the_surgical_example_forgets_is_noted() -> None:
    notes = {note.rule for note in read("ig-2.2.1/Bundle-SurgicalRequestBundleExample.json").notes}
    assert notes == {"spec-13", "umpire-npi", "umpire-unread"}
