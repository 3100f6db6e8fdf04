"""A retrospective review as people look at it: the claim against what was authorized, the memo of its review, its lessons."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from domain.case_numbers import kind_of
from domain.cases.views import CaseView
from domain.errors import NotOnFile
from domain.requests.request import DocumentReference
from domain.retrospective.claim import Claim
from domain.retrospective.memo import MEMO_TITLE
from domain.vocabulary import ProcessKind
from services.queries.case_detail import CaseDetail, load_case_detail
from store import cases, claims, documents


@dataclass(frozen=True)
class ClaimReviewDetail:
    """A retrospective review with its claim, and the review that answers what was not authorized with its memo in words; None
    where there is none."""

    case: CaseDetail
    claim: Claim | None
    review: CaseView | None
    memo: str | None


def load_claim_review(s: Session, case_id: str, reader: str | None) -> ClaimReviewDetail:
    """Load a retrospective review as this reader may see it. Raises NotOnFile for a case that is none."""
    detail = load_case_detail(s, case_id, reader)
    if kind_of(case_id) is not ProcessKind.RETROSPECTIVE_REVIEW or detail.view is None:
        raise NotOnFile(f"There is no retrospective review {case_id}.", "It begins with a claim.")
    stored = claims.find(s, case_id)
    review = detail.sheet.content.get("review") if detail.sheet is not None else None
    number = review if isinstance(review, str) else None
    return ClaimReviewDetail(
        case=detail,
        claim=stored.claim if stored is not None else None,
        review=cases.get(s, number) if number is not None else None,
        memo=_memo_text(s, documents.of_case(s, number)) if number is not None else None,
    )


def _memo_text(s: Session, held: tuple[DocumentReference, ...]) -> str | None:
    memo = next((one for one in held if one.title == MEMO_TITLE), None)
    return documents.get(s, memo.document_id).decode("utf-8", errors="replace") if memo is not None else None
