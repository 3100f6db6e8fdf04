"""The base of every domain value."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A frozen value that refuses fields it does not know: a misspelt key is an error, never a silent default."""

    model_config = ConfigDict(frozen=True, extra="forbid")
