"""Quality concerns for those who may see them: the list, without the text of any, and one of them."""

from __future__ import annotations

from pydantic import AwareDatetime
from sqlalchemy.orm import Session

from domain.case_numbers import kind_of
from domain.cases.views import CaseView
from domain.errors import NotOnFile
from domain.model import Model
from domain.vocabulary import ProcessKind
from services import access
from services.case_visibility import visible_to
from services.principals import Principal
from services.queries.case_detail import CaseDetail, load_case_detail
from store import case_summaries


class ConcernRow(Model):
    """A row of the list, without the text of the concern. `severity` is None before triage."""

    case: CaseView
    kind: str
    about: str
    severity: int | None
    raised_by: str
    raised_at: AwareDatetime


class ConcernPage(Model):
    """A page of the list; `after` continues it, None at its end."""

    rows: tuple[ConcernRow, ...]
    after: str | None


def page_of_concerns(
    s: Session,
    size: int,
    after: str | None = None,
    *,
    is_open: bool | None = True,
    reader: Principal | None = None,
) -> ConcernPage:
    """A page of concerns, the least time left first among those that the reader may see (None: all)."""
    found = case_summaries.list_due(s, ProcessKind.CONCERN, size + 1, after, is_open=is_open, also=visible_to(reader))
    shown = found[:size]
    rows = tuple(
        ConcernRow.model_validate(
            {
                "case": one.view,
                "kind": one.summary.content.get("kind") or "",
                "about": one.summary.content.get("about_dossier") or "",
                "severity": one.summary.content.get("severity"),
                "raised_by": one.summary.content.get("raised_by") or "",
                "raised_at": one.summary.content.get("raised_at") or one.view.received_at,
            }
        )
        for one in shown
    )
    return ConcernPage(rows=rows, after=shown[-1].place if len(found) > size else None)


def load_concern(s: Session, case_id: str, reader: str) -> tuple[CaseDetail, bool]:
    """A concern as this reader may see it, and whether they read its peer review. Raises NotOnFile for what is no concern."""
    detail = load_case_detail(s, case_id, reader)
    if kind_of(case_id) is not ProcessKind.CONCERN or detail.view is None:
        raise NotOnFile(f"There is no concern {case_id}.", "List what there is with the page of concerns.")
    return detail, access.may_read(s, access.READ_PEER_REVIEW, reader, detail.tasks)
