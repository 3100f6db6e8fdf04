"""Elements of a request that say something about it and that no reader uses: each gets a remark, so that nobody decides as if
they had not been there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from domain.requests.request import ServiceLine
from interop.fhir.bundle import BundleEntry, RequestBundle
from interop.fhir.encounter import encounter_of
from interop.fhir.node import FhirNode
from interop.fhir.orders import orders_of
from interop.fhir.systems import profile_name

_RULE = "umpire-unread"
_CLAIM_ELEMENTS = {
    "implicitRules": ("the rules of the sender under which the request has to be read", True),
    "subType": ("the kind of request within its type", False),
    "procedure": ("procedures that stand beside the lines", True),
    "facility": ("the facility of the whole request", False),
    "referral": ("the referral", False),
    "originalPrescription": ("the original prescription", False),
    "accident": ("the accident", False),
}
_ITEM_ELEMENTS = {
    "bodySite": ("the part of the body", False),
    "subSite": ("the part of the body", False),
    "programCode": ("the program under which the service is asked for", False),
    "encounter": ("the encounter of the line", False),
}
_EXTENSIONS = {
    "extension-nursingHomeLevelOfCare": ("the level of care in a nursing home", True),
    "extension-epsdtIndicator": ("that the service belongs to early and periodic screening of a child", True),
    "extension-nursingHomeResidentialStatus": ("the residence in a nursing home", False),
    "extension-conditionCode": ("the conditions of the request", False),
    "extension-homeHealthCareInformation": ("the facts on home health care", False),
    "extension-revenueUnitRateLimit": ("the limit of the rate", False),
    "extension-patientStatus": ("the status of the patient", False),
}
_GUIDE = "/davinci-pas/"
_KNOWN_EXTENSIONS = frozenset(
    f"extension-{name}"
    for name in (
        *("levelOfServiceCode", "certificationType", "authorizationNumber", "administrationReferenceNumber"),
        *("TransmissionIdentifiers", "serviceItemRequestType", "itemTraceNumber", "requestedService", "infoChanged"),
        *("productOrServiceCodeEnd", "revenueCode", "reviewAction", "reviewActionCode", "itemCertificationIssueDate"),
        *(
            "itemCertificationEffectiveDate",
            "itemCertificationExpirationDate",
            "itemPreAuthIssueDate",
            "itemPreAuthPeriod",
        ),
        *(
            "itemAuthorizedDetail",
            "itemAuthorizedProvider",
            "serviceLineNumber",
            "diagnosisRecordedDate",
            "Claim.encounter",
        ),
    )
)
"""Extensions that are read, or that repeat an answer of the plan."""
_PLACES = ("locationReference", "locationAddress")
_PATTERNS = ("extension-timingcalendarpattern", "extension-timingdeliverypattern")


def note_unread_elements(
    bundle: RequestBundle, items: Iterable[FhirNode], coverage: BundleEntry | None, lines: Iterable[ServiceLine]
) -> None:
    """Remark on what the Claim, its items, their orders, the encounter and the coverage say and no reader uses. Of what is
    asked for itself it stops every rule."""
    claim = bundle.claim.resource
    _note(claim, _CLAIM_ELEMENTS)
    if claim.has("billablePeriod") and any(line.start is None and line.end is None for line in lines):
        _remark(claim.at("billablePeriod"), claim, "the dates, which stand only in the billable period", True)
    for item in items:
        _note(item, _ITEM_ELEMENTS)
        if not item.has("locationCodeableConcept"):
            _note(item, dict.fromkeys(_PLACES, ("the place of service", True)))
        for node in _timed(bundle, item):
            _note(node, dict.fromkeys(_PATTERNS, ("how often the service is given", False)))
    encounter = encounter_of(bundle)
    for node in (claim, *items, *((encounter.resource,) if encounter is not None else ())):
        for extension in node.nodes("extension"):
            _note_extension(extension)
    status = coverage.resource.text("status") if coverage is not None else None
    if coverage is not None and status not in (None, "active"):
        message = "the sender's coverage is not active; what the plan has on file counts"
        coverage.resource.findings.note(coverage.resource.at("status"), _RULE, message, "active")


def _note(node: FhirNode, elements: dict[str, tuple[str, bool]]) -> None:
    for name, (what, about_service) in elements.items():
        if node.value.get(name):
            _remark(node.at(name), node, what, about_service)


def _note_extension(extension: FhirNode) -> None:
    url = str(extension.value.get("url"))
    name = profile_name(url)
    if name in _EXTENSIONS and extension.value.get("valueBoolean") is not False:
        what, about_service = _EXTENSIONS[name]
        _remark(extension.path, extension, what, about_service)
    elif name not in _EXTENSIONS and name not in _KNOWN_EXTENSIONS and _GUIDE in url:
        _remark(extension.path, extension, "an extension of the guide that is not known here", True)


def _timed(bundle: RequestBundle, item: FhirNode) -> Iterator[FhirNode]:
    """Timings of the orders behind the item that hold a pattern of X12."""
    for order in orders_of(bundle, item):
        timing = order.resource.node("occurrenceTiming")
        if timing is not None:
            yield timing


def _remark(path: str, node: FhirNode, what: str, about_service: bool) -> None:
    message = f"not read: {what}"
    node.findings.note(path, _RULE, message, "in the elements of the line, or in words", about_service=about_service)
