"""Looking at a claim after care: what was authorized, what was needed then, what the records lack, what the DRG tells."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session
from temporalio import activity

from activities.lookups.authorizations import AuthorizationFinder, open_requests
from activities.lookups.certified_days import stays_of
from activities.lookups.criteria import CriteriaDesk
from activities.lookups.requirement import line_of_case, requirement
from activities.members import coverage_on_file
from domain.authorization.orders import LookOrder
from domain.cases.member_case import PersonOrder
from domain.coverage.directory import Coverage, NetworkStatus
from domain.coverage.requirements import Requirement
from domain.errors import Corrupt
from domain.requests.request import AuthorizationRequest, ServiceLine
from domain.retrospective.claim import Claim, ClaimLine
from domain.retrospective.comparison import Differs, Finding, NotAuthorized, NotNeeded, compare, whole
from domain.retrospective.drg_check import BilledStay, DrgCheck, DrgGrouper, check_drg
from domain.retrospective.memo import MEMO_TITLE, memo
from domain.retrospective.orders import ClaimLookOrder, OpenedPostService, OpenPostService
from domain.retrospective.parts import ClaimLook, Gap, Readmission
from domain.retrospective.questions import Question, request_of, service_line
from engine.activity_errors import translated
from rulebook.rulebook import Rulebook
from store import claims, directory, documents, requests
from store.claims import StoredClaim
from store.session import Store


class Retrospective:
    """Activities that look at claims and put what was not authorized to a review. They decide nothing."""

    def __init__(self, store: Store, rulebook: Rulebook, grouper: DrgGrouper | None) -> None:
        self._store, self._rulebook, self._grouper = store, rulebook, grouper
        self._criteria, self._finder = CriteriaDesk(rulebook), AuthorizationFinder(rulebook)

    @activity.defn
    def look_into_claim(self, order: ClaimLookOrder) -> ClaimLook:
        """Every line beside what was authorized, by the rules of its date of service; gaps, DRG and readmission beside it."""
        with translated(), self._store.begin() as s:
            return self._look(s, order)

    @activity.defn
    def open_post_service(self, order: OpenPostService) -> OpenedPostService:
        """Keep the review as a request, with the claim's documents and a memo of what was found; repeating changes nothing."""
        with translated(), self._store.begin() as s:
            stored = claims.load(s, order.case_id)
            request = request_of(stored.claim, order.questions, order.case_id)
            version = _known_version(s, order.review_id) or requests.save(
                s, order.review_id, request, answers=stored.evidence
            )
            text = memo(order.case_id, stored.claim, order.questions, order.judgments).encode()
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
        return OpenedPostService(
            review_id=order.review_id, request_version=version, received_at=stored.claim.received_at
        )

    def _look(self, s: Session, order: ClaimLookOrder) -> ClaimLook:
        stored = claims.load(s, order.case_id)
        claim = stored.claim
        coverage = coverage_on_file(
            s, PersonOrder(member_id=claim.member.member_id, now=order.now, day=claim.first_day)
        )
        if coverage is None:
            raise Corrupt("a claim was taken in for a member without any coverage on file")
        asked = request_of(claim, tuple(_whole(line) for line in claim.lines), order.case_id)
        needs = {line.line_id: self._need(s, asked, coverage, line) for line in asked.lines}
        groups = {line.line_id: self._rulebook.code_map.line_codes(line).service_groups for line in asked.lines}
        compared = compare(claim, groups, self._finder.of_member(s, claim.member.member_id, order.case_id))
        findings = tuple(
            _finding(s, claim, line, compared.get(line.line_id), needs[line.line_id]) for line in claim.lines
        )
        return ClaimLook(
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
        return requirement(s, book, asked, coverage, line_of_case(s, book, asked, coverage, line))

    def _gaps(
        self,
        s: Session,
        order: ClaimLookOrder,
        stored: StoredClaim,
        asked: AuthorizationRequest,
        coverage: Coverage,
        findings: tuple[Finding, ...],
    ) -> list[Gap]:
        """What the criteria in force on the date of service still miss, of the lines that may have to be reviewed."""
        look = LookOrder(
            case_id=order.case_id, request_version=1, received_at=stored.claim.received_at, events=(), now=order.now
        )
        today, known = order.now.astimezone(ZoneInfo(coverage.zone)).date(), self._rulebook.criteria.dictionary.by_id
        gaps: list[Gap] = []
        for found in findings:
            if not isinstance(found, Differs | NotAuthorized):
                continue
            line = service_line(stored.claim, found.line_id)
            came = self._criteria.came(s, asked, stored.evidence, coverage, line)
            criteria = self._criteria.judge(s, look, asked, came, line, coverage, today)
            if criteria is not None and criteria.missing_facts:
                asks = tuple(known[fact].ask if fact in known else fact for fact in criteria.missing_facts)
                gaps.append(Gap(line_id=line.line_id, guideline=criteria.guideline_id, asks=asks))
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
        authorized = [
            stay.working_drg
            for stay in stays_of(s, claim.member.member_id)
            if stay.working_drg is not None and stay.admitted_on is not None and stay.admitted_on == claim.admitted
        ]
        return check_drg(stay, self._grouper, authorized=next(iter(authorized), None))

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
                same = _same(claim.billed_drg, other.claim.billed_drg)
                found.append(Readmission(earlier=other.case_id, days_since=since, same_drg=same))
        return tuple(sorted(found, key=lambda one: one.days_since))


def _whole(line: ClaimLine) -> Question:
    return Question(line_id=line.line_id, portion=whole(line), why="as billed")


def _finding(s: Session, claim: Claim, line: ClaimLine, compared: Finding | None, need: Requirement) -> Finding:
    """An approval counts first; then whether any was needed on the date; unknown counts as needed, and is never a no."""
    if compared is not None and not isinstance(compared, Differs):
        return compared
    if need.required is False:
        return NotNeeded(line_id=line.line_id, because=need.because, citation=need.citation)
    if compared is not None:
        return compared
    return NotAuthorized(
        line_id=line.line_id,
        required=True if need.required else None,
        because=need.because,
        citation=need.citation,
        portion=whole(line),
        open_requests=open_requests(s, claim, line),
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
    except LookupError:
        return None


def _same(one: str | None, other: str | None) -> bool | None:
    return None if one is None or other is None else one == other
