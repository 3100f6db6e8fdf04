"""The people and systems outside know what they sent and which answer they got. The checks hold the store to it."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class SentDocument:
    """One document with the acknowledgments that its sender got: inbox number and receipt (UTC) of each."""

    name: str
    sha256: str
    is_change: bool = False
    acknowledged: list[tuple[int, datetime]] = field(default_factory=list)
    attempts: int = 0


@dataclass
class SentMessage:
    """One ADT message; `answer` is the last acknowledgment code that its sender got, empty when there was none."""

    name: str
    control_id: str
    sha256: str
    answer: str = ""
    attempts: int = 0


@dataclass
class Chronicle:
    """Everything that was seen from outside. `kills` counts them by component and way."""

    documents: dict[str, SentDocument] = field(default_factory=dict)
    messages: dict[str, SentMessage] = field(default_factory=dict)
    completed: dict[str, str] = field(default_factory=dict)
    """Tasks whose completion was accepted, with their case."""
    calls: dict[str, str] = field(default_factory=dict)
    """Callers whose withdrawal, or taking back of one, was accepted, with their case."""
    refused: Counter[str] = field(default_factory=Counter)
    kills: Counter[tuple[str, str]] = field(default_factory=Counter)
    restarts: Counter[str] = field(default_factory=Counter)

    def document(self, name: str, raw: bytes, *, is_change: bool = False) -> SentDocument:
        return self.documents.setdefault(name, SentDocument(name, hashlib.sha256(raw).hexdigest(), is_change))

    def message(self, name: str, raw: bytes) -> SentMessage:
        control_id = re.split(rb"[\r\n]", raw, maxsplit=1)[0].split(b"|")[9].decode()
        return self.messages.setdefault(name, SentMessage(name, control_id, hashlib.sha256(raw).hexdigest()))
