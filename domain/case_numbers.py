"""Case numbers: a prefix that names the process, and a code that reveals nothing about the case.

A number follows from what the case is about, so that the same thing never becomes two cases. The cases that a case starts
share its code, and anybody who knows one number can derive the others here.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from enum import StrEnum

from domain.journal import canonical_json
from domain.vocabulary import ProcessKind


class CasePrefix(StrEnum):
    """The beginning of a case number. Each process has one, under the name of its `ProcessKind`."""

    REQUEST = "PA-"
    STAY = "ST-"
    DISCHARGE_PLAN = "DP-"
    RETROSPECTIVE_REVIEW = "RR-"
    CONCERN = "QC-"
    CALLBACK = "CB-"
    APPEAL = "AP-"


def kind_of(case_id: str) -> ProcessKind | None:
    """The process of a case by its number; None for a number without a known prefix."""
    prefix = _prefix_of(case_id)
    return None if prefix is None else ProcessKind[prefix.name]


def keyed_number(prefix: CasePrefix, identity: list[object], key: bytes) -> str:
    """The number of the case with this identity: sixty bits of HMAC-SHA256 under the installation's key."""
    return number_of_digest(prefix, hmac.new(key, canonical_json(identity), hashlib.sha256).digest())


def number_of_digest(prefix: CasePrefix, digest: bytes) -> str:
    """The number with sixty bits of this digest as its code."""
    return prefix + base64.b32encode(digest[:8]).decode()[:12]


def with_prefix(prefix: CasePrefix, typed: str) -> str:
    """A typed number as stored: upper case, with this prefix unless it has it."""
    number = typed.strip().upper()
    return number if number.startswith(prefix) else prefix + number


# -- numbers that follow from another case's -------------------------------------------------------------------------------


def stay_number(case_id: str) -> str:
    """The number of the stay that a discharge plan accompanies; a stay's own number stays as it is."""
    return CasePrefix.STAY + case_id.removeprefix(CasePrefix.STAY).removeprefix(CasePrefix.DISCHARGE_PLAN)


def plan_number(stay_id: str) -> str:
    """The number of a stay's discharge plan."""
    return CasePrefix.DISCHARGE_PLAN + _code_of(stay_id)


def review_number(stay_id: str, number: int | str) -> str:
    """The number of a stay's concurrent review, so that opening it twice opens one."""
    return f"{CasePrefix.REQUEST}{_code_of(stay_id)}-R{number}"


def is_review_of(case_id: str, stay_id: str) -> bool:
    """Whether the case is a concurrent review of this stay."""
    number = case_id.removeprefix(review_number(stay_id, ""))
    # What has one more part in its number is a case about the review, such as the review of its appeal.
    return number != case_id and "-" not in number


def next_setting_number(plan_id: str, number: int) -> str:
    """The number of the review of a discharge plan's next level of care."""
    return f"{CasePrefix.REQUEST}{_code_of(plan_id)}-NEXT{number}"


def care_management_number(plan_id: str, number: int) -> str:
    """The number of a discharge plan's referral to care management."""
    return f"{CasePrefix.CONCERN}{_code_of(plan_id)}-CM{number}"


def post_service_number(retrospective_id: str) -> str:
    """The number of the review that decides a claim's unauthorized care; there is one for each claim."""
    return f"{CasePrefix.REQUEST}{_code_of(retrospective_id)}R1"


def reported_concern_number(retrospective_id: str, number: int) -> str:
    """The number of a concern that a retrospective review reports."""
    return f"{CasePrefix.CONCERN}{_code_of(retrospective_id)}N{number}"


def follow_up_number(case_id: str, number: int) -> str:
    """The number of a request that follows the decision of a case: a reopening, or a change of its authorization."""
    return f"{case_id}-F{number}"


def followed_number(case_id: str) -> str | None:
    """The number of the decided case under which a follow-up is numbered; None for a case that is no follow-up."""
    first, mark, number = case_id.rpartition("-F")
    return first if mark and number.isdigit() else None


def appeal_number(case_id: str, level: int) -> str:
    """The number of the appeal of a determination at this level of the plan, so that appealing it twice opens one appeal."""
    return f"{CasePrefix.APPEAL}{_code_of(case_id)}-L{level}"


def appeal_review_number(appeal_id: str) -> str:
    """The number of the review that decides an appeal."""
    return CasePrefix.REQUEST + _code_of(appeal_id)


def authorization_number(case_id: str) -> str:
    """The authorization number of an approved request."""
    return f"AU{_code_of(case_id)}"


def _prefix_of(case_id: str) -> CasePrefix | None:
    return next((prefix for prefix in CasePrefix if case_id.startswith(prefix)), None)


def _code_of(case_id: str) -> str:
    return case_id.removeprefix(_prefix_of(case_id) or "")
