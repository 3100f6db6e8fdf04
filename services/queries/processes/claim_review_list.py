"""The list of retrospective reviews."""

from __future__ import annotations

from datetime import date

from pydantic import AwareDatetime
from sqlalchemy.orm import Session

from domain.cases.views import CaseView
from domain.model import Model
from domain.vocabulary import ProcessKind
from services.case_visibility import visible_to
from services.principals import Principal
from store import case_summaries, directory


class ClaimReviewRow(Model):
    """A row of the list. `care_from` is the first day of the claim (local); `review` the case that answers what was not
    authorized, None where nothing has to be decided."""

    case: CaseView
    member_name: str
    claim_number: str
    billed_by: str
    care_from: date | None
    claim_received: AwareDatetime
    review: str | None


class ClaimReviewPage(Model):
    """A page of the list; `after` continues it, None at its end."""

    rows: tuple[ClaimReviewRow, ...]
    after: str | None


def page_of_claim_reviews(
    s: Session,
    size: int,
    after: str | None = None,
    *,
    is_open: bool | None = True,
    member_id: str | None = None,
    reader: Principal | None = None,
) -> ClaimReviewPage:
    """A page of retrospective reviews, the least time left first among those that the reader may see (None: all)."""
    found = case_summaries.list_due(
        s,
        ProcessKind.RETROSPECTIVE_REVIEW,
        size + 1,
        after,
        is_open=is_open,
        member_id=member_id,
        also=visible_to(reader),
    )
    shown = found[:size]
    members = directory.members_of(s, {one.view.member_id for one in shown if one.view.member_id})
    names = {one: f"{member.given_name} {member.family_name}" for one, member in members.items()}
    rows = tuple(
        ClaimReviewRow.model_validate(
            {
                "case": one.view,
                "member_name": names.get(one.view.member_id, one.view.member_id),
                "claim_number": one.summary.content.get("claim_number") or "",
                "billed_by": one.summary.content.get("billed_by") or "",
                "care_from": one.summary.content.get("care_from"),
                "claim_received": one.summary.content.get("claim_received") or one.view.received_at,
                "review": one.summary.content.get("review"),
            }
        )
        for one in shown
    )
    return ClaimReviewPage(rows=rows, after=shown[-1].place if len(found) > size else None)
