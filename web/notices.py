"""Notices: what became of an act, shown once at the top of the next page of that session. They are kept in the store with the
session, because they may name a patient: never in an address or a cookie."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.errors import UmpireError
from store.accounts import notices
from store.accounts.notices import Notice, NoticeLink
from web.context import SignedIn, WebContext, signed_in_or_none
from web.presentation.instants import respell_instants

_SHOWN = "notices_shown"
log = logging.getLogger("umpire.web")


async def leave_notice(
    context: WebContext,
    who: SignedIn,
    kind: str,
    text: str,
    *,
    lead: str = "",
    links: Sequence[tuple[str, str]] = (),
    acts: Sequence[tuple[str, str]] = (),
) -> None:
    """Leave a notice for the next page that this session opens. `kind` is ok, or warn for what must not be overlooked; `lead`
    is said first and bold; `acts` are addresses of forms without fields and `links` those of pages, each with its words, shown
    behind the text."""
    shown = [NoticeLink(address=address, words=words, acts=True) for address, words in acts]
    shown += [NoticeLink(address=address, words=words) for address, words in links]
    said = respell_instants(text)
    notice = Notice(kind=kind, lead=lead, text=said, links=tuple(shown), left_at=context.services.clock())
    await context.services.write(notices.leave, who.token, notice)


def take_notices(request: Request) -> tuple[Notice, ...]:
    """The notices for the page that is being rendered; once its answer is sent they are gone."""
    found = signed_in_or_none(request)
    if found is None or not found.notices:
        return ()
    setattr(request.state, _SHOWN, tuple(one.notice_id for one in found.notices))
    return found.notices


class ShownNotices:
    """ASGI middleware that forgets the notices of a page before the page goes out, so that no page shows them again."""

    def __init__(self, app: ASGIApp, context: WebContext) -> None:
        self._app = app
        self._context = context

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_once(message: Message) -> None:
            shown = scope.get("state", {}).pop(_SHOWN, ())
            if shown and message["type"] == "http.response.start":
                await self._forget(shown)
            await send(message)

        await self._app(scope, receive, send_once)

    async def _forget(self, shown: tuple[int, ...]) -> None:
        """A store that is busy shows a notice twice rather than keeping the page back."""
        try:
            await self._context.services.write(notices.forget, shown)
        except UmpireError as error:
            log.warning("notices that were shown could not be forgotten: %s", error)
