"""Requests as real senders write them, where they are at hand: each with its outcome. Skips plainly where they are not there.

Two collections: odd but lawful and unlawful forms for one member of the synthetic plan, and every public example of a PAS
Bundle, of which requests are taken and everything else is refused for its own reason.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from demo.time_skipping_lab import Lab
from domain.errors import NotReadable
from domain.vocabulary import Channel, ServiceKind, Urgency
from intake.submission import submit
from interop.reader import read_request
from interop.submission import Submission
from services.context import SubmissionStatus
from tests.intake.arrivals import context_of, journal_kinds, settle, status
from tests.intake.kept_arrivals import keeping
from tests.paths import SHARED

ODD, PUBLIC = SHARED / "data" / "found" / "pas", SHARED / "data" / "pas"
RECEIVED = datetime(2026, 11, 17, 16, 0, tzinfo=UTC)
pytestmark = pytest.mark.skipif(not ODD.is_dir(), reason="the outside requests are not on this machine")

SERVICE, OTHER = True, False
UNDATED = {("umpire-date", OTHER)}
TAKEN: dict[str, set[tuple[str, bool]]] = {
    "04-observation-month-only": UNDATED,
    "05-condition-recorded-year-only": UNDATED,
    "06-questionnaire-authored-month-only": UNDATED,
    "08-given-null-with-extension": set(),
    "09-address-line-null-with-extension": set(),
    "11-contained-document": set(),
    "13-supportinginfo-attachment-url-only": {("umpire-attachment", OTHER)},
    "15-diagnosticreport-presentedform": set(),
    "16-priority-stat-misspelt-system": set(),
    "19-level-of-service-urgent-other-system": {("umpire-urgency", OTHER)},
    "20-insurer-npi-six-digits": {("umpire-npi", OTHER)},
    "22-expired-official-name-first": set(),
    "24-two-plans-member-ids": set(),
    "26-drug-rxnorm": set(),
    "51-quantity-and-dates-only-in-order": set(),
    "52-event-dates-category-of-first-guide": set(),
    "60-saturation-fraction-labelled-percent": set(),
    "78-range-of-codes": {("spec-25", SERVICE)},
    "85-control-characters-in-display": {("json-characters", OTHER)},
    "98-loinc-misspelt-system": set(),
    "99-approve-saturation-fraction": set(),
    "100-approve-range": {("spec-25", SERVICE)},
    "101-approve-with-detail-lines": {("umpire-detail", SERVICE)},
    "109-medicare-part-b-drug-c-code": set(),
}
"""Accepted as a case, with exactly these remarks: the rule, and whether it stops every rule from answering."""
REFUSED = {
    "02-timestamp-min-with-offset": {"umpire-date"},
    "03-timestamp-max-with-offset": {"umpire-date"},
    "33-two-coverages-both-focal": {"pas-claim-insurance"},
    "56-inpatient-days-out-of-proportion": {"umpire-quantity"},
    "119-admission-instant-dotnet-default": {"umpire-date"},
}
PUBLIC_REFUSED = {
    "cdex-2.1.0/cdex-task-inline-scenario1-subscription-notification": "pas-bundle-type",
    "dtr-2.0.1/Bundle-DTRQuestionnairePackageOperationResultComplex": "spec-12",
    "dtr-2.0.1/Bundle-DTRQuestionnairePackageOperationResultSimple": "spec-12",
    "dtr-2.0.1/Bundle-home-o2-questionnairepackage-bundle": "spec-12",
    "dtr-2.0.1/Bundle-home-o2-questionnaireresponse-bundle": "spec-12",
    "ig-2.2.1/Bundle-ErrorResponseBundleExample": "umpire-answer",
    "ig-2.2.1/Bundle-PASClaimInquiryBundleExample": "umpire-inquiry",
    "ig-2.2.1/Bundle-PASClaimInquiryResponseBundleExample": "umpire-answer",
    "ig-2.2.1/Bundle-PASSubscriptionNotification": "pas-bundle-type",
    "ig-2.2.1/Bundle-ReferralAuthorizationResponseBundleExample": "umpire-answer",
    "ig-2.2.1/Bundle-ReferralPendingAuthorizationResponseBundleExample": "umpire-answer",
    "ig-2.2.1/Bundle-RejectionResponseBundleExample": "umpire-answer",
    "own/neg-bundle-type-batch": "pas-bundle-type",
    "own/neg-claim-not-first": "spec-12",
    "own/neg-dangling-reference": "spec-13",
    "own/neg-duplicate-supportinginfo-sequence": "spec-22",
    "own/neg-empty-entry": "pas-bundle-entry",
    "own/neg-no-fullurl": "spec-16",
    "own/neg-no-identifier": "pas-bundle-identifier",
    "testkit-server-v221/must_support_pa_inquire_request_payload": "umpire-inquiry",
    "testkit-server-v221/nonconformant_pas_bundle": "pas-bundle-entry",
    # it calls itself a request and lacks what it refers to, the prior claim among it
    "testkit-server-v221/pended_pa_inquire_request_payload": "spec-65",
}


def odd(name: str) -> bytes:
    return (ODD / f"{name}.json").read_bytes()


def read_odd(name: str) -> Submission:
    return read_request(odd(name), RECEIVED, Channel.FHIR_PAS)


def public_bundles() -> list[str]:
    """The public examples that are Bundles, without their ending."""
    found = sorted(PUBLIC.glob("*/*.json"))
    return [
        f"{path.parent.name}/{path.stem}" for path in found if json.loads(path.read_bytes()).get("entry") is not None
    ]


async def test_every_odd_request_has_the_outcome_of_the_tables(tmp_path: Path) -> None:
    assert {path.stem for path in ODD.glob("*.json")} == {*TAKEN, *REFUSED}
    outcomes = {}
    with keeping(tmp_path, clock=lambda: RECEIVED) as services:
        for name in (*TAKEN, *REFUSED):
            outcomes[name] = await submit(services, odd(name), Channel.FHIR_PAS)
    for name, outcome in outcomes.items():
        if name in REFUSED:
            assert outcome.kind is SubmissionStatus.REFUSED, name
            assert {problem.rule for problem in outcome.problems} == REFUSED[name], name
            assert all(problem.expected for problem in outcome.problems), name
        else:
            assert outcome.kind is SubmissionStatus.STORED and outcome.case_id is not None, (name, outcome.problems)
            remarks = read_odd(name).request.remarks
            assert {(remark.rule, remark.about_service) for remark in remarks} == TAKEN[name], name


def test_what_decides_something_is_read_of_the_odd_requests() -> None:
    urgent = ("16-priority-stat-misspelt-system", "19-level-of-service-urgent-other-system")
    assert {read_odd(name).request.urgency.urgency for name in urgent} == {Urgency.EXPEDITED}
    drugs = ("26-drug-rxnorm", "109-medicare-part-b-drug-c-code")
    assert {read_odd(name).request.service_kind for name in drugs} == {ServiceKind.PART_B_DRUG}
    documents = ("11-contained-document", "15-diagnosticreport-presentedform")
    assert {len(read_odd(name).attachments) for name in documents} == {2}
    members = ("22-expired-official-name-first", "24-two-plans-member-ids")
    named = {(read_odd(name).request.member.member_id, read_odd(name).request.member.family_name) for name in members}
    assert named == {("MBR1000001", "Whitfield")}
    (ordered,) = read_odd("51-quantity-and-dates-only-in-order").request.lines
    assert (ordered.quantity, ordered.start, ordered.end) == (6, date(2027, 3, 1), date(2027, 8, 31))
    (dated,) = read_odd("52-event-dates-category-of-first-guide").request.lines
    assert (dated.start, dated.end) == (date(2027, 4, 1), date(2027, 9, 30))
    (named_line,) = read_odd("85-control-characters-in-display").request.lines
    assert named_line.description is not None and named_line.description.isprintable()


@pytest.mark.many
@pytest.mark.parametrize(
    "name",
    [
        "60-saturation-fraction-labelled-percent",
        "78-range-of-codes",
        "99-approve-saturation-fraction",
        "100-approve-range",
        "101-approve-with-detail-lines",
    ],
)
async def test_no_rule_approves_what_was_not_understood_or_cannot_be(lab: Lab, name: str) -> None:
    outcome = await submit(await context_of(lab), odd(name), Channel.FHIR_PAS)
    await settle(lab)
    assert outcome.case_id is not None and status(lab, outcome.case_id) == "open"
    assert "determination" not in journal_kinds(lab, outcome.case_id)


@pytest.mark.skipif(not PUBLIC.is_dir(), reason="the outside PAS examples are not on this machine")
def test_every_public_request_is_read_and_everything_else_is_refused_for_its_own_reason() -> None:
    answers = {name for name in public_bundles() if name.startswith("testkit-client-v221-responses/")}
    for name in public_bundles():
        raw = (PUBLIC / f"{name}.json").read_bytes()
        expected = "umpire-answer" if name in answers else PUBLIC_REFUSED.get(name)
        if expected is None:
            submission = read_request(raw, RECEIVED, Channel.FHIR_PAS)
            lines = {line.line_id for line in submission.request.lines}
            claim = json.loads(raw)["entry"][0]["resource"]
            assert lines == {str(item["sequence"]) for item in claim["item"]}, name
        else:
            with pytest.raises(NotReadable) as refused:
                read_request(raw, RECEIVED, Channel.FHIR_PAS)
            assert expected in {problem.rule for problem in refused.value.problems}, name
            assert all(problem.expected for problem in refused.value.problems), name


@pytest.mark.skipif(not PUBLIC.is_dir(), reason="the outside PAS examples are not on this machine")
def test_whatever_is_no_bundle_is_refused_as_another_format() -> None:
    bundles = set(public_bundles())
    for path in sorted(PUBLIC.glob("*/*.json")):
        if f"{path.parent.name}/{path.stem}" not in bundles:
            with pytest.raises(NotReadable) as refused:
                read_request(path.read_bytes(), RECEIVED, Channel.FHIR_PAS)
            assert [problem.rule for problem in refused.value.problems] == ["umpire-format"], path.name
