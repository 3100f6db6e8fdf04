"""Passwords that people give: checked at the same pace for everybody, and counted."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from services import passwords
from store.accounts import accounts, attempts
from store.accounts.accounts import Account
from web.context import WebContext


@dataclass(frozen=True)
class AttemptLimit:
    """Attempts in a row that are `free`; each further one waits twice as long as the one before, at most `longest`."""

    free: int
    first_wait: timedelta
    longest: timedelta
    forgotten_after: timedelta

    def next_wait(self, failures: int) -> timedelta | None:
        """The wait after so many failures in a row."""
        if failures < self.free:
            return None
        doublings: int = 2 ** min(failures - self.free, 20)
        return min(self.first_wait * doublings, self.longest)


Keys = tuple[tuple[str, AttemptLimit], ...]
OF_USER = AttemptLimit(5, timedelta(minutes=1), timedelta(hours=1), timedelta(days=1))
"""Of a user from one address, or in one browser that the user signed in with before."""
OF_NAME = AttemptLimit(50, timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=6))
"""Of a user from all addresses where they have not signed in before: slow enough for who guesses from many."""
OF_ADDRESS = AttemptLimit(40, timedelta(minutes=1), timedelta(hours=1), timedelta(hours=1))
"""Many people share the address of an office; who tries many names from one address is stopped all the same."""


class SignInFailed(Exception):
    """The user name and the password do not go together, or it was tried too often: until `waits_until` (UTC)."""

    def __init__(self, waits_until: datetime | None = None) -> None:
        super().__init__("sign-in failed")
        self.waits_until = waits_until


async def check_password(
    context: WebContext,
    user_name: str,
    password: str,
    address: str,
    counted_as: str = "user",
    browser: str | None = None,
) -> Account:
    """The account of this user name and password. Raises SignInFailed, with nothing that tells which of them was wrong.

    `counted_as` is the kind of attempt: who is signed in and proves it again is not kept waiting by those who guess at the
    sign-in page under the same name. `browser` is one in which this user has signed in before: its attempts count alone.

    Each attempt counts as failed before the password is looked at, so that many at once are not free.
    """
    services, now = context.services, context.services.clock()
    keys = _keys(user_name.strip().casefold(), address, counted_as, browser)
    waits_until = await services.write(_count, keys, now)
    if waits_until is not None:
        raise SignInFailed(waits_until)
    account = await services.read(accounts.of_user_name, user_name)
    stored = account.password_hash if account is not None else None
    right = await asyncio.to_thread(passwords.matches, stored, password)
    if account is None or stored is None or not right or not account.active:
        raise SignInFailed
    new_hash = None
    if passwords.needs_new_hash(stored):
        new_hash = await asyncio.to_thread(passwords.hash_password, password)
    await services.write(_settle, keys, account, new_hash, now)
    return account


def describe_wait(until: datetime, now: datetime) -> str:
    """The words for the time until the next attempt."""
    minutes = max(1, -(-int((until - now).total_seconds()) // 60))
    return "in a minute" if minutes == 1 else f"in {minutes} minutes"


def _keys(name: str, address: str, counted_as: str, browser: str | None) -> Keys:
    """The counts of an attempt, its own first; the others are shared with others."""
    if browser is not None:
        return ((_key("browser", browser), OF_USER),)
    of_address = (_key("address", address), OF_ADDRESS)
    if counted_as != "user":
        return ((_key(counted_as, name), OF_USER), of_address)
    return ((_key("user at address", f"{name}\n{address}"), OF_USER), (_key("user", name), OF_NAME), of_address)


def _key(kind: str, name: str) -> str:
    return hashlib.sha256(f"{kind}:{name}".encode()).hexdigest()


def _count(s: Session, keys: Keys, now: datetime) -> datetime | None:
    """Count an attempt under every key; when one has to wait, until when, and nothing is counted."""
    taken = [(attempts.take(s, key, now), limit) for key, limit in sorted(keys, key=lambda one: one[0])]
    waits = [one.waits_until for one, _limit in taken if one.waits_until is not None and one.waits_until > now]
    if waits:
        return max(waits)
    for one, limit in taken:
        before = 0 if now - one.last_at > limit.forgotten_after else one.failures
        wait = limit.next_wait(before + 1)
        changed = {"failures": before + 1, "last_at": now, "waits_until": now + wait if wait is not None else None}
        attempts.put(s, one.model_copy(update=changed))
    return None


def _settle(s: Session, keys: Keys, account: Account, new_hash: str | None, now: datetime) -> None:
    """Take back the counts of an attempt that was right: all of its own, one of those that are shared."""
    (own, _), *shared = keys
    attempts.forget(s, own)
    for key, _limit in sorted(shared, key=lambda one: one[0]):
        counted = attempts.take(s, key, now)
        if counted.failures:
            attempts.put(s, counted.model_copy(update={"failures": counted.failures - 1, "waits_until": None}))
    if new_hash is not None:
        accounts.put(s, account.model_copy(update={"password_hash": new_hash}))
