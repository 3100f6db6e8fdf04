"""Accounts of people who sign in with a password or through another system: added, locked, removed by the operator."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from domain.errors import NotOnFile, refusal
from services import passwords
from store import directory
from store.accounts import accounts, identities, sessions
from store.accounts.accounts import Account, AccountKind


def add_account(s: Session, user_name: str, subject: str, password: str | None) -> Account:
    """Add an account for a reviewer of the directory, or for a provider by NPI. Without a password only another system signs
    in to it. Raises NotOnFile and Refused."""
    name = user_name.strip().casefold()
    if not name or any(character.isspace() for character in name):
        raise refusal("account.user_name", "A user name has no spaces.", "Give a name such as grace.adams.")
    if accounts.of_user_name(s, name) is not None:
        raise refusal("account.user_name", f"There is an account {name} already.", "Choose another user name.")
    kind, known_as = _subject(s, subject)
    account = Account(account_id=f"account:{name}", user_name=name, kind=kind, subject=subject, name=known_as)
    if password is not None:
        passwords.check_new_password(name, password)
        account = account.model_copy(update={"password_hash": passwords.hash_password(password)})
    accounts.put(s, account)
    return account


def set_password(s: Session, user_name: str, password: str, now: datetime, but: str | None = None) -> Account:
    """Set the password, and end every session of the account except that of the token `but`. Raises NotOnFile and Refused."""
    account = require_account(s, user_name)
    if account.synthetic:
        raise refusal("account.synthetic", "The invented plan's people keep their one password.", "Add an account.")
    passwords.check_new_password(account.user_name, password)
    accounts.put(s, account.model_copy(update={"password_hash": passwords.hash_password(password)}))
    sessions.end_all(s, account.account_id, now, but)
    return account


def set_active(s: Session, user_name: str, active: bool, now: datetime) -> Account:
    """Lock the account, which ends its sessions, or unlock it. Raises NotOnFile."""
    account = require_account(s, user_name)
    accounts.put(s, account.model_copy(update={"active": active}))
    if not active:
        sessions.end_all(s, account.account_id, now)
    return account


def remove_accounts(s: Session, user_name: str | None, now: datetime) -> int:
    """Remove the account, or with None those of the invented plan's people; the number removed. Raises NotOnFile."""
    gone = (
        [one for one in accounts.list_all(s) if one.synthetic] if user_name is None else [require_account(s, user_name)]
    )
    for account in gone:
        sessions.end_all(s, account.account_id, now)
        accounts.remove(s, account.account_id)
    return len(gone)


def link_identity(s: Session, user_name: str, issuer: str, subject: str) -> Account:
    """Let an identity of an OpenID provider, by its issuer and `sub`, sign in to the account. Raises NotOnFile and Refused."""
    account = require_account(s, user_name)
    if not issuer.startswith(("https://", "http://")) or not subject:
        raise refusal(
            "account.identity", "An identity is an issuer's address and a subject.", "Copy both from the token."
        )
    identities.link(s, issuer, subject, account.account_id)
    return account


def require_account(s: Session, user_name: str) -> Account:
    """The account of this user name. Raises NotOnFile."""
    account = accounts.of_user_name(s, user_name)
    if account is None:
        raise NotOnFile(f"There is no account {user_name}.", "'umpire account list' shows all of them.")
    return account


def _subject(s: Session, subject: str) -> tuple[AccountKind, str]:
    """For whom an account of this subject acts, and under which name."""
    who = directory.reviewer(s, subject)
    if who is not None:
        return AccountKind.REVIEWER, who.name
    provider = directory.provider(s, subject)
    if provider is not None:
        return AccountKind.PROVIDER, provider.name
    raise NotOnFile(
        f"The directory has neither a reviewer nor a provider {subject}.", "Load them with 'umpire store load'."
    )
