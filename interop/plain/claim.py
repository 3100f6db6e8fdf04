"""A plain claim, ``umpire-claim/1``: schema and conversion to a Claim. Unknown properties are rejected, as in requests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field, ValidationError

from domain.decisions.prudent_layperson import PresentingSymptoms
from domain.errors import NotReadable, ValidationIssue
from domain.evidence.clinical_data import ClinicalStatement, QuestionnaireAnswer
from domain.model import Model
from domain.requests.request import MemberReference, ProviderReference
from domain.retrospective.claim import Claim, ClaimLine
from domain.retrospective.drg_check import BilledDiagnosis, Sex
from domain.stays.levels_of_care import LevelOfCare
from domain.vocabulary import Channel, CodeSystem, ServiceKind
from interop.issues import IssueCollector, not_readable, quoted_code, require_within_limits
from interop.json_parser import MAX_BYTES, MAX_DEPTH, parse_json
from interop.limits import LONGEST_SPAN_TEXT, is_too_long
from interop.npi import has_npi_check_digit
from interop.plain.calendar_window import check_window
from interop.plain.comments import remove_comments
from interop.plain.document import PlainRecords, Text
from interop.plain.request import read_records
from interop.plain.validation_issues import add_validation_issues
from interop.service_codes import icd10cm_code, is_quantity, shape_mismatch
from interop.submission import Attachment, Sender

FORMAT = "umpire-claim/1"
_NPI_DIGITS = 10
_DAY = timedelta(days=1)


class PlainDiagnosis(Model):
    code: Text = Field(description="The ICD-10-CM code, such as J44.9.")
    present_on_admission: Literal["Y", "N", "U", "W", "1"] | None = Field(
        default=None,
        description=(
            "Present on admission: Y yes, N no, U not documented, W cannot be determined, 1 exempt. Left out: not"
            " stated."
        ),
    )


class PlainClaimLine(Model):
    """A billed line. `end` is the last day of service; the first one unless given."""

    line_id: Text = Field(description="The line's own number within the claim, such as 1.")
    code: Text = Field(description="The code of the service, in the code system beside it.")
    code_system: CodeSystem = Field(description="The code system of the code.")
    modifiers: tuple[Text, ...] = Field(default=(), description="Modifiers of the code, two characters each.")
    description: str | None = Field(default=None, description="The service in words, as a letter may print it.")
    units: Decimal = Field(description="How many units are billed: a number above zero.")
    unit: str | None = Field(default=None, description="One singular word that the units count, such as visit or day.")
    start: date = Field(description="The first calendar day of service.")
    end: date | None = Field(
        default=None, description="The last calendar day of service, included; the first one unless given."
    )
    level_of_care: LevelOfCare | None = Field(default=None, description="The level of care of a stay's line.")
    place_of_service: str | None = Field(
        default=None, description="The place of service, two digits (CMS place of service codes)."
    )
    service_group: str | None = Field(
        default=None, description="The biller's word for the kind of service. It is kept, and decides nothing."
    )
    diagnoses: tuple[Text, ...] = Field(default=(), description="The diagnoses of this line, ICD-10-CM codes.")
    charge: Decimal | None = Field(default=None, ge=0, description="The billed amount in US dollars, zero or more.")


class PlainClaim(PlainRecords):
    """The whole document. Days are calendar days; the first diagnosis is the principal one."""

    format: Literal["umpire-claim/1"] = Field(description="The name of this format.")
    claim_number: Text = Field(description="The biller's own number of the claim.")
    sender: Sender = Field(default=Sender(), description="Who sends the claim.")
    service_kind: ServiceKind = Field(description="The kind of service; the law has other clocks for drugs.")
    member: MemberReference = Field(description="The member to whom the care was given.")
    billing_provider: ProviderReference = Field(description="The provider who bills.")
    servicing_provider: ProviderReference | None = Field(
        default=None, description="The provider who gave the care, when it is another one."
    )
    clean: bool | None = Field(
        default=None, description="Whether it is a clean claim (42 CFR 422.500(b)); left out: not stated."
    )
    emergency: bool | None = Field(
        default=None, description="Whether the care is billed as emergency care; left out: not stated."
    )
    presentation: PresentingSymptoms = Field(
        default=PresentingSymptoms(), description="How the patient presented, for emergency care."
    )
    admitted: date | None = Field(default=None, description="The calendar day of admission of a stay.")
    discharged: date | None = Field(
        default=None, description="The calendar day of discharge, on or after the admission."
    )
    discharge_status: str | None = Field(
        default=None,
        pattern=r"^[0-9]{2}$",
        description="The patient discharge status (UB-04 form locator 17), two digits: 01 home, 03 nursing facility.",
    )
    patient_sex: Sex | None = Field(default=None, description="The patient's sex as billed: F or M.")
    billed_drg: str | None = Field(default=None, pattern=r"^[0-9]{3}$", description="The billed MS-DRG, three digits.")
    diagnoses: tuple[PlainDiagnosis, ...] = Field(min_length=1, description="The diagnoses, the principal one first.")
    procedures: tuple[Text, ...] = Field(
        default=(), description="ICD-10-PCS codes of the procedures, the principal one first."
    )
    authorization_number: Text | None = Field(default=None, description="The authorization that the claim relies on.")
    lines: tuple[PlainClaimLine, ...] = Field(min_length=1, description="What is billed: one line for each service.")


@dataclass(frozen=True)
class ClaimSubmission:
    """A claim that was read, with its documents and clinical data. `notes` did not stop the reading."""

    claim: Claim
    attachments: tuple[Attachment, ...]
    statements: tuple[ClinicalStatement, ...]
    answers: tuple[QuestionnaireAnswer, ...]
    notes: tuple[ValidationIssue, ...]


def is_claim(raw: bytes) -> bool:
    """Whether an arrival is a claim and not a request."""
    if FORMAT.encode() not in raw:
        return False
    try:
        document = parse_json(raw)
    except (NotReadable, RecursionError):
        return False
    return isinstance(document, dict) and document.get("format") == FORMAT


def read_claim(raw: bytes, received_at: datetime, channel: Channel, max_bytes: int = MAX_BYTES) -> ClaimSubmission:
    """The claim. Raises NotReadable with every problem. `received_at` is the aware instant of arrival."""
    if received_at.tzinfo is None:
        raise ValueError("received_at must be an aware datetime")
    try:
        document = parse_json(raw, max_bytes)
        return require_within_limits(_read(document, received_at, channel))
    except RecursionError:
        message = f"the document nests deeper than {MAX_DEPTH} levels"
        raise not_readable("document", "json-depth", message, "a flatter document") from None


def _read(document: Any, received_at: datetime, channel: Channel) -> ClaimSubmission:
    if not isinstance(document, dict):
        raise not_readable(
            "$", "umpire-format", "the document is not a JSON object", f'an object with "format": "{FORMAT}"'
        )
    if document.get("format") != FORMAT:
        expected = f"{FORMAT}; requests for care are taken in with 'umpire submit'"
        raise not_readable(
            "$.format", "umpire-format", f"the format is {quoted_code(document.get('format'))}", expected
        )
    findings = IssueCollector()
    try:
        plain = PlainClaim.model_validate(remove_comments(document))
    except ValidationError as error:
        add_validation_issues(error, findings, FORMAT)
        findings.raise_if_any()
        raise
    check_window(plain, findings)
    _check_stay(plain, findings)
    for name in ("billing_provider", "servicing_provider"):
        _check_npi(getattr(plain, name), f"$.{name}", findings)
    diagnoses = tuple(_diagnoses(plain, findings))
    last_day = received_at.astimezone(UTC).date() + _DAY
    _check_lines(plain, last_day, findings)
    records = read_records(plain, received_at, findings, {})
    findings.raise_if_any()
    claim = Claim(
        **{name: getattr(plain, name) for name in _SHARED_PROPERTIES},
        received_at=received_at.astimezone(UTC),
        channel=channel,
        diagnoses=diagnoses,
        lines=tuple(ClaimLine(**dict(line) | {"end": line.end or line.start}) for line in plain.lines),
        documents=tuple(attachment.document_reference for attachment in records.attachments),
        facts=records.facts,
    )
    return ClaimSubmission(claim, records.attachments, records.statements, records.answers, findings.notes)


_SHARED_PROPERTIES = tuple(
    name
    for name in Claim.model_fields
    if name not in ("received_at", "channel", "diagnoses", "lines", "documents", "facts")
)


def _check_stay(plain: PlainClaim, findings: IssueCollector) -> None:
    if plain.admitted is not None and plain.discharged is not None and plain.discharged < plain.admitted:
        findings.problem(
            "$.discharged", "umpire-date", "the discharge lies before the admission", "admission, then discharge"
        )
    if plain.billed_drg is not None and plain.admitted is None:
        findings.problem("$.admitted", "umpire-drg", "a DRG is billed without an admission", "the day of admission")


def _check_npi(provider: ProviderReference | None, where: str, findings: IssueCollector) -> None:
    if provider is None:
        return
    if not (provider.npi.isascii() and provider.npi.isdecimal() and len(provider.npi) == _NPI_DIGITS):
        findings.problem(f"{where}.npi", "umpire-npi", "the NPI is not readable", "ten digits")
    elif not has_npi_check_digit(provider.npi):
        findings.note(f"{where}.npi", "umpire-npi", "the NPI fails its check digit")


def _diagnoses(plain: PlainClaim, findings: IssueCollector) -> Iterator[BilledDiagnosis]:
    for index, diagnosis in enumerate(plain.diagnoses):
        code = icd10cm_code(diagnosis.code)
        if code is None:
            where = f"$.diagnoses[{index}].code"
            findings.problem(
                where, "umpire-diagnosis", "the diagnosis is not readable", "an ICD-10-CM code, such as J44.9"
            )
        else:
            yield BilledDiagnosis(code=code, present_on_admission=diagnosis.present_on_admission)


def _check_lines(plain: PlainClaim, last_day: date, findings: IssueCollector) -> None:
    seen: set[str] = set()
    for index, line in enumerate(plain.lines):
        where = f"$.lines[{index}]"
        if line.line_id in seen:
            findings.problem(f"{where}.line_id", "umpire-line", "another line has the same id", "an id of its own")
        seen.add(line.line_id)
        wanted = shape_mismatch(line.code_system, line.code)
        if wanted is not None:
            findings.problem(f"{where}.code", "umpire-service-code", f"the code is {quoted_code(line.code)}", wanted)
        if not is_quantity(line.units):
            findings.problem(
                f"{where}.units", "umpire-quantity", "nobody can bill so many units", "a number above zero"
            )
        if line.end is not None and line.end < line.start:
            findings.problem(f"{where}.end", "umpire-date", "the line ends before it starts", "start, then end")
        if is_too_long(line.start, line.end):
            message = "nobody can bill so long a time at once"
            findings.problem(f"{where}.end", "umpire-span", message, LONGEST_SPAN_TEXT)
        if line.start > last_day:
            message, expected = "the care lies in the future", "care that was given; ask for care with 'umpire submit'"
            findings.problem(f"{where}.start", "umpire-care-given", message, expected)
        for place, code in enumerate(line.diagnoses):
            if icd10cm_code(code) is None:
                at, expected = f"{where}.diagnoses[{place}]", "an ICD-10-CM code, such as J44.9"
                findings.problem(at, "umpire-diagnosis", "the diagnosis is not readable", expected)
