"""Letter writer: turns a letter order into a complete context, and that into rendered pages in the outbox."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from activities.letters.request_context import has_other_supplier, request_context
from activities.letters.stay_context import state_of_care, stay_context
from domain.errors import LetterIncomplete, UmpireError
from domain.letters.context import LetterContext, RenderedLetter
from domain.letters.notice_rules import AppealRights, NoNoticeRule, NoticeRule
from domain.letters.orders import BlockedLetter, LetterOrder, WrittenLetter
from domain.letters.stay_facts import StayFacts
from domain.vocabulary import Audience
from engine.activity_errors import error_location
from rulebook.rulebook import Rulebook
from store import letters
from templates.rendering import LetterDraft, draft_letter, render_letter

Drafts = list[tuple[Audience, str, RenderedLetter]]
"""Pages with their audience and the name of the recipient."""
Previews = list[tuple[Audience, str, LetterDraft]]
"""The same, as far as the facts reach."""
P = TypeVar("P")
_CONFIRM = (
    "Which is {what}? Nobody has confirmed the entry of rulebook/notices/{file}: compare it with its source, name it in the "
    "plan file under {key} and load the plan, then try the letter again."
)
log = logging.getLogger("umpire.letters")


class LetterWriter:
    """Writes every version of a notice, or none: a notice that lacks an element is blocked as a whole."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._notices, self._dictionary = rulebook.notices, rulebook.criteria.dictionary

    def draft(self, s: Session, order: LetterOrder) -> Drafts | BlockedLetter:
        """The rendered pages of the notice, for each audience. Only reads: a long letter keeps no writer waiting."""
        return self._each_audience(s, order, render_letter)

    def preview(self, s: Session, order: LetterOrder) -> Previews | BlockedLetter:
        """The pages as far as the facts reach, with all that keeps them from being sent; for whoever still writes the facts."""
        return self._each_audience(s, order, draft_letter)

    def _each_audience(
        self, s: Session, order: LetterOrder, render: Callable[[LetterContext, NoticeRule, AppealRights | None], P]
    ) -> list[tuple[Audience, str, P]] | BlockedLetter:
        """The notice for each of its audiences with the recipient's name, or why there is none."""
        try:
            return [self._draft(s, order, audience, render) for audience in self._audiences(s, order)]
        except LetterIncomplete as incomplete:
            why = " ".join((f"{incomplete}.", *self._questions(s, order, incomplete.missing)))
            return BlockedLetter(notice=order.notice, missing=incomplete.missing, why=why)
        except NoNoticeRule as unknown:
            return BlockedLetter(notice=order.notice, missing=("notice_rule",), why=str(unknown))
        except (UmpireError, SQLAlchemyError):
            raise
        except Exception as error:
            # A bug in one letter must not block the journal. The error's text may quote the case.
            why = f"An unexpected {type(error).__name__} at {error_location(error)}."
            log.error("%s of %s: %s", order.notice.value, order.case_id, why)
            return BlockedLetter(notice=order.notice, missing=("page",), why=why)

    def put(self, s: Session, order: LetterOrder, drafts: Drafts) -> tuple[WrittenLetter, ...]:
        """Put the pages into the outbox in the caller's transaction. A repeated order returns the letters written first."""
        return tuple(self._put(s, order, audience, recipient, page) for audience, recipient, page in drafts)

    def find_obstacle(self, s: Session, order: LetterOrder) -> BlockedLetter | None:
        """Why the notice could not be written now; None when it could. Nothing is kept."""
        drafts = self.draft(s, order)
        return drafts if isinstance(drafts, BlockedLetter) else None

    def _audiences(self, s: Session, order: LetterOrder) -> tuple[Audience, ...]:
        """The audiences of the notice: those that always get it, and those that get it when needed and are named by the
        order; who gives the service gets it where somebody else asked for it.

        Raises NoNoticeRule when the line of business has no such notice.
        """
        always = self._notices.audiences(order.notice, order.lob)
        needed = self._notices.audiences_when_needed(order.notice, order.lob)
        named = {audience for audience in needed if audience.value in order.recipients}
        if (
            Audience.SUPPLIER in needed
            and not isinstance(order.facts, StayFacts)
            and has_other_supplier(s, order, order.facts)
        ):
            named.add(Audience.SUPPLIER)
        return tuple(audience for audience in Audience if audience in always or audience in named)

    def _draft(
        self,
        s: Session,
        order: LetterOrder,
        audience: Audience,
        render: Callable[[LetterContext, NoticeRule, AppealRights | None], P],
    ) -> tuple[Audience, str, P]:
        context = self._context(s, order, audience)
        rule = self._notices.rule(order.notice, audience, order.lob)
        kind = context.service_kind
        rights = None if kind is None else self._notices.rights(order.lob, kind)
        return audience, context.recipient.name, render(context, rule, rights)

    def _context(self, s: Session, order: LetterOrder, audience: Audience) -> LetterContext:
        facts = order.facts
        if isinstance(facts, StayFacts):
            return stay_context(s, order, facts, audience, self._notices)
        return request_context(s, order, facts, audience, self._dictionary, self._notices.offices)

    def _questions(self, s: Session, order: LetterOrder, missing: tuple[str, ...]) -> Iterator[str]:
        """The questions of a notice that waits for an organization which nobody has confirmed: what the rulebook marks unsure
        is not printed as a fact."""
        if "qio_contact" in missing and isinstance(order.facts, StayFacts):
            state = state_of_care(s, order.facts)
            if state is None:
                yield "In which State is the facility? Complete its address in the directory, then try the letter again."
            else:
                yield _CONFIRM.format(
                    what=f"Medicare's review organization for {state}", key="review_organizations", file="qio.yaml"
                )
        if "consumer_assistance" in missing:
            yield _CONFIRM.format(
                what=f"the office that helps consumers in {order.state}", key="consumer_help", file="offices.yaml"
            )

    def _put(
        self, s: Session, order: LetterOrder, audience: Audience, recipient: str, page: RenderedLetter
    ) -> WrittenLetter:
        key = order.letter_id(audience)
        record, _ = letters.write(s, key, order.case_id, order.notice, audience, recipient, page, order.now)
        return WrittenLetter(
            letter_id=key,
            notice=order.notice,
            audience=audience.value,
            # The name stays in the store: it is not among what may travel.
            recipient=audience.value,
            subject=record.rendered.subject,
            sha256=hashlib.sha256(record.rendered.html.encode()).hexdigest(),
        )
