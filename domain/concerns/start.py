"""Workflow input of a concern, and its case number."""

from __future__ import annotations

import hashlib
from datetime import datetime

from pydantic import AwareDatetime

from domain.case_numbers import CasePrefix, number_of_digest
from domain.concerns.case import QualityConcernCase
from domain.model import Model
from domain.vocabulary import ConcernKind


class ConcernStart(Model):
    """A concern about quality or safety, or a referral to care management. `case_id` begins with ``QC-``.

    `raised_by` is its reporter (a reviewer id; ``umpire`` where software raised it), `about_case_id` the case in which it
    was seen, `about_task_id` the task at which it was, if any; `what` says it in words, `at` (UTC) when. `carried` is
    the concern of an earlier run.
    """

    case_id: str
    kind: ConcernKind
    raised_by: str
    about_case_id: str
    about_task_id: str | None = None
    member_id: str
    what: str
    at: AwareDatetime
    carried: QualityConcernCase | None = None

    @property
    def received_at(self) -> datetime:
        """The receipt of the concern (UTC), which is when it was raised."""
        return self.at


def concern_id_for(message_id: str) -> str:
    """The concern's number, for example ``QC-7K3QX2MDVH5A``: sixty bits of SHA-256 over the id of the message that raised it.

    The same message always gives the same number, so that a repeated message joins the concern of the first.
    """
    digest = hashlib.sha256(f"concern:{message_id}".encode()).digest()
    return number_of_digest(CasePrefix.CONCERN, digest)
