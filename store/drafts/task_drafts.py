"""Drafts of task forms: one for each task and person, which only that person gets back. They end when the form is handed over,
and after thirty days without a change. Their content is in no log and no error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from pydantic import AwareDatetime
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from domain.model import Model
from store.drafts import tables

KEPT = timedelta(days=30)
_D = tables.drafts


class TaskDraft(Model):
    """The typed fields, as a browser sends it: each field with its values; and when it was kept (UTC)."""

    typed: dict[str, list[str]]
    kept_at: AwareDatetime


def keep(s: Session, task_id: str, reviewer_id: str, typed: Mapping[str, Sequence[str]], now: datetime) -> None:
    """Keep the draft instead of an earlier one of the same task and person, and forget those that nobody went on with."""
    s.execute(delete(_D).where(_D.c.kept_at < now - KEPT))
    end(s, task_id, reviewer_id)
    content = {name: list(said) for name, said in typed.items()}
    s.execute(_D.insert().values(task_id=task_id, reviewer_id=reviewer_id, typed=content, kept_at=now))


def find(s: Session, task_id: str, reviewer_id: str) -> TaskDraft | None:
    """This person's draft of the task; None where they have none."""
    query = select(_D.c.typed, _D.c.kept_at).where(_D.c.task_id == task_id, _D.c.reviewer_id == reviewer_id)
    row = s.execute(query).one_or_none()
    return None if row is None else TaskDraft(typed=row.typed, kept_at=row.kept_at)


def end(s: Session, task_id: str, reviewer_id: str) -> None:
    """Forget the draft."""
    s.execute(delete(_D).where(_D.c.task_id == task_id, _D.c.reviewer_id == reviewer_id))
