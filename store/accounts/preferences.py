"""Preferences of an account for its pages."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.model import Model
from store.accounts import tables
from store.dialect import upsert

_T = tables.preferences


class Theme(StrEnum):
    """Colors of the pages: those of the system, or always the same."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Preferences(Model):
    """The pages as this person wants them: colors, single keys as shortcuts, lists that refresh by themselves."""

    theme: Theme = Theme.SYSTEM
    keys: bool = True
    refresh: bool = True


def of_account(s: Session, account_id: str) -> Preferences:
    """The account's preferences, or those of somebody who has said nothing."""
    row = s.execute(
        select(_T.c["theme"], _T.c["keys"], _T.c["refresh"]).where(_T.c.account_id == account_id)
    ).one_or_none()
    return Preferences() if row is None else Preferences(**row._mapping)


def put(s: Session, account_id: str, preferences: Preferences) -> None:
    """Store the account's preferences."""
    upsert(s, _T, [{"account_id": account_id} | preferences.model_dump(mode="json")])
