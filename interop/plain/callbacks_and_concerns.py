"""A message that somebody left, and a concern that somebody raises, as plain JSON: ``umpire-callback/1``, ``umpire-concern/1``.

A telephone system writes the first; the command line writes both for whoever types.
"""

from __future__ import annotations

import re
from typing import Literal, TypeVar

from pydantic import AwareDatetime, Field, ValidationError

from domain.callbacks.case import FromWhom
from domain.callbacks.policy import CallTopic
from domain.errors import NotReadable
from domain.journal import canonical
from domain.model import Model
from domain.vocabulary import ConcernKind
from interop import jsontext
from interop.issues import Findings, refusal
from interop.plain.problems import report

CALLBACK: Literal["umpire-callback/1"] = "umpire-callback/1"
CONCERN: Literal["umpire-concern/1"] = "umpire-concern/1"
MAX_BYTES = 256 * 1024
_MARK = re.compile(rb'"format"\s*:\s*"(umpire-callback/1|umpire-concern/1)"')
M = TypeVar("M", bound=Model)


class LeftMessage(Model):
    """A message for utilization staff. `left_at` is when it was left, with its offset (None: when it arrived here).

    `reference` is the telephone system's own number of the recording, by which a repeat is known. `language` is an ISO 639
    code; `tty` None means that nobody said. `plan_id` tells the plan where the caller is no member and there are several.
    """

    format: Literal["umpire-callback/1"]
    left_at: AwareDatetime | None = None
    from_whom: FromWhom
    member_id: str | None = None
    caller_name: str = Field(min_length=1, max_length=200)
    phone: str = Field(min_length=3, max_length=60)
    about: CallTopic
    about_case: str | None = None
    message: str | None = Field(default=None, max_length=20_000)
    language: str | None = Field(default=None, pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
    tty: bool | None = None
    plan_id: str | None = None
    reference: str | None = Field(default=None, min_length=1, max_length=200)
    taken_by: str | None = None


class RaisedConcern(Model):
    """A concern about quality or safety, or a referral to care management; `raised_by` is a reviewer id."""

    format: Literal["umpire-concern/1"]
    kind: ConcernKind
    what: str = Field(min_length=1, max_length=20_000)
    raised_by: str
    about_case: str
    about_task: str | None = None


def as_bytes(document: LeftMessage | RaisedConcern) -> bytes:
    """The document as it is kept: the same one always gives the same bytes."""
    return canonical(document.model_dump(mode="json"))


def is_contact(raw: bytes) -> bool:
    """Whether these bytes say that they are such a document."""
    return len(raw) <= MAX_BYTES and _MARK.search(raw) is not None


def read_contact(raw: bytes) -> LeftMessage | RaisedConcern:
    """The document. Raises NotReadable with the place of everything that is wrong."""
    value = jsontext.parse(raw, MAX_BYTES)
    said = value.get("format") if isinstance(value, dict) else None
    if said == CONCERN:
        return _read(RaisedConcern, raw, CONCERN)
    if said == CALLBACK:
        return _read(LeftMessage, raw, CALLBACK)
    raise refusal("$.format", "umpire-format", "the format is not named", f"'{CALLBACK}' or '{CONCERN}'")


def _read(model: type[M], raw: bytes, rule: str) -> M:
    findings = Findings()
    try:
        return model.model_validate_json(raw)
    except ValidationError as wrong:
        report(wrong, findings, rule)
    raise NotReadable(findings.problems)
