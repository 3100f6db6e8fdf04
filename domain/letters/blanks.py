"""Blanks of the rulebook's letter wording: a closed list.

Words are plain sentences with named blanks in braces: ``Please ask by {appeal_by}.`` Each blank is filled from the
case, the plan or the rights to appeal; an unfilled blank makes the letter incomplete.
"""

from __future__ import annotations

from functools import lru_cache
from string import Formatter

# fmt: off
BLANKS = frozenset({
    # the plan
    "plan_name", "plan_phone", "plan_tty", "plan_fax", "plan_address", "plan_hours", "plan_website",
    "appeals_address", "appeals_phone", "appeals_fax", "peer_to_peer_phone",
    # the case
    "member_name", "member_id", "case_number", "letter_number", "requesting_provider", "servicing_provider", "asker",
    "services", "approved_services", "denied_services", "authorization_number", "approved_by_rule",
    "extension_reason", "not_required_because", "withdrawn_by", "expedite_refusal_reason", "consequence_words",
    "dismissal_reason", "dismissal_explanation", "covered_until", "other_payer", "forwarded_to", "forwarded_address",
    "forwarded_by", "forwarded_at", "filing_missing", "how_to_file",
    "what_changed", "supply_time", "supply_citation", "exception_until", "paid_by", "benefit_citation",
    # its dates and clocks
    "issue_date", "received", "decision_due", "decision_due_citation", "respond_by", "new_due",
    "peer_to_peer_until", "missed_due", "missed_citation",
    # liability after a missed clock
    "liability_for", "liability_until", "liability_citation", "liable_since",
    # the rights to appeal, and outside help
    "appeal_by", "appeal_days", "appeal_time", "fast_appeal_time", "continue_by", "continue_days",
    "help_name", "help_phone", "consumer_help_name", "consumer_help_phone",
    "hearing_agency", "hearing_phone", "hearing_address", "hearing_by", "hearing_days",
    # a stay, a discharge and the time after it
    "facility", "service", "admitted_on", "observation_began", "certified_through", "review_from", "last_covered_day",
    "liability_from", "effective_on", "discharge_on", "setting", "call_number",
    "reason", "basis", "plan_policy", "changed_since", "what_would_change", "advance_exception", "signed_by",
    "appointment_with", "appointment_purpose", "appointment_at", "appointment_place",
    # Medicare's review organization
    "qio_name", "qio_phone", "qio_tty", "qio_request_by",
})
# fmt: on

WordsAndBlanks = tuple[tuple[str, str | None], ...]


@lru_cache(maxsize=4096)
def parse_words(words: str, known: frozenset[str] = BLANKS) -> WordsAndBlanks:
    """The words as pairs of plain text and the blank that follows it (None after the last text).

    `known` are the blanks there are: of a case's letter, unless others are given. Raises ValueError for a brace that opens none
    of them; the message names them.
    """
    pieces: list[tuple[str, str | None]] = []
    for text, name, form, conversion in Formatter().parse(words):
        if name is not None and (name not in known or form or conversion):
            raise ValueError(f"{{{name}}} is not a blank; there are {', '.join(sorted(known))}")
        pieces.append((text, name))
    return tuple(pieces)


def blanks_of(words: str) -> tuple[str, ...]:
    """The names of the blanks in the words, in their order. Raises ValueError as `parse_words` does."""
    return tuple(name for _, name in parse_words(words) if name is not None)
