"""Discharge plans as planners look at them: the list with the least time left first, and one plan with its stay and letters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from domain.case_numbers import kind_of
from domain.cases.views import CaseView
from domain.errors import NotOnFile
from domain.model import Model
from domain.vocabulary import ProcessKind
from services.case_visibility import visible_to
from services.principals import Principal
from services.queries.case_detail import CaseDetail, load_case_detail
from services.queries.case_lists import load_subjects
from services.queries.processes.stay_lists import facility_name
from store import case_summaries
from store.case_summaries import SummarizedCase


class PlanRow(Model):
    """A row of the list: whom and what the plan is about, and how far it is. `leaves_on` is a day of the plan's zone."""

    case: CaseView
    member_name: str
    facility_name: str
    target_setting: str | None
    leaves_on: date | None
    is_discharged: bool
    done: int
    items: int
    waits_for_qio: bool
    has_choice: bool


class PlanPage(Model):
    """A page of the list; `after` continues it, None at its end."""

    rows: tuple[PlanRow, ...]
    after: str | None


@dataclass(frozen=True)
class PlanDetail:
    """A discharge plan with the name of its facility."""

    case: CaseDetail
    facility: str


def page_of_plans(
    s: Session,
    size: int,
    after: str | None = None,
    *,
    is_open: bool = True,
    reader: Principal | None = None,
) -> PlanPage:
    """A page of open or ended plans, the least time left first among those that the reader may see (None: all)."""
    found = case_summaries.list_due(
        s, ProcessKind.DISCHARGE_PLAN, size + 1, after, is_open=is_open, also=visible_to(reader)
    )
    shown = found[:size]
    subjects = load_subjects(s, [one.view for one in shown])
    rows = tuple(_row(s, one, subjects[one.view.case_id].member_name) for one in shown)
    return PlanPage(rows=rows, after=shown[-1].place if len(found) > size else None)


def load_plan(s: Session, plan_id: str, reader: str | None) -> PlanDetail:
    """Load a plan as this reader may see it. Raises NotOnFile for a case that is no discharge plan."""
    detail = load_case_detail(s, plan_id, reader)
    if kind_of(plan_id) is not ProcessKind.DISCHARGE_PLAN or detail.view is None:
        raise NotOnFile(
            f"There is no discharge plan {plan_id}.", "It begins with observation or the admission of a stay."
        )
    content = detail.sheet.content if detail.sheet is not None else {}
    return PlanDetail(detail, facility_name(s, detail.view.requesting_npi, str(content.get("facility") or "")))


def _row(s: Session, one: SummarizedCase, member_name: str) -> PlanRow:
    content = one.summary.content
    said = content.get("checklist")
    items = [item for item in said if isinstance(item, dict)] if isinstance(said, list) else []
    return PlanRow.model_validate(
        {
            "case": one.view,
            "member_name": member_name,
            "facility_name": facility_name(s, one.view.requesting_npi, str(content.get("facility") or "")),
            "target_setting": content.get("target_setting"),
            "leaves_on": content.get("leaves_on"),
            "is_discharged": content.get("discharged_at") is not None,
            "done": sum(1 for item in items if item.get("done_at") is not None),
            "items": len(items),
            "waits_for_qio": bool(content.get("waits_for_qio")),
            "has_choice": content.get("chosen_npi") is not None,
        }
    )
