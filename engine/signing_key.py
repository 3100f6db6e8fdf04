"""Ed25519 key of an installation, with which it signs what outsiders shall be able to check. The public half is theirs."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from domain.errors import NotReadable, Refused, RuleViolation, ValidationIssue

_OTHERS = 0o077
_RULE = "journal.key"


class SigningKey:
    """The private key. It signs, and gives its public half; it is never printed."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @property
    def public_pem(self) -> str:
        """The public half as PEM (SubjectPublicKeyInfo), for whoever checks signatures."""
        return self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def sign(self, content: bytes) -> bytes:
        return self._key.sign(content)


class VerifyingKey:
    """The public half of a signing key."""

    def __init__(self, key: Ed25519PublicKey) -> None:
        self._key = key

    def is_signature_of(self, signature: bytes, content: bytes) -> bool:
        """Whether the owner of the private key signed exactly this content."""
        try:
            self._key.verify(signature, content)
        except InvalidSignature:
            return False
        return True


def load_or_create(path: Path) -> tuple[SigningKey, bool]:
    """The key in the file, and whether it was made just now. A new file is for its owner alone (mode 0600).

    Raises Refused for a file that others can read, and NotReadable for one without an Ed25519 key.
    """
    if path.exists():
        return _load(path), False
    key = Ed25519PrivateKey.generate()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-key-")  # its mode is 0600
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
                out.flush()
                os.fsync(out.fileno())
            os.link(temporary, path)  # whole or not at all, and never over a key that is there
        finally:
            os.unlink(temporary)
    except FileExistsError:
        return _load(path), False
    except OSError as error:
        raise _unreadable(path, f"the file cannot be written: {error.strerror}") from None
    return SigningKey(key), True


def load_public(path: Path) -> VerifyingKey:
    """The public key in a PEM file. Raises NotReadable."""
    try:
        key = load_pem_public_key(path.read_bytes())
    except OSError as error:
        raise _unreadable(path, f"the file cannot be read: {error.strerror}") from None
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise _unreadable(path, "this is no public Ed25519 key in PEM form, as 'journal key --public FILE' writes it")
    return VerifyingKey(key)


def _load(path: Path) -> SigningKey:
    try:
        mode, content = path.stat().st_mode, path.read_bytes()
    except OSError as error:
        raise _unreadable(path, f"the file cannot be read: {error.strerror}") from None
    if mode & _OTHERS:
        message = f"The signing key {path} can be read by others (mode {mode & 0o777:04o}), who may have a copy of it."
        way_out = f"If nobody has: chmod 600 {path}. Else move it away, make a new one, and hand out its public key."
        raise Refused((RuleViolation(rule=_RULE, message=message, way_out=way_out),))
    try:
        key = load_pem_private_key(content, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise _unreadable(path, "this is no private Ed25519 key in PEM form without a password")
    return SigningKey(key)


def _unreadable(path: Path, message: str) -> NotReadable:
    return NotReadable((ValidationIssue(path=str(path), rule=_RULE, message=message),))
