"""The call desk: messages that wait for a call, what is due first in front, and one of them with its script and calls."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from domain.case_numbers import kind_of
from domain.cases.tasks import Task, TaskKind
from domain.cases.views import CaseView
from domain.decisions.reviewers import Reviewer
from domain.errors import NotOnFile
from domain.model import Model
from domain.plain_language.phrases import DEPARTMENTS, role_phrase
from domain.vocabulary import ProcessKind
from services.case_visibility import visible_to
from services.principals import Principal
from services.queries.case_detail import CaseDetail, load_case_detail
from services.queries.case_lists import load_subjects
from store import case_summaries, directory


class CallRow(Model):
    """A row of the list: whom to call about what, without name and number of the caller. Times are in the case's zone, which is
    the plan's. `needs` are the caller's communication needs by kind, `calls` the number of calls that were placed."""

    case: CaseView
    member_name: str
    needs: dict[str, str]
    about: str
    from_whom: str
    calls: int


class CallPage(Model):
    """A page of the list; `after` continues it, None at its end."""

    rows: tuple[CallRow, ...]
    after: str | None


@dataclass(frozen=True)
class CallDetail:
    """A message with the script of its call as this reviewer says it, and the open task that records the call."""

    case: CaseDetail
    script: str
    organization: str
    task: Task | None


def page_of_calls(
    s: Session,
    size: int,
    after: str | None = None,
    *,
    is_open: bool | None = True,
    reader: Principal | None = None,
) -> CallPage:
    """A page of callbacks, the least time left first, among those that the reader may see (None: all). With `is_open`
    only those to call back, or those that were returned (None: both)."""
    found = case_summaries.list_due(s, ProcessKind.CALLBACK, size + 1, after, is_open=is_open, also=visible_to(reader))
    shown = found[:size]
    subjects = load_subjects(s, [one.view for one in shown])
    rows = tuple(
        CallRow(
            case=one.view,
            member_name=subjects[one.view.case_id].member_name,
            needs=_needs(one.summary.content.get("needs")),
            about=str(one.summary.content.get("about") or ""),
            from_whom=str(one.summary.content.get("from_whom") or ""),
            calls=_count(one.summary.content.get("calls")),
        )
        for one in shown
    )
    return CallPage(rows=rows, after=shown[-1].place if len(found) > size else None)


def load_call(s: Session, case_id: str, reader: str) -> CallDetail:
    """Load a callback as this reader may see it. Raises NotOnFile for a case that is none."""
    detail = load_case_detail(s, case_id, reader)
    if kind_of(case_id) is not ProcessKind.CALLBACK or detail.view is None:
        raise NotOnFile(f"There is no callback {case_id}.", "List what there is at the call desk.")
    said = detail.sheet.content.get("say_first") if detail.sheet is not None else None
    organization = _plan_name(s, detail)
    task = next((one for one in detail.tasks if one.is_open), None)
    who = directory.reviewer(s, reader)
    return CallDetail(detail, _fill_script(str(said or ""), who, organization), organization, task)


def is_call(task: Task) -> bool:
    """Whether the task is to place a call."""
    return task.kind is TaskKind.CALL_BACK


def _fill_script(script: str, who: Reviewer | None, organization: str) -> str:
    """The script with name, title and organization of who calls; what is not known stays to be said."""
    role = who.roles[0] if who is not None and who.roles else None
    title = "your title" if role is None else f"on the {role.value} staff" if role in DEPARTMENTS else role_phrase(role)
    named = {"{name}": who.name if who is not None else "your name", "{title}": title, "{organization}": organization}
    for place, words in named.items():
        script = script.replace(place, words)
    return script


def _plan_name(s: Session, detail: CaseDetail) -> str:
    """The plan in whose name the call is placed: the member's, else the only one that there is."""
    if detail.coverage is not None:
        return detail.coverage.plan_name
    known = list(directory.plans(s).values())
    return known[0].plan_name if len(known) == 1 else "the health plan"


def _needs(said: object) -> dict[str, str]:
    return {str(name): str(words) for name, words in said.items()} if isinstance(said, dict) else {}


def _count(said: object) -> int:
    return len(said) if isinstance(said, list) else 0
