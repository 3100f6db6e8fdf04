"""Sentences of letters on changes: what changed, in words that a member understands."""

from __future__ import annotations

from collections.abc import Sequence

from domain.requests.after_decision import AfterDecision, AfterDecisionKind


def cancelled_words(services: Sequence[str], *, rest_goes_on: bool) -> str:
    """The sentences on services that were taken out of a request."""
    names = " and ".join(services)
    rest = " The rest of the request goes on." if rest_goes_on else ""
    return f"We were asked to take this out of the request: {names}. We did so. We did not say no to it.{rest}"


def put_on_record_words(asked: AfterDecision, *, is_filed: bool) -> str:
    """The sentences on what was put on record after a decision without a review."""
    if is_filed:
        return (
            f"You sent us more about case {asked.case_id} after we decided it. We keep it with the case. "
            "Our decision stays as it is for now. If you appeal in time, the people who decide the appeal will read it."
        )
    number = asked.authorization_number or asked.case_id
    if asked.kind is AfterDecisionKind.VOID:
        return f"Approval {number} was given back to us. It does not count any more. We did not say no to this care."
    why = f" {asked.why.strip().rstrip('.')}." if asked.why.strip() else ""
    return f"We put an error of writing in approval {number} right. What we decided stays the same.{why}"
