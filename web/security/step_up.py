"""Proof of who signs, given again at the signature: the password, or a new sign-in where another system signs people in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from domain.errors import refusal
from store.accounts import accounts, sessions
from web.context import SignedIn, WebContext
from web.security.passwords import SignInFailed, check_password, describe_wait

CONFIRMED_FOR = timedelta(minutes=5)
"""So long another system's new proof serves, for the one task that it was given for."""


@dataclass(frozen=True)
class ProofWay:
    """The way in which a person proves who they are: with a password in the form itself, or behind `link` at another system;
    `is_given` when that was done for this task a moment ago."""

    by_password: bool
    link: str
    is_given: bool


async def way_to_prove(context: WebContext, who: SignedIn, about: str, page: str) -> ProofWay:
    """The way of this person for `about` (a task's id), from `page` and back to it."""
    account = await context.services.read(accounts.get, who.principal.account_id)
    by_password = account is not None and account.password_hash is not None
    given = not by_password and _is_fresh(who, about, context.services.clock())
    return ProofWay(by_password, f"/sign-in/oidc/confirm?{urlencode({'about': about, 'next': page})}", given)


async def confirm_identity(
    context: WebContext, who: SignedIn, form: Mapping[str, Any], about: str = "", address: str = ""
) -> None:
    """Let a person who signs prove again who they are: by the form's `password`; or, without a password here, by a new sign-in
    at the other system that was for `about` (a task's id), is not older than five minutes, and serves once.

    Raises Refused: `sign.identity`, or `sign.attempts` while too many wrong ones make it wait. Wrong passwords count by
    themselves, so that nobody outside keeps a signer waiting; `address` is the one that the request comes from.
    """
    account = await context.services.read(accounts.get, who.principal.account_id)
    if account is not None and account.password_hash is None:
        if not await context.services.write(_use_proof, who.token, about, context.services.clock()):
            raise refusal(
                "sign.identity",
                "Your plan's sign-in has not confirmed who you are for this decision.",
                "Confirm it there; everything you wrote is kept.",
            )
        return
    given = form.get("password")
    if account is None or not isinstance(given, str) or not given:
        raise refusal("sign.identity", "That is not your password.", "Give the password that you sign in with.")
    try:
        await check_password(context, account.user_name, given, address, "proof")
    except SignInFailed as failed:
        if failed.waits_until is not None:
            wait = describe_wait(failed.waits_until, context.services.clock())
            raise refusal("sign.attempts", "The password was wrong too often.", f"Try again {wait}.") from None
        raise refusal(
            "sign.identity", "That is not your password.", "Give the password that you sign in with."
        ) from None


def _is_fresh(who: SignedIn, about: str, now: datetime) -> bool:
    at = who.session.confirmed_at
    return at is not None and who.session.confirmed_for == about and now - at <= CONFIRMED_FOR


def _use_proof(s: Session, token: str, about: str, now: datetime) -> bool:
    """Whether there is a proof for this; it is used up, whatever it was for."""
    session = sessions.find(s, token)
    if session is None or session.confirmed_at is None:
        return False
    sessions.confirm(s, sessions.hash_token(token), None, None)
    return session.confirmed_for == about and now - session.confirmed_at <= CONFIRMED_FOR
