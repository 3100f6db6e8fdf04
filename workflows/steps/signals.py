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
from domain.cases.desk_messages import DESK_MESSAGES
from domain.cases.messages import BaseMessage
from engine.codec import is_sealed
from engine.keyring import KeyringError

SIGNAL_NAME = re.compile(r"[a-z][a-z_]{0,49}")
UNNAMED = "a signal without a proper name"


class UnreadableSignal(NamedTuple):
    """A signal that is no message of its case: its name, and the reason without a word of its content. `is_sealed`: nobody
    here has the key to it, so that it may have been one."""

    name: str
    why: str
    is_sealed: bool = False


def signal_types(messages: Any) -> Mapping[str, type[BaseMessage]]:
    """The signals of a process: each message type of the union under its own name, and those that every case takes."""
    kinds: tuple[type[BaseMessage], ...] = (*_members(messages), NoteConcern, *DESK_MESSAGES)
    return MappingProxyType({_type_name(kind): kind for kind in kinds})


class SignalReceiver:
    """The signal handler of every workflow. It only puts messages in the inbox; the workflow's loop handles them."""

    signals: ClassVar[Mapping[str, type[BaseMessage]]]
    inbox: list[Any]
    heard: list[Any]
    signal_count = 0

    def hear(self, message: BaseMessage | UnreadableSignal) -> None:
        """Put a message in the inbox, and remember that this run has heard it."""
        self.heard.append(message)
        self.inbox.append(message)

    @workflow.signal(dynamic=True)
    def receive_signal(self, name: str, arguments: Sequence[RawValue]) -> None:
        self.signal_count += 1
        if self._is_sealed(arguments):
            shown = name if name in self.signals else UNNAMED
            self.hear(UnreadableSignal(shown, "it is encrypted under a key that is not in the keyring", is_sealed=True))
            return
        read = read_signal(self.signals, name, arguments)
        # Earlier releases dropped what they could not read: their runs continue as they began.
        if not isinstance(read, UnreadableSignal) or workflow.patched("unreadable-signals-journaled"):
            self.hear(read)

    def _is_sealed(self, arguments: Sequence[RawValue]) -> bool:
        """Whether the signal is refused as one that cannot be deciphered.

        The history remembers it by a mark: what was refused stays refused in a replay, also when the key has come by then.
        What was read once is never refused because a key is gone: reading it raises KeyringError, and the case waits.
        """
        mark = f"sealed-signal-{self.signal_count}"
        if workflow.unsafe.is_replaying():
            return workflow.patched(mark)
        return any(is_sealed(argument.payload) for argument in arguments) and workflow.patched(mark)


def read_signal(
    known: Mapping[str, type[BaseMessage]], name: str, arguments: Sequence[RawValue]
) -> BaseMessage | UnreadableSignal:
    """The message that a signal carries. Nothing in a payload can raise an error here, but a missing key: KeyringError."""
    expected = known.get(name)
    if expected is None:
        shown = name if SIGNAL_NAME.fullmatch(name) else UNNAMED
        return UnreadableSignal(shown, "the case takes no such signal")
    if len(arguments) != 1:
        return UnreadableSignal(name, f"one argument is expected and {len(arguments) or 'none'} came")
    try:
        message = workflow.payload_converter().from_payload(arguments[0].payload, expected)
    except KeyringError:
        raise
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
