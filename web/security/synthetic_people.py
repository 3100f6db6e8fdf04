"""The invented plan's people as accounts, who sign in by one click while Umpire is tried, and never in production."""

from __future__ import annotations

from functools import cache

from sqlalchemy.orm import Session

from domain.errors import refusal
from services import passwords
from store import directory
from store.accounts import accounts
from store.accounts.accounts import Account, AccountKind

PASSWORD = "umpire"  # noqa: S105 - of people who do not exist, and printed on the sign-in page
"""The one password of the invented people: signing asks for it, so that signing is a second act here as well."""
INVENTED_PLANS = frozenset({"1888888884"})
"""Plans whose people do not exist. The people of any other plan get no account by themselves, in no mode."""


def create_accounts(s: Session) -> None:
    """Give everybody in the directory of an invented plan an account, unless they have one. For development mode alone."""
    if not INVENTED_PLANS.issuperset(directory.plans(s)):
        return
    known = {(one.kind, one.subject) for one in accounts.list_all(s) if one.password_hash is not None}
    people = [(AccountKind.REVIEWER, who.reviewer_id, who.name) for who in directory.reviewers(s)]
    people += [(AccountKind.PROVIDER, one.npi, one.name) for one in directory.providers(s)]
    for kind, subject, name in people:
        if (kind, subject) not in known:
            user_name = subject.casefold() if kind is AccountKind.REVIEWER else f"provider.{subject}"
            accounts.put(
                s,
                Account(
                    account_id=f"{kind.value}:{subject}",
                    user_name=user_name,
                    kind=kind,
                    subject=subject,
                    name=name,
                    password_hash=_hash(),
                    synthetic=True,
                ),
            )


def require_none(s: Session) -> None:
    """Raise Refused while an account of an invented person is there: production does not start with one."""
    if any(one.synthetic for one in accounts.list_all(s)):
        raise refusal(
            "accounts.synthetic",
            "Accounts of the invented plan's people are in this store, and everybody knows their password.",
            "Remove them with 'umpire account remove --synthetic', or set UMPIRE_MODE=development.",
        )


@cache
def _hash() -> str:
    return passwords.hash_password(PASSWORD)
