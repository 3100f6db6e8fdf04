"""Keys of documents that could not be read as a whole: sender and identifier, as far as they stand there."""

from __future__ import annotations

from typing import Any

from domain.errors import NotReadable
from interop.json_parser import parse_json


def document_key(raw: bytes) -> tuple[str, str] | None:
    """The sender and the sender's identifier of a document; None where either cannot be told.

    Of a Bundle the identifier's system stands for the sender. Two documents with one key are meant to be one.
    """
    try:
        document = parse_json(raw)
    except (NotReadable, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    if "resourceType" in document:
        named = document.get("identifier")
        return _key(named.get("system"), named.get("value")) if isinstance(named, dict) else None
    sender = document.get("sender")
    said = (sender.get("npi") or sender.get("organization")) if isinstance(sender, dict) else None
    return _key(said, document.get("submission_id") or document.get("claim_number"))


def _key(sender: Any, identifier: Any) -> tuple[str, str] | None:
    stated = (sender, identifier)
    return (sender, identifier) if all(isinstance(one, str) and one.strip() for one in stated) else None
