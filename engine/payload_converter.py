"""Payloads in the form of pydantic, of which none can stop a run before its code is asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue
from temporalio.contrib.pydantic import PydanticPayloadConverter


class LenientPayloadConverter(PydanticPayloadConverter):
    """Pydantic payloads. Where no type is expected, a payload that cannot be read is handed over as it is, for the receiver to
    refuse: an error here would stop a run before its code is asked."""

    def from_payloads(self, payloads: Sequence[Payload], type_hints: list[type] | None = None) -> list[Any]:
        if type_hints:
            return super().from_payloads(payloads, type_hints)
        return [self._read_or_wrap(payload) for payload in payloads]

    def _read_or_wrap(self, payload: Payload) -> Any:
        try:
            return super().from_payloads([payload])[0]
        except (KeyError, RuntimeError, ValueError):
            return RawValue(payload)
