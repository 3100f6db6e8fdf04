"""Identities of other systems: which account each one signs in to, and the sign-ins that are on their way there and back."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import AwareDatetime
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from domain.model import Model
from store.accounts import tables
from store.accounts.sessions import hash_token
from store.dialect import upsert

_L, _F = tables.linked_identities, tables.sign_in_flows
FLOW_LASTS = timedelta(minutes=10)


class SignInFlow(Model):
    """A sign-in that is under way at another system. With `confirms` it proves again who has the session of this hash, for what
    `confirms` names."""

    nonce: str
    verifier: str
    next_page: str
    session_sha256: str | None = None
    confirms: str | None = None
    started_at: AwareDatetime


def link(s: Session, issuer: str, subject: str, account_id: str) -> None:
    """Let the identity sign in to this account, and to no other."""
    upsert(s, _L, [{"issuer": issuer, "subject": subject, "account_id": account_id}])


def account_of(s: Session, issuer: str, subject: str) -> str | None:
    """The id of the account that the identity signs in to."""
    return s.execute(select(_L.c.account_id).where(_L.c.issuer == issuer, _L.c.subject == subject)).scalar_one_or_none()


def is_linked(s: Session, account_id: str) -> bool:
    """Whether an identity of another system signs in to this account."""
    return s.execute(select(_L.c.subject).where(_L.c.account_id == account_id)).first() is not None


def begin_flow(s: Session, state: str, flow: SignInFlow) -> None:
    """Keep a sign-in under the hash of its state until it comes back."""
    s.execute(delete(_F).where(_F.c.started_at < flow.started_at - FLOW_LASTS))
    s.execute(_F.insert().values(state_sha256=hash_token(state), **flow.model_dump()))


def end_flow(s: Session, state: str, now: datetime) -> SignInFlow | None:
    """The sign-in of this state, which comes back once and in time; None for any other."""
    columns = [column for column in _F.c if column is not _F.c.state_sha256]
    found = _F.c.state_sha256 == hash_token(state)
    row = s.execute(select(*columns).where(found, _F.c.started_at >= now - FLOW_LASTS)).one_or_none()
    s.execute(delete(_F).where(found))
    return None if row is None else SignInFlow(**row._mapping)
