"""Accounts: who may sign in, and for whom they then act."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import AwareDatetime
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.model import Model
from store.accounts import tables
from store.dialect import upsert

_A = tables.accounts


class AccountKind(StrEnum):
    """For whom an account acts: a reviewer of the directory, or a provider."""

    REVIEWER = "reviewer"
    PROVIDER = "provider"


class Account(Model):
    """Somebody who may sign in. `subject` is the reviewer's id, or the provider's NPI; `password_hash` is None where only
    another system signs them in. `synthetic`: one of the invented plan's people. Instants are UTC."""

    account_id: str
    user_name: str
    kind: AccountKind
    subject: str
    name: str
    password_hash: str | None = None
    failed_attempts: int = 0
    locked_until: AwareDatetime | None = None
    active: bool = True
    synthetic: bool = False


def get(s: Session, account_id: str) -> Account | None:
    row = s.execute(select(_A).where(_A.c.account_id == account_id)).one_or_none()
    return None if row is None else Account(**row._mapping)


def of_user_name(s: Session, user_name: str) -> Account | None:
    """The account of a user name, as written at its creation or in other case."""
    row = s.execute(select(_A).where(_A.c.user_name == user_name.strip().casefold())).one_or_none()
    return None if row is None else Account(**row._mapping)


def list_all(s: Session) -> tuple[Account, ...]:
    """Every account, in order of names."""
    return tuple(Account(**row._mapping) for row in s.execute(select(_A).order_by(_A.c.name, _A.c.account_id)))


def put(s: Session, account: Account) -> None:
    """Store the account, or what changed in it."""
    upsert(s, _A, [account.model_dump()])


def record_failure(s: Session, account: Account, locked_until: datetime | None) -> None:
    """Count a sign-in that failed; `locked_until` (UTC) is when the next one may be tried, None for at once."""
    put(s, account.model_copy(update={"failed_attempts": account.failed_attempts + 1, "locked_until": locked_until}))
