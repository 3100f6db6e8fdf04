"""The parts that every page and route works with: the services, the rulebook, the settings, and who is signed in."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Annotated, Any, cast

from fastapi import Depends, Path, Request

from activities.lookups.requirement import look_up_requirement
from domain.criteria.statements import CriteriaText
from domain.letters.standalone import StandaloneKind, StandalonePrinter
from engine.web_settings import WebSettings
from rulebook.rulebook import Rulebook
from services.context import ServiceContext
from services.principals import Principal, Right
from services.queries.fact_catalog import FactSources
from services.queries.providers.authorization_need import NeedSources
from store.accounts.notices import Notice
from store.accounts.preferences import Preferences
from store.accounts.sessions import SignInSession
from templates.standalone_letters import printer_of
from web.pictures.pages import PageDrawer


@dataclass(frozen=True)
class WebContext:
    """The parts that the application is put together from. One per process."""

    settings: WebSettings
    services: ServiceContext
    rulebook: Rulebook
    drawer: PageDrawer = field(default_factory=PageDrawer)

    @property
    def need_sources(self) -> NeedSources:
        """The rules on what needs authorization, as a case applies them, for look-ups."""
        book = self.rulebook
        titles = {group.id: group.title for group in book.code_map.groups}
        return NeedSources(
            find=lambda s, request, line: look_up_requirement(s, book, request, line),
            titles_of=lambda code: tuple(titles[group] for group in sorted(book.code_map.groups_of(code))),
            rulebook_version=book.version,
        )

    @property
    def print_reminder(self) -> StandalonePrinter:
        """The printer of the reminder of a draft."""
        return printer_of(self.rulebook.notices.standalone[StandaloneKind.DRAFT_REMINDER])

    def criteria_printer(self, text: CriteriaText) -> StandalonePrinter:
        """The printer of the letter with these criteria."""
        return printer_of(self.rulebook.notices.standalone[StandaloneKind.CRITERIA_ASKED_FOR], text)

    @property
    def fact_sources(self) -> FactSources:
        """The criteria with the facts that they ask for, for lists of them."""
        criteria, codes = self.rulebook.criteria, self.rulebook.code_map
        groups = {group.id: group.title for group in codes.groups}
        return FactSources(criteria.guidelines, criteria.dictionary, groups, codes.groups_of)


@dataclass(frozen=True)
class SignedIn:
    """The person who sends a request, with their session, its token, and the notices that their next page shows. `request_id`
    names this one request in the record of views."""

    principal: Principal
    session: SignInSession
    token: str
    notices: tuple[Notice, ...] = ()
    preferences: Preferences = Preferences()
    request_id: str = field(default_factory=lambda: uuid.uuid4().hex)


@dataclass(frozen=True)
class KeptForm:
    """A form as it was sent: to which address, each field with its values, and the names of files that were not kept."""

    action: str
    fields: dict[str, list[str]]
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class KeptPlace:
    """The page to go back to after sign-in, and the key of the form that is filled in there; empty where nothing was kept."""

    page: str
    key: str = ""


class SignInNeeded(Exception):
    """Nobody is signed in, or the sign-in has expired. `place` is where a form that came too late goes on."""

    def __init__(self, place: KeptPlace | None = None) -> None:
        super().__init__("sign in")
        self.place = place


class Forbidden(Exception):
    """The person who is signed in has not this right. Shown as a page that says who has."""

    def __init__(self, right: Right) -> None:
        super().__init__(right.value)
        self.right = right


def context_of(request: Request) -> WebContext:
    """The application's context."""
    return cast(WebContext, request.app.state.context)


def signed_in_or_none(request: Request) -> SignedIn | None:
    """The person who sends the request, as `web.security.sessions` found out; None for nobody."""
    return cast("SignedIn | None", getattr(request.state, "signed_in", None))


def kept_form(request: Request) -> KeptForm | None:
    """The form that was sent after its session had ended and now fills in this page again; None on any other page.

    `render_page` fills in whatever form on the page has the same action; a page that draws its form from what was typed
    (entries that were added, a chosen outcome) reads it here.
    """
    return cast("KeptForm | None", getattr(request.state, "kept_form", None))


def require(right: Right) -> Callable[[Request], Coroutine[Any, Any, SignedIn]]:
    """The dependency of a route that only those with this right may use; the route's right stands on it for the tests.

    Raises SignInNeeded and Forbidden.
    """

    async def check(request: Request) -> SignedIn:
        found = signed_in_or_none(request)
        if found is None:
            raise SignInNeeded
        if right not in found.principal.rights:
            raise Forbidden(right)
        return found

    check.right = right  # type: ignore[attr-defined]
    return check


async def _anybody_signed_in(request: Request) -> SignedIn:
    found = signed_in_or_none(request)
    if found is None:
        raise SignInNeeded
    return found


Context = Annotated[WebContext, Depends(context_of)]
RowNumber = Annotated[int, Path(ge=0, le=2**31 - 1)]
"""A number in an address that the store counts by; what is larger is none, on either database."""
Anybody = Annotated[SignedIn, Depends(_anybody_signed_in)]
"""Anybody who is signed in, whatever their rights."""
