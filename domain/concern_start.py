"""What starts a concern: something about somebody's care that a person has to look into."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime

from domain.model import Model


class ConcernStart(Model):
    """A concern about quality or safety, or a referral to care management. `case_id` begins with ``QC-``.

    `raised_by` is who saw it, `about_case_id` the dossier in which it was seen, `what` says it in words, `at` (UTC) when.
    """

    case_id: str
    kind: Literal["quality", "safety", "care_management"]
    raised_by: str
    about_case_id: str
    member_id: str
    what: str
    at: AwareDatetime
