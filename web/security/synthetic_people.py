"""The invented plan's people as accounts, who sign in by one click while Umpire is tried, and never in production."""

from __future__ import annotations

from sqlalchemy.orm import Session

from domain.errors import refusal
from store import directory
from store.accounts import accounts
from store.accounts.accounts import Account, AccountKind


def create_accounts(s: Session) -> None:
    """Give everybody in the directory an account without a password, unless they have one. For development mode alone."""
    known = {(one.kind, one.subject) for one in accounts.list_all(s)}
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
                    synthetic=True,
                ),
            )


def require_none(s: Session) -> None:
    """Raise Refused while an account of an invented person is there: production does not start with one."""
    if any(one.synthetic and one.active for one in accounts.list_all(s)):
        raise refusal(
            "accounts.synthetic",
            "Accounts of the invented plan's people are in this store, and they need no password.",
            "Remove them with 'umpire account remove --synthetic', or set UMPIRE_MODE=development.",
        )
