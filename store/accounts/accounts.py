"""Accounts: who may sign in, and for whom they then act."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import delete, select
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
    another system signs them in. An account that is not `active` is locked. `synthetic`: one of the invented plan's people."""

    account_id: str
    user_name: str
    kind: AccountKind
    subject: str
    name: str
    password_hash: str | None = None
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


def of_subject(s: Session, kind: AccountKind, subject: str) -> Account | None:
    """The first account that acts for this reviewer or provider."""
    query = select(_A).where(_A.c.kind == kind.value, _A.c.subject == subject).order_by(_A.c.account_id)
    row = s.execute(query).first()
    return None if row is None else Account(**row._mapping)


def remove(s: Session, account_id: str) -> None:
    """Remove the account, with its links and preferences; its sessions find nobody any more."""
    for table in (_A, tables.linked_identities, tables.preferences, tables.kept_forms):
        s.execute(delete(table).where(table.c.account_id == account_id))
