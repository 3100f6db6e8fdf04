"""Remarks on what a readable request says and the plan does not know: another plan, facts that nobody asks for or that cannot
count, days without coverage. They stand on the case and go back to the sender, and hold no health information."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from difflib import get_close_matches

from sqlalchemy.orm import Session

from domain.errors import ValidationIssue
from domain.evidence.clinical_data import FACT
from domain.evidence.fact_reading import FactGap, FactReader
from domain.evidence.facts import Fact, FactDefinition, FactDictionary
from domain.requests.remarks import ReadingRemark, add_remarks
from domain.requests.request import AuthorizationRequest
from interop.submission import Submission, SubmissionFormat
from store import directory

_LONG_AGO = timedelta(days=366)
_GAP_WORDS = {
    FactGap.WRONG_TYPE: "the value is of another kind than the fact",
    FactGap.WRONG_UNIT: "the unit is not that of the fact, and units are never converted",
    FactGap.VALUE_NOT_LISTED: "the value is none of those that count",
    FactGap.IMPLAUSIBLE: "the value lies outside what can be",
    FactGap.UNDATED: "there is no date, and old values do not count",
    FactGap.FUTURE_DATED: "the date lies in the future",
    FactGap.EXPIRED: "the value is too old to count",
}


def add_directory_remarks(
    s: Session, submission: Submission, dictionary: FactDictionary | None, received_at: datetime
) -> Submission:
    """The submission with these remarks on its request and among its notes. `dictionary` None: facts are not looked at.
    `received_at` is the aware instant of arrival."""
    found = tuple(_remarks(s, submission, dictionary, received_at))
    if not found:
        return submission
    request = submission.request
    request = request.model_copy(update={"remarks": add_remarks(request.remarks, found)})
    notes = tuple(
        ValidationIssue(path=one.path, rule=one.rule, message=one.message, expected=one.expected) for one in found
    )
    return submission.model_copy(update={"request": request, "notes": (*submission.notes, *notes)})


def _remarks(
    s: Session, submission: Submission, dictionary: FactDictionary | None, received_at: datetime
) -> Iterator[ReadingRemark]:
    request, is_plain = submission.request, submission.format is SubmissionFormat.PLAIN
    found = [*_plan_remarks(s, request), *_day_remarks(s, request, received_at)]
    if dictionary is not None:
        found += _fact_remarks(submission, dictionary, received_at)
    # A place of the plain format is none in a Bundle, where several elements may have said it.
    yield from found if is_plain else (one.model_copy(update={"path": "Bundle"}) for one in found)


def _plan_remarks(s: Session, request: AuthorizationRequest) -> Iterator[ReadingRemark]:
    plans = directory.plans(s)
    if request.plan_identifier is not None and plans and request.plan_identifier not in plans:
        yield ReadingRemark(
            path="$.plan_identifier",
            rule="intake.plan",
            message="the request names another plan than those of the directory; the member's coverage here was used",
            expected="the identifier of the plan, or none",
        )


def _day_remarks(s: Session, request: AuthorizationRequest, received_at: datetime) -> Iterator[ReadingRemark]:
    coverages = directory.coverages(s, request.member.member_id)
    for index, line in enumerate(request.lines):
        where = f"$.lines[{index}].start"
        if line.start is None:
            continue
        if line.start < (received_at - _LONG_AGO).date():
            message, wanted = "the first day lies more than a year back", "the first day of the care asked for"
            yield ReadingRemark(path=where, rule="intake.day", message=message, expected=wanted, line_id=line.line_id)
        if coverages and not any(one.covers(line.start) for one in coverages):
            message, wanted = "the member has no coverage on the first day", "a day on which the member is covered"
            yield ReadingRemark(
                path=where, rule="intake.coverage", message=message, expected=wanted, line_id=line.line_id
            )


def _fact_remarks(submission: Submission, dictionary: FactDictionary, received_at: datetime) -> Iterator[ReadingRemark]:
    known = dictionary.by_id
    for index, fact in enumerate(submission.request.facts):
        where = f"$.facts[{index}]"
        definition = known.get(fact.id)
        if definition is None:
            yield _unknown_fact(f"{where}.id", fact.id, dictionary)
        else:
            yield from _value_remarks(where, fact, definition, received_at)
    for index, statement in enumerate(submission.statements):
        if statement.code_system == FACT and statement.code not in known:
            yield _unknown_fact(f"$.statements[{index}].code", statement.code, dictionary)
    if submission.format is SubmissionFormat.PLAIN:  # a questionnaire of another sender has questions of its own
        for index, answer in enumerate(submission.answers):
            if answer.link_id not in known:
                yield _unknown_fact(f"$.answers[{index}].link_id", answer.link_id, dictionary)


def _unknown_fact(where: str, said: str, dictionary: FactDictionary) -> ReadingRemark:
    near = get_close_matches(said, dictionary.by_id, n=3)
    expected = f"a fact such as {', '.join(near)}" if near else "a fact id that 'umpire facts' lists"
    message = "no criteria know this fact, so it was not used"
    return ReadingRemark(path=where, rule="intake.fact_unknown", message=message, expected=expected)


def _value_remarks(
    where: str, fact: Fact, definition: FactDefinition, received_at: datetime
) -> Iterator[ReadingRemark]:
    if definition.held_by is not None:
        message = f"the plan's own records hold {fact.id}; a sender's word on it does not count"
        yield ReadingRemark(path=where, rule="intake.fact_held", message=message)
        return
    gap = FactReader(definition).read([fact], received_at.date()).gap
    if gap in _GAP_WORDS:
        message = f"{fact.id}: {_GAP_WORDS[gap]}, so it was not used"
        yield ReadingRemark(path=where, rule="intake.fact_value", message=message, expected=_wanted(gap, definition))


def _wanted(gap: FactGap, definition: FactDefinition) -> str | None:
    match gap:
        case FactGap.WRONG_UNIT:
            return f"a number in {definition.unit or 'no unit'}"
        case FactGap.VALUE_NOT_LISTED:
            return f"one of {', '.join(definition.values)}"
        case FactGap.IMPLAUSIBLE if definition.plausible is not None:
            low, high = (f"{bound:g}" for bound in definition.plausible)
            return f"{low} to {high}{f' {definition.unit}' if definition.unit else ''}"
        case FactGap.UNDATED | FactGap.EXPIRED:
            return f"a dated value, at most {definition.max_age_days} days old"
        case FactGap.WRONG_TYPE:
            return f"a value of the kind that 'umpire facts' names for {definition.id}"
    return None
