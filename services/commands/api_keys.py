"""API keys of programs: made for an account, shown once, narrowed by scopes, and found by their token.

A key never gives a right that its account has not: the account's roles, as the directory has them now, come first.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from domain.errors import NotOnFile, Refused, refusal, violation
from store.accounts import accounts
from store.accounts.accounts import Account, AccountKind
from store.api import keys
from store.api.keys import ApiKey

TOKEN_PREFIX = "umpire_"
LONGEST = timedelta(days=366)
_TOUCHED_EVERY = timedelta(minutes=1)


class ApiScope(StrEnum):
    """A part of the API that a key may call."""

    READ = "read"
    SUBMIT = "submit"
    WRITE = "write"
    OVERSIGHT = "oversight"


SCOPES: Mapping[ApiScope, str] = {
    ApiScope.READ: "Read worklists, cases, letters, records and criteria.",
    ApiScope.SUBMIT: "Send requests, claims, admissions, records and answers.",
    ApiScope.WRITE: "Claim and complete tasks, and act on cases.",
    ApiScope.OVERSIGHT: "Read clocks at risk, the inbox and the record of views.",
}
"""Each scope in words. A provider's key has no use for `write` and `oversight`: providers have neither right."""


def create_key(
    s: Session, whose: str, name: str, scopes: Iterable[ApiScope], lasts: timedelta, now: datetime
) -> tuple[ApiKey, str]:
    """Create a key for the account of this user name, reviewer or NPI; the key, and the token that is never shown again.

    Raises NotOnFile without such an account, and Refused for an account that is off, for no scope, and for a life of no time or
    more than LONGEST.
    """
    account = _find_account(s, whose)
    chosen = tuple(scope.value for scope in ApiScope if scope in set(scopes))
    broken = []
    if not account.active:
        broken.append(violation("api_key.account", "The account is turned off.", "Turn it on first."))
    if not chosen:
        broken.append(violation("api_key.scopes", "The key has no scope.", f"Name some of: {', '.join(ApiScope)}."))
    if not timedelta(0) < lasts <= LONGEST:
        broken.append(violation("api_key.life", "The key would last too long, or no time.", "Choose 1 to 366 days."))
    if not name.strip():
        broken.append(violation("api_key.name", "The key has no name.", "Say which program it is for."))
    if broken:
        raise Refused(tuple(broken))
    token = TOKEN_PREFIX + secrets.token_hex(32)
    key = ApiKey(
        key_id=f"AK-{secrets.token_hex(4).upper()}",
        account_id=account.account_id,
        name=" ".join(name.split())[:100],
        scopes=chosen,
        created_at=now,
        expires_at=now + lasts,
    )
    keys.keep(s, key, token)
    return key, token


def find_key(s: Session, token: str, now: datetime) -> tuple[ApiKey, Account] | None:
    """The key of this token with its account; None for one that is unknown, revoked or expired at `now` (UTC)."""
    key = keys.find(s, token)
    if key is None or key.revoked_at is not None or now >= key.expires_at:
        return None
    account = accounts.get(s, key.account_id)
    return (key, account) if account is not None else None


def needs_touch(key: ApiKey, now: datetime) -> bool:
    """Whether the time of last use is old enough to be written again: reading is no writing transaction each time."""
    return key.last_used_at is None or now - key.last_used_at > _TOUCHED_EVERY


def _find_account(s: Session, whose: str) -> Account:
    said = whose.strip()
    named = accounts.of_user_name(s, said)
    fitting = [named] if named is not None else [one for one in accounts.list_all(s) if one.subject == said]
    if len(fitting) > 1:
        raise refusal("api_key.account", f"Several accounts act for {said}.", "Name the account by its user name.")
    if not fitting:
        kinds = " or ".join(kind.value for kind in AccountKind)
        raise NotOnFile(
            f"There is no account of {said}.",
            f"Name a user name, a reviewer id or an NPI of somebody with an account ({kinds}).",
        )
    return fitting[0]
