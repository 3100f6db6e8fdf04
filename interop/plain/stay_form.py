"""Staff's message to a stay with records or a note: ``umpire-stay-form/1``, stored as entered before it is sent."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from domain.evidence.facts import Fact
from domain.journal import canonical_json
from domain.model import Model
from domain.stays.messages import ClinicalUpdate, RequestSecondLook

FORMAT: Literal["umpire-stay-form/1"] = "umpire-stay-form/1"
_MARK = b'{"facts":'
"""Beginning of the canonical form: its keys are sorted, and this one is always written."""


class StayForm(Model):
    """A message to a stay, with its file (bytes; base64 in JSON), a note, and facts that staff entered."""

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    format: Literal["umpire-stay-form/1"] = FORMAT
    stay_id: str
    message: Annotated[ClinicalUpdate | RequestSecondLook, Field(discriminator="type")]
    note: str | None = None
    facts: tuple[Fact, ...] = ()
    file_name: str | None = None
    file: bytes | None = None

    def has_same_content(self, other: StayForm) -> bool:
        """Whether two forms have the same content, regardless of time and message id."""
        return self._said() == other._said()

    def _said(self) -> bytes:
        message = self.message.model_dump(mode="json", exclude={"message_id", "at", "update_id", "actor"})
        facts = [fact.model_dump(mode="json", exclude={"source"}) for fact in self.facts]
        rest = self.model_dump(mode="json", exclude={"message", "facts", "file_name"})
        return canonical_json({"message": message, "facts": facts, "rest": rest})


def as_bytes(form: StayForm) -> bytes:
    """The form as it is stored: the same form always gives the same bytes."""
    return canonical_json(form.model_dump(mode="json"))


def is_stay_form(raw: bytes) -> bool:
    """Whether these bytes are such a form, as `as_bytes` writes it."""
    return raw.startswith(_MARK) and f'"format":"{FORMAT}"'.encode() in raw


def read_stay_form(raw: bytes) -> StayForm:
    """The form again. Raises ValueError for bytes that `as_bytes` did not write."""
    return StayForm.model_validate_json(raw)
