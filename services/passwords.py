"""Passwords of local accounts: how they are hashed, and which ones are taken."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from domain.errors import refusal

TIME_COST, MEMORY_KIB, LANES = 2, 19 * 1024, 1
"""Argon2id as the OWASP Password Storage Cheat Sheet names it: two passes over 19 MiB, one lane."""
SHORTEST, LONGEST = 12, 256
"""Characters of a password (NIST SP 800-63B asks for at least 8 where it is not the only factor, and 15 where it is)."""
_HASHER = PasswordHasher(TIME_COST, MEMORY_KIB, LANES)
_DULL = frozenset(
    {"password1234", "passwordpassword", "123456789012", "qwertyuiopas", "letmeinletmein", "changemeplease"}
)


def hash_password(password: str) -> str:
    """The hash to store, with its salt and parameters."""
    return _HASHER.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether the password is the one of this hash. It takes the same time where there is no hash."""
    try:
        return _HASHER.verify(stored or _NOBODYS_HASH, password[: LONGEST + 1]) and stored is not None
    except (Argon2Error, InvalidHashError):
        return False


def needs_new_hash(stored: str) -> bool:
    """Whether the hash was made with other parameters than those of today."""
    return _HASHER.check_needs_rehash(stored)


def check_new_password(user_name: str, password: str) -> None:
    """Raise Refused for a password that is too short, too long, the user's own name or among the first to be guessed."""
    plain = password.casefold()
    if not SHORTEST <= len(password) <= LONGEST:
        said = f"It has {len(password)} characters; {SHORTEST} to {LONGEST} are needed."
    elif user_name.casefold() in plain or any(
        len(part) > 3 and part in plain for part in user_name.casefold().split(".")
    ):
        said = "It contains the user name or a part of it."
    elif plain in _DULL or len(set(plain)) < 5:
        said = "It is among the first that anybody would guess."
    else:
        return
    raise refusal(
        "account.password", f"This password is not taken. {said}", "Choose a few words that belong to you alone."
    )


_NOBODYS_HASH = _HASHER.hash("nobody has this password")
"""Made with the module: the first user name that nobody has takes no longer than any other."""
