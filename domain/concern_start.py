"""What starts the process of a concern about quality, safety or the coordination of somebody's care."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime

from domain.model import Model


class ConcernStart(Model):
    """A concern as it was raised. `case_id` is its own number (``QC-...``), `about_case_id` the dossier that it came up in."""

    case_id: str
    kind: Literal["quality", "safety", "care_management"]
    raised_by: str
    about_case_id: str
    member_id: str
    what: str
    at: AwareDatetime
