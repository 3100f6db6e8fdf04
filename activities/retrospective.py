"""Activities of a retrospective review: comparison of a claim with its authorizations, and opening of a post-service review."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session
from temporalio import activity

from activities.lookups.authorizations import AuthorizationFinder, find_open_requests
from activities.lookups.certified_days import working_drg
from activities.lookups.criteria import CriteriaEvaluator
from activities.lookups.requirement import determine_requirement, line_of_case
from activities.members import coverage_on_file
from domain.authorization.orders import ReviewInput
from domain.cases.member_case import MemberInput
from domain.coverage.directory import Coverage, NetworkStatus
from domain.coverage.requirements import Requirement
from domain.errors import Corrupt, NotOnFile
from domain.requests.request import AuthorizationRequest, ServiceLine
from domain.retrospective.claim import Claim, ClaimLine
from domain.retrospective.comparison import (
    AuthorizationNotRequired,
    Differs,
    Finding,
    NotAuthorized,
    compare_claim,
    whole_line,
)
from domain.retrospective.drg_check import BilledStay, DrgCheck, DrgGrouper, check_drg
from domain.retrospective.memo import MEMO_TITLE, memo_text
from domain.retrospective.orders import ClaimInput, PostServiceReviewInput, PostServiceReviewOpened
from domain.retrospective.parts import ClaimContext, DocumentationGap, Readmission
from domain.retrospective.questions import ReviewQuestion, post_service_request, service_line
from engine.activity_errors import translate_errors
from rulebook.rulebook import Rulebook
from store import claims, directory, documents, requests
from store.claims import StoredClaim
from store.session import Store


class RetrospectiveLookups:
    """Activities that compare claims with authorizations and open reviews of what was not authorized. They decide nothing."""

    def __init__(self, store: Store, rulebook: Rulebook, grouper: DrgGrouper | None) -> None:
        self._store, self._rulebook, self._grouper = store, rulebook, grouper
        self._criteria, self._finder = CriteriaEvaluator(rulebook), AuthorizationFinder(rulebook)

    @activity.defn(no_thread_cancel_exception=True)
    def look_into_claim(self, order: ClaimInput) -> ClaimContext:
        """Compare every line with what was authorized, by the rules of its date of service; add gaps, DRG check and
        readmissions."""
        with translate_errors(), self._store.begin() as s:
            return self._look(s, order)

    @activity.defn(no_thread_cancel_exception=True)
    def open_post_service(self, order: PostServiceReviewInput) -> PostServiceReviewOpened:
        """Store the review as a request, with the claim's documents and a memo of the findings. A repeat changes nothing."""
        with translate_errors(), self._store.begin() as s:
            stored = claims.load(s, order.case_id)
            request = post_service_request(stored.claim, order.questions, order.case_id)
            version = _known_version(s, order.review_id) or requests.save(
                s, order.review_id, request, answers=stored.evidence
            )
            text = memo_text(order.case_id, stored.claim, order.questions, order.judgments).encode()
            note = documents.put(s, text, MEMO_TITLE, "text/plain", stored.claim.received_at)
            for document in (note, *stored.claim.documents):
                documents.attach(
                    s,
                    order.review_id,
                    document.document_id,
                    document.received_at,
                    title=document.title,
                    content_type=document.content_type,
                    control_number=document.control_number,
                )
        return PostServiceReviewOpened(
            review_id=order.review_id, request_version=version, received_at=stored.claim.received_at
        )

    def _look(self, s: Session, order: ClaimInput) -> ClaimContext:
        stored = claims.load(s, order.case_id)
        claim = stored.claim
        coverage = coverage_on_file(
            s, MemberInput(member_id=claim.member.member_id, now=order.now, day=claim.first_day)
        )
        if coverage is None:
            raise Corrupt("a claim was taken in for a member without any coverage on file")
        asked = post_service_request(claim, tuple(_question_as_billed(line) for line in claim.lines), order.case_id)
        needs = {line.line_id: self._need(s, asked, coverage, line) for line in asked.lines}
        groups = {line.line_id: self._rulebook.code_map.line_codes(line).service_groups for line in asked.lines}
        compared = compare_claim(claim, groups, self._finder.find_for_member(s, claim.member.member_id, order.case_id))
        findings = tuple(
            _line_finding(s, claim, line, compared.get(line.line_id), needs[line.line_id]) for line in claim.lines
        )
        return ClaimContext(
            claim=claim.model_copy(update={"documents": (), "facts": ()}),
            day=claim.first_day,
            findings=findings,
            needs=needs,
            gaps=tuple(self._gaps(s, order, stored, asked, coverage, findings)),
            drg=self._drg(s, claim),
            readmissions=self._readmissions(s, order.case_id, claim),
            billed_before=_billed_before(s, order.case_id, claim),
            noncontract=_is_noncontract(s, claim, coverage),
            policy=self._rulebook.retrospective,
        )

    def _need(self, s: Session, asked: AuthorizationRequest, coverage: Coverage, line: ServiceLine) -> Requirement:
        """Whether a line needed authorization on its date of service."""
        book = self._rulebook
        return determine_requirement(s, book, asked, coverage, line_of_case(s, book, asked, coverage, line))

    def _gaps(
        self,
        s: Session,
        order: ClaimInput,
        stored: StoredClaim,
        asked: AuthorizationRequest,
        coverage: Coverage,
        findings: tuple[Finding, ...],
    ) -> list[DocumentationGap]:
        """The facts that the criteria in force on the date of service still miss, of the lines that may need a review."""
        look = ReviewInput(
            case_id=order.case_id, request_version=1, received_at=stored.claim.received_at, events=(), now=order.now
        )
        today, known = order.now.astimezone(ZoneInfo(coverage.zone)).date(), self._rulebook.criteria.dictionary.by_id
        gaps: list[DocumentationGap] = []
        evidence = self._criteria.gather_evidence(s, asked, stored.evidence, coverage)
        for found in findings:
            if not isinstance(found, Differs | NotAuthorized):
                continue
            line = service_line(stored.claim, found.line_id)
            criteria = self._criteria.evaluate_line(s, look, asked, evidence.of_line(line), line, coverage, today)
            if criteria is not None and criteria.facts_to_ask:
                asks = tuple(known[fact].ask if fact in known else fact for fact in criteria.facts_to_ask)
                gaps.append(DocumentationGap(line_id=line.line_id, guideline=criteria.guideline_id, asks=asks))
        return gaps

    def _drg(self, s: Session, claim: Claim) -> DrgCheck | None:
        if claim.billed_drg is None or claim.discharged is None:
            return None
        stay = BilledStay(
            billed_drg=claim.billed_drg,
            discharged=claim.discharged,
            diagnoses=claim.diagnoses,
            procedures=claim.procedures,
            sex=claim.patient_sex,
            discharge_status=claim.discharge_status,
        )
        return check_drg(stay, self._grouper, authorized=working_drg(s, claim.member.member_id, claim.admitted))

    def _readmissions(self, s: Session, case_id: str, claim: Claim) -> tuple[Readmission, ...]:
        """Other stays billed for the member that ended shortly before this one began, the latest first."""
        if claim.admitted is None:
            return ()
        days = self._rulebook.stays.transitions.readmission.days
        found: list[Readmission] = []
        for other in claims.of_member(s, claim.member.member_id):
            left = other.claim.discharged
            if other.case_id == case_id or other.claim.admitted is None or left is None:
                continue
            since = (claim.admitted - left).days
            if 0 <= since <= days and other.claim.admitted < claim.admitted:
                same = _is_same_or_unknown(claim.billed_drg, other.claim.billed_drg)
                found.append(Readmission(earlier=other.case_id, days_since=since, same_drg=same))
        return tuple(sorted(found, key=lambda one: one.days_since))


def _question_as_billed(line: ClaimLine) -> ReviewQuestion:
    return ReviewQuestion(line_id=line.line_id, portion=whole_line(line), why="as billed")


def _line_finding(s: Session, claim: Claim, line: ClaimLine, compared: Finding | None, need: Requirement) -> Finding:
    """The finding for one line: an approval counts first, then whether one was needed on the date. Unknown counts as needed
    and never as a denial."""
    if compared is not None and not isinstance(compared, Differs):
        return compared
    if need.required is False:
        return AuthorizationNotRequired(line_id=line.line_id, because=need.because, citation=need.citation)
    if compared is not None:
        return compared
    return NotAuthorized(
        line_id=line.line_id,
        required=True if need.required else None,
        because=need.because,
        citation=need.citation,
        portion=whole_line(line),
        open_requests=find_open_requests(s, claim, line),
    )


def _billed_before(s: Session, case_id: str, claim: Claim) -> tuple[str, ...]:
    """Other reviews in which the same provider billed the same code on the same days."""
    own = {(line.code, line.modifiers, line.start, line.end) for line in claim.lines}
    return tuple(
        other.case_id
        for other in claims.of_member(s, claim.member.member_id)
        if other.case_id != case_id
        and other.claim.providers & claim.providers
        and any((line.code, line.modifiers, line.start, line.end) in own for line in other.claim.lines)
    )


def _is_noncontract(s: Session, claim: Claim, coverage: Coverage) -> bool | None:
    provider = directory.provider(s, claim.billing_provider.npi)
    status = provider.network.get(coverage.plan_id) if provider is not None else None
    return None if status is None else status is NetworkStatus.OUT_OF_NETWORK


def _known_version(s: Session, review_id: str) -> int | None:
    try:
        return requests.load(s, review_id).version
    except NotOnFile:
        return None


def _is_same_or_unknown(one: str | None, other: str | None) -> bool | None:
    return None if one is None or other is None else one == other
