"""The base of every domain value."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A frozen value that rejects unknown fields: a misspelled key is an error, never a silent default.

    Its errors do not quote what was wrong: they get into logs, and the input may be about a patient.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
