"""Callback messages and quality concerns as plain JSON: ``umpire-callback/1``, ``umpire-concern/1``.

A telephone system writes the first; the command line writes both.
"""

from __future__ import annotations

import re
from typing import Literal, TypeVar

from pydantic import AwareDatetime, Field, ValidationError

from domain.callbacks.case import CallerKind
from domain.callbacks.policy import CallTopic
from domain.errors import NotReadable
from domain.journal import canonical_json
from domain.model import Model
from domain.vocabulary import ConcernKind
from interop import json_parser
from interop.issues import IssueCollector, not_readable, require_within_limits
from interop.plain.validation_issues import add_validation_issues

CALLBACK: Literal["umpire-callback/1"] = "umpire-callback/1"
CONCERN: Literal["umpire-concern/1"] = "umpire-concern/1"
MAX_BYTES = 256 * 1024
_MARK = re.compile(rb'"format"\s*:\s*"(umpire-callback/1|umpire-concern/1)"')
M = TypeVar("M", bound=Model)


class CallbackMessage(Model):
    """A message for utilization staff. `left_at` is when it was left, with its offset (None: the time of arrival).

    `reference` is the telephone system's own number of the recording, which identifies a repeat. `language` is an ISO 639
    code; `tty` None means not stated. `plan_id` names the plan when the caller is no member and there are several.
    """

    format: Literal["umpire-callback/1"] = Field(description="The name of this format.")
    left_at: AwareDatetime | None = Field(
        default=None, description="When the message was left: an instant with its offset. Left out: when it arrived."
    )
    from_whom: CallerKind = Field(description="Who called.")
    member_id: str | None = Field(
        default=None, description="The member whom the call is about, by the id on the plan's card."
    )
    caller_name: str = Field(min_length=1, max_length=200, description="The caller's name.")
    caller_organization: str | None = Field(
        default=None,
        max_length=200,
        exclude_if=lambda named: named is None,
        description="The organization for which they call, such as the practice of a provider.",
    )
    phone: str = Field(min_length=3, max_length=60, description="The number to call back.")
    about: CallTopic = Field(description="The topic, without health information.")
    about_case: str | None = Field(default=None, description="The case number that the caller named.")
    message: str | None = Field(default=None, max_length=20_000, description="The message as it was left.")
    language: str | None = Field(
        default=None,
        pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$",
        description="The caller's language, an ISO 639 code such as es.",
    )
    tty: bool | None = Field(default=None, description="Whether the caller uses TTY. Left out: not stated.")
    plan_id: str | None = Field(
        default=None, description="The plan, when the caller is no member and there are several."
    )
    reference: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        description="The telephone system's own number of the recording; a repeat is known by it.",
    )
    taken_by: str | None = Field(
        default=None, description="The reviewer id of the one who took the message, when a person did."
    )


class ConcernReport(Model):
    """A concern about quality or safety, or a referral to care management; `raised_by` is a reviewer id."""

    format: Literal["umpire-concern/1"] = Field(description="The name of this format.")
    kind: ConcernKind = Field(description="The kind of concern.")
    what: str = Field(min_length=1, max_length=20_000, description="The concern in words.")
    raised_by: str = Field(description="The reviewer id of the one who raises it.")
    about_case: str = Field(description="The case that it is about.")
    about_task: str | None = Field(default=None, description="The task in which it was seen.")


def as_bytes(document: CallbackMessage | ConcernReport) -> bytes:
    """The document as it is stored: the same document always gives the same bytes."""
    return canonical_json(document.model_dump(mode="json"))


def is_callback_or_concern(raw: bytes) -> bool:
    """Whether these bytes declare one of the two formats."""
    return len(raw) <= MAX_BYTES and _MARK.search(raw) is not None


def read_callback_or_concern(raw: bytes) -> CallbackMessage | ConcernReport:
    """The document. Raises NotReadable with the position of every problem."""
    value = json_parser.parse_json(raw, MAX_BYTES)
    said = value.get("format") if isinstance(value, dict) else None
    if said == CONCERN:
        return _read(ConcernReport, raw, CONCERN)
    if said == CALLBACK:
        return _read(CallbackMessage, raw, CALLBACK)
    raise not_readable("$.format", "umpire-format", "the format is not named", f"'{CALLBACK}' or '{CONCERN}'")


def _read(model: type[M], raw: bytes, rule: str) -> M:
    findings = IssueCollector()
    try:
        return require_within_limits(model.model_validate_json(raw))
    except ValidationError as wrong:
        add_validation_issues(wrong, findings, rule)
    raise NotReadable(findings.problems)
