"""Conversion of a PAS request Bundle to a Submission. All problems are found before the Bundle is rejected."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from domain.requests.request import AuthorizationRequest, MemberReference, ProviderReference, RequestAction
from domain.vocabulary import CertificationType, Channel
from interop.fhir.bundle import BundleEntry, RequestBundle
from interop.fhir.care_team import read_care_team
from interop.fhir.circumstances import read_circumstances
from interop.fhir.claim import check_claim, check_subject
from interop.fhir.claim_changes import ClaimChange, authorization_number, certification_code, read_change
from interop.fhir.codes import CERTIFICATION_OF
from interop.fhir.documents import read_documents
from interop.fhir.encounter import read_stay
from interop.fhir.evidence import read_answers, read_statements
from interop.fhir.lines import diagnoses_by_sequence, read_lines
from interop.fhir.node import FhirNode
from interop.fhir.parties import FoundProvider, find_provider, payer_identifier, read_member
from interop.fhir.unread_elements import note_unread_elements
from interop.fhir.unused import note_unused
from interop.fhir.urgency_and_service import read_service_kind, read_urgency
from interop.issues import IssueCollector
from interop.submission import Sender, Submission, SubmissionFormat

_FOLLOW_UP_TYPES = (CertificationType.RENEWAL, CertificationType.REVISED, CertificationType.EXTENSION)


def read_bundle(document: dict[str, Any], received_at: datetime, channel: Channel) -> Submission:
    """The Submission. Raises NotReadable with every problem of the Bundle. `received_at` is the aware instant of arrival."""
    findings = IssueCollector()
    bundle = RequestBundle(document, findings)
    claim = bundle.claim
    check_claim(bundle)
    change = read_change(bundle)
    patient = _target(bundle, claim.resource.node("patient"), "Patient")
    coverage = _target(bundle, _focal_coverage(claim.resource), "Coverage")
    check_subject(coverage, patient, bundle, findings)
    requester = _requester(bundle, claim)
    person = read_member(patient, coverage, claim.resource, received_at.date())
    lines = read_lines(bundle, change)
    documents = read_documents(bundle, patient, received_at)
    statements = read_statements(bundle, patient, documents)
    answers = read_answers(bundle, patient, documents)
    note_unused(bundle, documents, statements, answers)
    team = read_care_team(bundle, requester.identity if requester else None)
    urgent = read_urgency(claim.resource)
    stated = read_circumstances(bundle, patient, lines, received_at)
    hospital_stay = read_stay(bundle)
    plan_identifier = payer_identifier(bundle, claim)
    diagnoses = tuple(dict.fromkeys(diagnoses_by_sequence(bundle).values()))
    sender = _sender(bundle, requester)
    kind_of_service = read_service_kind(bundle, change.items)
    note_unread_elements(bundle, change.items, coverage, lines)
    findings.raise_if_any()
    request = AuthorizationRequest(
        submission_id=_identifier(bundle.root.node("identifier")) or "",
        action=change.action,
        prior_submission_id=_prior_submission(change),
        prior_authorization_number=_prior_number(claim.resource, change),
        trace_numbers=_trace_numbers(claim.resource),
        received_at=received_at.astimezone(UTC),
        channel=channel,
        service_kind=kind_of_service,
        urgency=urgent,
        circumstances=stated,
        member=_required_member(person),
        plan_identifier=plan_identifier,
        requesting_provider=_required_provider(requester),
        servicing_provider=team.servicing,
        ordering_practitioner=team.ordering,
        diagnoses=diagnoses,
        lines=lines,
        documents=tuple(attachment.document_reference for attachment in documents.attachments.values()),
        remarks=findings.remarks({item.path: str(item.whole("sequence")) for item in change.items}),
    )
    return Submission(
        format=SubmissionFormat.FHIR_PAS,
        request=request,
        attachments=tuple(documents.attachments.values()),
        statements=statements,
        answers=answers,
        sender=sender,
        hospital_stay=hospital_stay,
        notes=findings.notes,
    )


def _required_member(person: MemberReference | None) -> MemberReference:
    if person is None:
        raise AssertionError("a request without member id was not refused")
    return person


def _required_provider(requester: FoundProvider | None) -> ProviderReference:
    if requester is None or requester.reference is None:
        raise AssertionError("a request without requester was not refused")
    return requester.reference


def _target(bundle: RequestBundle, reference: FhirNode | None, kind: str) -> BundleEntry | None:
    target = bundle.resolve(reference, bundle.claim)
    if target is not None and reference is not None and target.type != kind:
        message = f"this refers to a resource of another kind than {kind}"
        bundle.findings.problem(reference.path, "pas-reference-type", message, kind)
        return None
    return target


def _focal_coverage(claim: FhirNode) -> FhirNode | None:
    """The coverage that the request is for: the focal one, or the only one."""
    insurances = claim.nodes("insurance")
    focal = [insurance for insurance in insurances if insurance.boolean("focal")]
    chosen = focal or list(insurances if len(insurances) == 1 else ())
    if insurances and not chosen:
        message = "no coverage is marked as the one to bill"
        claim.findings.problem(claim.at("insurance"), "pas-claim-insurance", message, "one insurance with focal true")
    asked = {str(insurance.value.get("coverage")) for insurance in chosen}
    if len(asked) > 1:
        message = "more than one coverage is marked as the one to bill"
        claim.findings.problem(claim.at("insurance"), "pas-claim-insurance", message, "one insurance with focal true")
    if chosen and chosen[0].node("coverage") is None:
        where = chosen[0].at("coverage")
        claim.findings.problem(where, "pas-claim-insurance", "the coverage is missing", "a Reference to Coverage")
    return chosen[0].node("coverage") if chosen else None


def _requester(bundle: RequestBundle, claim: BundleEntry) -> FoundProvider | None:
    reference = claim.resource.node("provider")
    requester = find_provider(bundle, reference, claim)
    if reference is not None and (requester is None or requester.reference is None):
        message = "the requesting provider has no readable NPI"
        expected = "an identifier with system http://hl7.org/fhir/sid/us-npi"
        bundle.findings.problem(reference.path, "umpire-requester-npi", message, expected)
    return requester


def _identifier(node: FhirNode | None) -> str | None:
    """System and value joined by a bar; the value alone when the sender gives no system."""
    value = node.text("value") if node else None
    if node is None or value is None:
        return None
    system = node.text("system")
    return f"{system}|{value}" if system else value


def _trace_numbers(claim: FhirNode) -> tuple[str, ...]:
    found = (_identifier(identifier) for identifier in claim.nodes("identifier"))
    return tuple(number for number in found if number)


def _prior_submission(change: ClaimChange) -> str | None:
    numbers = _trace_numbers(change.prior.resource) if change.prior else ()
    return numbers[0] if numbers else None


def _prior_number(claim: FhirNode, change: ClaimChange) -> str | None:
    """The number of the authorization that this follows: on the Claim, its insurance, its items, or the prior Claim.

    An item's number counts only where the item follows an earlier authorization.
    """
    billed = (number for insurance in claim.nodes("insurance") for number in insurance.texts("preAuthRef"))
    nodes = [item for item in change.items if change.action is not RequestAction.INITIAL or _follows_earlier(item)]
    if change.prior is not None:
        nodes.append(change.prior.resource)
    on_nodes = (number for node in nodes if (number := authorization_number(node)))
    return authorization_number(claim) or next(billed, None) or next(on_nodes, None)


def _follows_earlier(item: FhirNode) -> bool:
    return CERTIFICATION_OF.get(certification_code(item) or "") in _FOLLOW_UP_TYPES


def _sender(bundle: RequestBundle, requester: FoundProvider | None) -> Sender:
    transmission = bundle.claim.resource.extension("extension-TransmissionIdentifiers")
    application = transmission.extension("applicationSenderCode") if transmission else None
    found = requester.reference if requester else None
    stamp = bundle.root.instant("timestamp")
    return Sender(
        sent_at=stamp.astimezone(UTC) if stamp else None,
        organization=found.name if found else None,
        npi=found.npi if found else None,
        application=application.text("valueString") if application else None,
    )
