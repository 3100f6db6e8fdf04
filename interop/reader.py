"""Entry point for requests from outside: bytes in, a Submission out, or NotReadable with every reason."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from domain.errors import ValidationIssue
from domain.requests.remarks import ReadingRemark, add_remarks
from domain.vocabulary import Channel
from interop.fhir.request import read_bundle
from interop.issues import not_readable, require_within_limits
from interop.json_parser import MAX_BYTES, MAX_DEPTH, parse_document
from interop.plain.claim import FORMAT as CLAIM_FORMAT
from interop.plain.comments import remove_comments
from interop.plain.request import FORMAT, read_plain
from interop.submission import Submission

_REQUEST_EXPECTED = "a request for care; claims are submitted with 'umpire retro submit'"
_EXPECTED = f'a FHIR Bundle, or "format": "{FORMAT}"'


def read_request(raw: bytes, received_at: datetime, channel: Channel, max_bytes: int = MAX_BYTES) -> Submission:
    """Reads a Da Vinci PAS request Bundle or a plain request.

    `received_at` is the aware instant of arrival. Raises NotReadable with all problems: place in the document, rule,
    what was expected. The same bytes always give the same Submission.
    """
    if received_at.tzinfo is None:
        raise ValueError("received_at must be an aware datetime")
    document, cleaned = parse_document(raw, max_bytes)
    try:
        return require_within_limits(_with_cleaned(_read(document, received_at, channel), cleaned))
    except RecursionError:
        message = f"the document nests deeper than {MAX_DEPTH} levels"
        raise not_readable("document", "json-depth", message, "a flatter document") from None


def _with_cleaned(submission: Submission, cleaned: tuple[str, ...]) -> Submission:
    """The submission with a remark for each text in which characters were replaced."""
    if not cleaned:
        return submission
    message = "control characters in the text were replaced by spaces"
    notes = tuple(ValidationIssue(path=path, rule="json-characters", message=message) for path in cleaned)
    more = tuple(ReadingRemark(path=note.path, rule=note.rule, message=note.message) for note in notes)
    request = submission.request.model_copy(update={"remarks": add_remarks(submission.request.remarks, more)})
    return submission.model_copy(update={"request": request, "notes": (*submission.notes, *notes)})


def _read(document: Any, received_at: datetime, channel: Channel) -> Submission:
    if not isinstance(document, dict):
        raise not_readable("$", "umpire-format", "the document is not a JSON object", _EXPECTED)
    if "resourceType" in document:
        return read_bundle(document, received_at, channel)
    if document.get("format") == CLAIM_FORMAT:
        raise not_readable(
            "$.format", "umpire-format", "the document is a claim for care that was given", _REQUEST_EXPECTED
        )
    if "format" in document:
        return read_plain(remove_comments(document), received_at, channel)
    raise not_readable("$", "umpire-format", "nothing says what kind of document this is", _EXPECTED)
