"""Letters as their readers will have them, made from a decision that is still being written.

The page is rendered and checked by the code that writes the letter after the signature; here it is only cut out of its frame.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from markupsafe import Markup
from sqlalchemy.orm import Session

from activities.letters.writer import LetterWriter
from domain.decisions.reasons import StructuredReason
from domain.letters.orders import BlockedLetter, LetterOrder
from domain.letters.request_facts import AdverseFacts
from domain.plain_language.reading_grade import reading_grade
from domain.vocabulary import Audience
from templates.rendering import LetterDraft
from web.context import WebContext

_SHEET = re.compile(r'<main class="sheet">(.*)</main>', re.DOTALL)
_HEADING = re.compile(r"<(/?)h([1-5])>")
_PARTS = {
    "specific_reason": "why it was decided",
    "criteria_reference": "the rule, with what the record shows of it",
    "missing_info": "what would change the decision",
    "auth_dates": "what is approved, and until when",
    "plan_provision": "the provision of the plan",
    "recipient_address": "the address to which it goes",
}
"""Parts of a letter as their writer knows them."""
_SAID_BY_THE_PART = frozenset({"its source is missing", "it is not on the page", "a text still holds a placeholder"})
"""Issues that say no more than that the part is missing."""


@dataclass(frozen=True)
class LetterPreview:
    """A letter as it reads now. `body` is its page without the frame, one heading level lower than on its own.

    `parts` and `complete` count the parts that the law asks for; `lacking` names those that are missing or unfit, `why` says
    what is wrong. `grade` is the school grade at which the signer's own words read; None without any for the member.
    """

    audience: Audience
    reader: str
    body: Markup
    html: str
    text: str
    parts: int
    complete: int
    lacking: tuple[str, ...]
    why: tuple[str, ...]
    is_complete: bool
    """Whether the letter could be sent as it is."""
    grade: int | None = None

    @property
    def faults(self) -> tuple[str, ...]:
        """Everything that keeps it from being sent, in sentences."""
        if self.is_complete:
            return ()
        lacking = f"To {self.reader}: still missing or unfit: {'; '.join(self.lacking) or 'the page'}."
        return (lacking, *(f"{one[:1].upper()}{one[1:]}." for one in self.why))


async def preview_letters(
    context: WebContext, orders: tuple[LetterOrder, ...]
) -> tuple[tuple[LetterPreview, ...], tuple[BlockedLetter, ...]]:
    """The letters of these orders, the member's first, and those that cannot be made at all."""
    return await context.services.read(_read_previews, LetterWriter(context.rulebook), orders)


def _read_previews(
    s: Session, writer: LetterWriter, orders: tuple[LetterOrder, ...]
) -> tuple[tuple[LetterPreview, ...], tuple[BlockedLetter, ...]]:
    shown: list[LetterPreview] = []
    blocked: list[BlockedLetter] = []
    for order in orders:
        found = writer.preview(s, order)
        if isinstance(found, BlockedLetter):
            blocked.append(found)
        else:
            shown += [_preview(order, reader, draft) for _, reader, draft in found]
    return tuple(sorted(shown, key=lambda one: one.audience is not Audience.MEMBER)), tuple(blocked)


def _preview(order: LetterOrder, reader: str, draft: LetterDraft) -> LetterPreview:
    return LetterPreview(
        audience=draft.audience,
        reader=reader,
        body=letter_body(draft.html),
        html=draft.html,
        text=draft.text,
        parts=len(draft.required),
        complete=len(draft.required) - len(draft.lacking),
        lacking=tuple(_PARTS.get(key, key.replace("_", " ")) for key in draft.lacking),
        why=tuple(why for why in dict.fromkeys(why for _, why in draft.issues) if why not in _SAID_BY_THE_PART),
        is_complete=not draft.issues,
        grade=_grade(order) if draft.audience is Audience.MEMBER else None,
    )


def letter_body(html: str) -> Markup:
    """The sheet of a rendered letter, to stand in a page: everything in it was escaped when it was rendered."""
    sheet = _SHEET.search(html)
    return Markup(_HEADING.sub(lambda tag: f"<{tag[1]}h{int(tag[2]) + 1}>", sheet[1] if sheet else ""))


def _grade(order: LetterOrder) -> int | None:
    """The school grade of the words that the signer wrote for the member."""
    reasons = [line.reason for line in order.facts.signed.lines] if isinstance(order.facts, AdverseFacts) else []
    own = "\n".join(text for reason in reasons if reason is not None for text in _own_words(reason) if text.strip())
    try:
        return max(1, round(reading_grade(own)))
    except ValueError:
        return None


def _own_words(reason: StructuredReason) -> tuple[str, ...]:
    return reason.asked, reason.plain_words, reason.rule, reason.what_would_change
