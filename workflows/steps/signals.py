"""Receipt of signals: every name, any payload. What can be read becomes a message; the rest is remarked upon in the journal.

This module is imported past the workflow sandbox, so nothing here may use a clock, a file or randomness; linting forbids it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple, get_args

from temporalio import workflow
from temporalio.common import RawValue

from domain.cases.concern_notes import NoteConcern
from domain.cases.messages import BaseMessage

SIGNAL_NAME = re.compile(r"[a-z][a-z_]{0,49}")


class UnreadableSignal(NamedTuple):
    """A signal that is no message of its case: its name, and the reason without a word of its content."""

    name: str
    why: str


def signal_types(messages: Any) -> Mapping[str, type[BaseMessage]]:
    """The signals of a process: each message type of the union under its own name, and the note of a concern."""
    kinds: tuple[type[BaseMessage], ...] = (*_members(messages), NoteConcern)
    return MappingProxyType({_type_name(kind): kind for kind in kinds})


class SignalReceiver:
    """The signal handler of every workflow. It only puts messages in the inbox; the workflow's loop handles them."""

    signals: ClassVar[Mapping[str, type[BaseMessage]]]
    inbox: list[Any]

    @workflow.signal(dynamic=True)
    def receive_signal(self, name: str, arguments: Sequence[RawValue]) -> None:
        read = read_signal(self.signals, name, arguments)
        # Earlier releases dropped what they could not read: their runs continue as they began.
        if not isinstance(read, UnreadableSignal) or workflow.patched("unreadable-signals-journaled"):
            self.inbox.append(read)


def read_signal(
    known: Mapping[str, type[BaseMessage]], name: str, arguments: Sequence[RawValue]
) -> BaseMessage | UnreadableSignal:
    """The message that a signal carries. Nothing in a payload can raise an error here."""
    expected = known.get(name)
    if expected is None:
        shown = name if SIGNAL_NAME.fullmatch(name) else "a signal without a proper name"
        return UnreadableSignal(shown, "the case takes no such signal")
    if len(arguments) != 1:
        return UnreadableSignal(name, f"one argument is expected and {len(arguments) or 'none'} came")
    try:
        message = workflow.payload_converter().from_payload(arguments[0].payload, expected)
    except Exception:
        # The error's text would quote the payload.
        return UnreadableSignal(name, "its content is not a message of this kind")
    if type(message) is not expected:
        return UnreadableSignal(name, "its content is empty or not a message")
    return message


def _members(union: Any) -> tuple[type[BaseMessage], ...]:
    """The classes of an annotated union."""
    parts = get_args(union)
    if not parts:
        return (union,)
    if hasattr(union, "__metadata__"):
        return _members(parts[0])
    return tuple(member for part in parts for member in _members(part))


def _type_name(kind: type[BaseMessage]) -> str:
    return str(kind.model_fields["type"].default)
