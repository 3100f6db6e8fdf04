"""The form of benefit staff: its fields from the definition, the provisions of the plan to choose from, and how it is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pydantic import ValidationError

from services.commands.benefit_review import BenefitReviewForm
from services.commands.signing import SigningDesk
from web.presentation.decisions.fields import ATTEST, ATTESTED, DECLARE, DECLARED
from web.presentation.form_reading import read_typed
from web.presentation.forms import Choice, FieldKind, FormField, Typed, build_form, typed_text

_NEEDED = {
    "provision_id": "the provision",
    "asked": "what was asked for",
    "counted": "what was counted",
    "gap": "what lies outside the provision",
    "what_would_change": "what would change the decision",
    "plain_words": "the explanation for the member",
}
_UNREAD = "This could not be read."


def build_benefit_fields(desk: SigningDesk, typed: Typed) -> tuple[FormField, ...]:
    """The fields with what was typed; the provision is chosen among those of the plan file about the line."""
    read = read_typed(BenefitReviewForm, typed, desk.case.zone)
    wrong = dict(read.problems)
    try:
        BenefitReviewForm.model_validate(read.values)
    except ValidationError as error:
        places = (str(one["loc"][0]) for one in error.errors(include_url=False, include_input=False) if one["loc"])
        wrong |= {read.places[place]: _UNREAD for place in places if place != "result" and place in read.places}
    fields = build_form(BenefitReviewForm, typed, desk.case.zone, wrong)
    return tuple(_with_provisions(one, desk, typed) if one.path == "provision_id" else one for one in fields)


def read_benefit_form(typed: Typed, zone: str) -> BenefitReviewForm | None:
    """The form as typed; None before the result is chosen. An unreadable answer is left out, and named at its field."""
    values = read_typed(BenefitReviewForm, typed, zone).values
    for _ in range(len(values)):
        try:
            return BenefitReviewForm.model_validate(values)
        except ValidationError as error:
            unread = {str(one["loc"][0]) for one in error.errors(include_url=False, include_input=False) if one["loc"]}
            if "result" in unread:
                return None
            values = {name: said for name, said in values.items() if name not in unread}
    return None


def find_benefit_blanks(form: BenefitReviewForm | None) -> tuple[tuple[str, str], ...]:
    """The fields that a decision needs and that are still blank, each with its id and words."""
    if form is None:
        return (("f-result", "Choose what becomes of the line"),)
    if form.result == "returned":
        return () if (form.why_returned or "").strip() else (("f-why_returned", "Say why no provision decides it"),)
    blanks = [(f"f-{name}", f"Write {words}") for name, words in _NEEDED.items() if not getattr(form, name)]
    blanks += [] if form.no_conflict_of_interest else [(DECLARED[1], DECLARE)]
    blanks += [] if form.attested else [(ATTESTED[1], ATTEST)]
    return tuple(blanks)


def _with_provisions(one: FormField, desk: SigningDesk, typed: Typed) -> FormField:
    said = typed_text(typed, one.path)
    known: Sequence[Choice] = [
        Choice(each.provision_id, f"{each.citation}: {each.words}", chosen=each.provision_id == said)
        for line in desk.before.sheet.lines
        for each in line.provisions
        if not each.needs_judgment
    ]
    return replace(one, kind=FieldKind.SELECT, choices=tuple(known))
