"""Identities of an OpenID provider: for which account here each of them signs in, with which roles."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from engine.web_settings import OidcSettings
from services.principals import Principal
from store import directory
from store.accounts import accounts, identities
from store.accounts.accounts import Account, AccountKind
from web.context import WebContext
from web.security.oidc import NotSignedIn, provider_of
from web.security.sessions import principal_of


@dataclass(frozen=True)
class IdentifiedAccount:
    """The account of an identity; `roles` are those that the provider grants, None where it does not say."""

    account: Account
    roles: tuple[str, ...] | None


@dataclass(frozen=True)
class Bearer:
    """The person behind a bearer token, and its scopes."""

    principal: Principal
    scopes: frozenset[str]


async def principal_of_bearer(context: WebContext, token: str) -> Principal:
    """The person behind a bearer token of the OpenID provider. Raises NotSignedIn and Unavailable."""
    return (await read_bearer(context, token)).principal


async def read_bearer(context: WebContext, token: str) -> Bearer:
    """The person behind a bearer token of the OpenID provider, with its scopes. Raises NotSignedIn and Unavailable."""
    settings = context.settings.oidc
    if settings is None:
        raise NotSignedIn("no provider is set")
    claims = await provider_of(settings).check_bearer(token, context.services.clock())
    found = await context.services.write(find_account, settings, claims)
    principal = await context.services.read(principal_of, found.account, found.roles) if found is not None else None
    if principal is None:
        raise NotSignedIn("nobody here")
    said = claims.get("scope") or claims.get("scp") or ""
    return Bearer(principal, frozenset(said.split() if isinstance(said, str) else map(str, said)))


def find_account(s: Session, settings: OidcSettings, claims: Mapping[str, Any]) -> IdentifiedAccount | None:
    """The account of an identity: the one that it is linked to, or the one of the reviewer or provider whom its claims name.

    The latter is made at the first sign-in, without a password. None where there is neither.
    """
    roles = _granted_roles(settings, claims)
    linked = identities.account_of(s, settings.issuer, str(claims["sub"]))
    if linked is not None:
        account = accounts.get(s, linked)
        return IdentifiedAccount(account, roles) if account is not None else None
    for claim, kind in (
        (settings.reviewer_claim, AccountKind.REVIEWER),
        (settings.provider_claim, AccountKind.PROVIDER),
    ):
        subject = claims.get(claim) if claim else None
        if isinstance(subject, str) and subject:
            account = _account_by_claim(s, kind, subject, f"{settings.issuer} {claims['sub']}")
            return IdentifiedAccount(account, roles) if account is not None else None
    return None


def _account_by_claim(s: Session, kind: AccountKind, subject: str, identity: str) -> Account | None:
    known = directory.reviewer(s, subject) if kind is AccountKind.REVIEWER else directory.provider(s, subject)
    if known is None:
        return None
    account_id = f"oidc:{hashlib.sha256(identity.encode()).hexdigest()[:24]}"
    account = accounts.get(s, account_id)
    if account is None or (account.kind, account.subject) != (kind, subject):
        active = account.active if account is not None else True
        account = Account(
            account_id=account_id, user_name=account_id, kind=kind, subject=subject, name=known.name, active=active
        )
        accounts.put(s, account)
    return account


def _granted_roles(settings: OidcSettings, claims: Mapping[str, Any]) -> tuple[str, ...] | None:
    if not settings.roles_claim:
        return None
    said = claims.get(settings.roles_claim)
    values = {said} if isinstance(said, str) else {str(one) for one in said} if isinstance(said, list) else set()
    return tuple(sorted({role for value, role in settings.roles if value in values}))
