"""Use of the keyring's keys: which of them the histories that Temporal keeps still need, found without decrypting anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload
from temporalio.client import Client, WorkflowExecutionStatus

from domain.model import Model
from engine.codec import is_sealed


class KeyUse(Model):
    """One key: whether it is in this process's keyring, whether it encrypts, and what histories hold under it.

    `example` is a case that needs it.
    """

    key_id: str
    in_keyring: bool
    encrypts: bool
    payloads: int
    open_cases: int
    ended_cases: int
    example: str | None = None

    @property
    def says(self) -> str:
        """The state of the key and what is to be done about it, in words."""
        if not self.in_keyring:
            return "Missing: these histories cannot be read. Add it back."
        if self.encrypts:
            return "Encrypts what is new. Keep it."
        return "Still needed. Keep it." if self.payloads else "Nothing is left under it. It may be removed."


class KeyringUse(Model):
    """All keys, those of the ring first in their order, and how many payloads are in the clear."""

    keys: tuple[KeyUse, ...]
    histories: int
    in_the_clear: int


@dataclass
class _Found:
    payloads: int = 0
    cases: Counter[bool] = field(default_factory=Counter)
    example: str | None = None


async def read_key_use(client: Client, ring: Iterable[str]) -> KeyringUse:
    """Read every history that the server keeps, and count its payloads by the key that sealed them."""
    found: dict[str, _Found] = {key_id: _Found() for key_id in ring}
    known = list(found)
    histories = clear = 0
    async for listed in client.list_workflows():
        handle = client.get_workflow_handle(listed.id, run_id=listed.run_id)
        counted: Counter[str] = Counter()
        async for event in handle.fetch_history_events():
            counted.update(key_ids(event))
        histories += 1
        clear += counted.pop("", 0)
        for key_id, number in counted.items():
            of_key = found.setdefault(key_id, _Found())
            of_key.payloads += number
            of_key.cases[listed.status is WorkflowExecutionStatus.RUNNING] += 1
            of_key.example = of_key.example or listed.id
    keys = tuple(
        KeyUse(
            key_id=key_id,
            in_keyring=key_id in known,
            encrypts=known[:1] == [key_id],
            payloads=one.payloads,
            open_cases=one.cases[True],
            ended_cases=one.cases[False],
            example=one.example,
        )
        for key_id, one in found.items()
    )
    return KeyringUse(keys=keys, histories=histories, in_the_clear=clear)


def key_ids(message: Message) -> Iterator[str]:
    """The key of each payload within a message of the API; empty for one in the clear."""
    if isinstance(message, Payload):
        yield message.metadata["key-id"].decode(errors="replace") if is_sealed(message) else ""
        return
    for descriptor, value in message.ListFields():
        if descriptor.message_type is None:
            continue
        if descriptor.message_type.GetOptions().map_entry:
            values = value.values()
        elif isinstance(value, Message):
            values = (value,)
        else:
            values = value
        for one in values:
            if isinstance(one, Message):
                yield from key_ids(one)
