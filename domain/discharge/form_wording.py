"""Wording checks of the discharge forms: text that a letter could not carry is rejected before the form is accepted.

The member and the provider read these words as they are. Findings name the place and hold no text of the case.
"""

from __future__ import annotations

from collections.abc import Iterator

from domain.decisions.reason_wording import is_stock_phrase, member_text_problems
from domain.discharge.forms import ChoicesOffered, DetailedReason, FollowUpBooked, MedicationReconciliation, TeachBack
from domain.errors import RuleViolation, violation
from domain.letters.stay_wording import FEWEST_FACTS, TOO_FEW_FACTS, gap_problems, medicine_problems
from domain.model import Model
from domain.plain_language.printable import unprintable_reason


def violations(form: Model, *, explains_an_end: bool = False) -> Iterator[RuleViolation]:
    """Everything in the form that no letter could carry. `explains_an_end`: the form is the reason of a detailed notice."""
    for place, text in _member_texts(form):
        yield from (_wording_violation(place, wrong) for wrong in member_text_problems(text))
    for place, text in (*_member_texts(form), *_other_texts(form)):
        if (wrong := unprintable_reason(text)) is not None:
            yield _wording_violation(place, wrong)
    yield from _gap_violations(form)
    if isinstance(form, MedicationReconciliation):
        yield from (_wording_violation("medicines", wrong) for wrong in medicine_problems(form.medicines))
    if isinstance(form, DetailedReason) and explains_an_end:
        yield from _detailed_reason_violations(form)


def _wording_violation(place: str, what: str) -> RuleViolation:
    said = what[0].upper() + what[1:]
    return violation(
        f"task.form.{place}", f"{place}: {said}.", "Write it so that it can stand in a letter, and send again."
    )


def _member_texts(form: Model) -> Iterator[tuple[str, str]]:
    match form:
        case DetailedReason():
            yield "reason", form.reason
            yield from (("facts_of_case", fact) for fact in form.facts_of_case)
            yield from (("changed_since", text) for text in (form.changed_since,) if text is not None)
        case TeachBack():
            yield from (("topics", topic) for topic in form.topics)
            yield from (("warning_signs", sign) for sign in form.warning_signs)
        case MedicationReconciliation():
            yield from (("medicines", medicine.how) for medicine in form.medicines)


def _other_texts(form: Model) -> Iterator[tuple[str, str]]:
    match form:
        case DetailedReason():
            yield from ((name, text) for name in ("basis", "decided_by") if (text := getattr(form, name)) is not None)
        case MedicationReconciliation():
            yield from (("medicines", medicine.name) for medicine in form.medicines)
        case FollowUpBooked():
            for visit in form.visits:
                yield from (("visits", text) for text in (visit.with_whom, visit.purpose, visit.place))
        case ChoicesOffered():
            yield from (("choices", choice.name) for choice in form.choices)


def _gap_violations(form: Model) -> Iterator[RuleViolation]:
    """Check the gaps, which go to the provider word for word: one sentence each, and without blame."""
    for name in ("gaps", "discrepancies", "trouble"):
        for gap in getattr(form, name, ()):
            yield from (_wording_violation(name, wrong) for wrong in gap_problems(gap))
            if (wrong := unprintable_reason(gap)) is not None:
                yield _wording_violation(name, wrong)


def _detailed_reason_violations(form: DetailedReason) -> Iterator[RuleViolation]:
    """Check the reason for ending care: it names facts of this member, the rule, and who decided."""
    if len(form.facts_of_case) < FEWEST_FACTS:
        yield _wording_violation("facts_of_case", TOO_FEW_FACTS)
    if form.basis is None:
        yield _wording_violation("basis", "the rule is missing on which the end of the care rests")
    if form.decided_by is None:
        yield _wording_violation("decided_by", "the name is missing of who signed the decision or the order")
    if is_stock_phrase(form.reason):
        yield _wording_violation("reason", "the reason is only a stock phrase; it must say which facts and which rule")
