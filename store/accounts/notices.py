"""Notices: words that the next page of a session shows once, whatever copy of the server makes that page."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from pydantic import AwareDatetime
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from domain.model import Model
from store.accounts import tables
from store.accounts.sessions import hash_token

_N = tables.notices
_KEPT = timedelta(days=2)
"""Longer than any session lasts: a notice that no page has shown by then is for nobody."""


class NoticeLink(Model):
    """A link of a notice to an address of our own; `acts`: it is a button that sends an empty form there."""

    address: str
    words: str
    acts: bool = False


class Notice(Model):
    """One notice. `lead` stands first and bold. `kind`: ok or warn."""

    notice_id: int = 0
    kind: str
    lead: str = ""
    text: str
    links: tuple[NoticeLink, ...] = ()
    left_at: AwareDatetime


def leave(s: Session, token: str, notice: Notice) -> None:
    """Keep a notice for the next page of this session."""
    s.execute(delete(_N).where(_N.c.left_at < notice.left_at - _KEPT))
    content = notice.model_dump(exclude={"notice_id"}) | {"links": [link.model_dump() for link in notice.links]}
    s.execute(_N.insert().values(token_sha256=hash_token(token), **content))


def of_session(s: Session, token: str) -> tuple[Notice, ...]:
    """The notices that the session's next page is to show, in the order in which they were left."""
    columns = [column for column in _N.c if column is not _N.c.token_sha256]
    query = select(*columns).where(_N.c.token_sha256 == hash_token(token)).order_by(_N.c.notice_id)
    return tuple(Notice(**row._mapping) for row in s.execute(query))


def forget(s: Session, notice_ids: Collection[int]) -> None:
    """Forget notices that a page has shown."""
    s.execute(delete(_N).where(_N.c.notice_id.in_(notice_ids)))
