"""Checks of the facts of a request that ends without a determination, wherever it is: on a case or still in the inbox."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from domain.decisions.closings import Misdirection
from domain.decisions.signature_checks import STAMP_SKEW
from domain.errors import RuleViolation, violation
from domain.plain_language.printable import unprintable_reason


def misdirection_violations(received_at: datetime, sent: Misdirection, at: datetime) -> Iterator[RuleViolation]:
    """Every fact that the forwarding of what arrived at `received_at` lacks; `at` is the time of acting. All are UTC."""
    wrong = unprintable_reason(sent.to)
    if wrong is not None or not sent.address.strip():
        yield violation(
            "forward.to", "It is not told to whom it was forwarded, and where to.", "Name the plan and the address."
        )
    if not (sent.proof or "").strip() and not sent.document_id:
        yield violation(
            "forward.proof",
            "Nothing shows that it was forwarded.",
            "Forward it first; then give the number of the transmission, or the document that shows it.",
        )
    if not received_at - STAMP_SKEW <= sent.sent_at <= at + STAMP_SKEW:
        yield violation("message.stamp", "It was forwarded before its receipt or ahead of now.", "Correct the time.")
