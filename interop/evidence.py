"""Reader of later records: clinical data for an open case, from FHIR resources or as plain JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from domain.evidence.clinical_data import ClinicalStatement, QuestionnaireAnswer
from domain.evidence.facts import Fact
from domain.model import Model
from domain.requests.remarks import ReadingRemark
from interop.fhir.bundle import BundleEntry, RequestBundle
from interop.fhir.documents import read_documents
from interop.fhir.evidence import read_answers, read_statements
from interop.fhir.medications import MEDICATIONS
from interop.fhir.node import FhirNode
from interop.issues import IssueCollector, not_readable, quoted_code
from interop.json_parser import MAX_BYTES, parse_json
from interop.plain.calendar_window import check_window
from interop.plain.document import PlainRecords
from interop.plain.request import read_records
from interop.plain.validation_issues import add_validation_issues
from interop.submission import Attachment

_RESOURCES = ("Observation", "Condition", "QuestionnaireResponse", "DocumentReference", *MEDICATIONS)
_CONTEXT = frozenset(
    (
        *(
            "Patient",
            "Practitioner",
            "PractitionerRole",
            "Organization",
            "Location",
            "Encounter",
            "Coverage",
            "CareTeam",
        ),
        *(
            "Medication",
            "Binary",
            "DiagnosticReport",
            "Media",
            "Claim",
            "ExplanationOfBenefit",
            "Provenance",
            "Questionnaire",
        ),
    )
)
"""Kinds of resources that stand around clinical data, or whose documents and results are read elsewhere."""
_EXPECTED = 'FHIR resources ({}), or plain JSON with "facts", "statements", "answers" or "documents"'.format(
    ", ".join(_RESOURCES)
)


class Evidence(Model):
    """Clinical data and the documents sent with it."""

    attachments: tuple[Attachment, ...] = ()
    facts: tuple[Fact, ...] = ()
    statements: tuple[ClinicalStatement, ...] = ()
    answers: tuple[QuestionnaireAnswer, ...] = ()
    remarks: tuple[ReadingRemark, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.attachments or self.facts or self.statements or self.answers)


def read_evidence(
    raw: bytes, received_at: datetime, member_id: str, on_file: Mapping[str, str], max_bytes: int = MAX_BYTES
) -> Evidence:
    """Reads records for a case of this member. `on_file` are names and content hashes of its documents.

    Takes a FHIR resource or Bundle, or plain JSON. Raises NotReadable with all problems; a Patient that is not the
    member is one.
    """
    document = parse_json(raw, max_bytes)
    if not isinstance(document, dict):
        raise not_readable("$", "umpire-format", "the document is not a JSON object", _EXPECTED)
    evidence = (
        _from_fhir(document, received_at, member_id)
        if "resourceType" in document
        else _from_plain(document, received_at, on_file)
    )
    if evidence.is_empty:
        raise not_readable("$", "umpire-evidence", "nothing in the document could be used", _EXPECTED)
    return evidence


def _from_plain(document: dict[str, Any], received_at: datetime, on_file: Mapping[str, str]) -> Evidence:
    findings = IssueCollector()
    try:
        plain = PlainRecords.model_validate(document)
    except ValidationError as error:
        add_validation_issues(error, findings)
        findings.raise_if_any()
        raise
    check_window(plain, findings)
    records = read_records(plain, received_at, findings, on_file)
    findings.raise_if_any()
    return Evidence(
        attachments=records.attachments,
        facts=records.facts,
        statements=records.statements,
        answers=records.answers,
        remarks=findings.remarks({}),
    )


def _from_fhir(document: dict[str, Any], received_at: datetime, member_id: str) -> Evidence:
    kind = document.get("resourceType")
    if kind != "Bundle" and kind not in _RESOURCES:
        raise not_readable("resourceType", "umpire-format", f"the resource is {quoted_code(kind)}", _EXPECTED)
    findings = IssueCollector()
    bundle = _RecordsBundle(document, findings, member_id)
    documents = read_documents(bundle, bundle.patient, received_at)
    statements = read_statements(bundle, bundle.patient, documents)
    answers = read_answers(bundle, bundle.patient, documents)
    _note_unread_kinds(bundle)
    findings.raise_if_any()
    return Evidence(
        attachments=tuple(documents.attachments.values()),
        statements=statements,
        answers=answers,
        remarks=findings.remarks({}),
    )


def _note_unread_kinds(bundle: RequestBundle) -> None:
    """Remark once on each kind of clinical resource that is there and that nobody reads."""
    for kind in sorted({entry.type for entry in bundle.entries} - {*_RESOURCES, *_CONTEXT}):
        message = f"resources of the kind {quoted_code(kind)} are not read and were left out"
        bundle.findings.note("Bundle.entry", "umpire-evidence", message, ", ".join(_RESOURCES))


class _RecordsBundle(RequestBundle):
    """Resources without a Claim: a Bundle of any type, or one resource alone.

    Without a Patient in it, the records are taken to be about the member of the case they are sent to.
    """

    def __init__(self, document: dict[str, Any], findings: IssueCollector, member_id: str) -> None:
        self._member_id = member_id
        self._alone = document.get("resourceType") != "Bundle"
        whole = {"resourceType": "Bundle", "entry": [{"resource": document}]} if self._alone else document
        super().__init__(whole, findings)

    def _entries(self) -> Iterator[BundleEntry]:
        for entry in super()._entries():
            alone = FhirNode(entry.resource.value, entry.type, self.findings)
            yield BundleEntry(entry.index, entry.full_url, alone) if self._alone else entry

    def _check(self) -> None:
        patients = self.of_type("Patient")
        for patient in patients:
            numbers = {identifier.text("value") for identifier in patient.resource.nodes("identifier")}
            if self._member_id not in numbers:
                message, wanted = "the Patient is not the member of the case", "the member id among its identifiers"
                self.findings.problem(patient.resource.at("identifier"), "umpire-evidence", message, wanted)
        # A bill within a medical record is no request; a Claim that does not say what it is for may be one.
        if any(entry.type == "Claim" and entry.resource.value.get("use") != "claim" for entry in self.entries):
            message = "this is a request, not records for one"
            self.findings.problem(
                "Bundle.entry", "umpire-evidence", message, "'umpire submit' for requests and updates"
            )
        self.findings.raise_if_any()
        nobody = BundleEntry(-1, None, FhirNode({}, "Patient", self.findings))
        self._said_to_be = None if patients else nobody
        self.patient = patients[0] if patients else nobody

    @property
    def claim(self) -> BundleEntry:
        """An empty Claim: no claim marks anything here as canceled or labels it."""
        return BundleEntry(-1, None, FhirNode({}, "Claim", self.findings))

    def resolve(self, reference: FhirNode | None, origin: BundleEntry) -> BundleEntry | None:
        return super().resolve(reference, origin) or (self._said_to_be if reference is not None else None)
