"""Signing in and out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from domain.vocabulary import Role
from engine.web_settings import Mode
from services.principals import Principal, Right
from store.accounts import accounts, sessions
from web.context import Anybody, Context, signed_in_or_none
from web.rendering import render_page
from web.security.csrf import require_own_form
from web.security.sessions import COOKIE, clear_cookie, principal_of, set_cookie, start_session

router = APIRouter()
_HOMES: tuple[tuple[Right, str], ...] = (
    (Right.PROVIDER, "/provider"),
    (Right.OVERSIGHT, "/oversight/clocks"),
    (Right.WORKLIST, "/worklist"),
)


@router.get("/")
async def home(who: Anybody) -> Response:
    """The first page of who is signed in; that of a discharge planner is the list of plans."""
    address = next(address for right, address in _HOMES if right in who.principal.rights)
    plans = who.principal.roles == {Role.DISCHARGE_PLANNER}
    return RedirectResponse("/discharge" if plans else address, 303)


@router.get("/sign-in")
async def show_sign_in(request: Request, context: Context, next: str = "/") -> Response:
    """The sign-in page."""
    if signed_in_or_none(request) is not None:
        return RedirectResponse(_own_path(next), 303)
    people = await context.services.read(_people) if context.settings.mode is Mode.DEVELOPMENT else ()
    return render_page(request, "sign_in.html", people=people, problem=None, next=_own_path(next))


@router.post("/sign-in/as")
async def sign_in_as(
    request: Request, context: Context, account: Annotated[str, Form()], next: Annotated[str, Form()] = "/"
) -> Response:
    """Sign in as one of the invented plan's people, in development mode."""
    found = await context.services.read(accounts.get, account)
    if context.settings.mode is not Mode.DEVELOPMENT or found is None or not found.synthetic:
        return RedirectResponse("/sign-in", 303)
    now = context.services.clock()
    old = request.cookies.get(COOKIE)
    token = await context.services.write(start_session, found, now, context.settings, old)
    answer = RedirectResponse(_own_path(next), 303)
    set_cookie(answer, token, secure=request.url.scheme == "https")
    return answer


@router.post("/sign-out", dependencies=[Depends(require_own_form)])
async def sign_out(who: Anybody, context: Context) -> Response:
    """End the session."""
    await context.services.write(sessions.end, who.token, context.services.clock())
    answer = RedirectResponse("/sign-in", 303)
    clear_cookie(answer)
    return answer


def _people(s: Session) -> tuple[Principal, ...]:
    found = (principal_of(s, one) for one in accounts.list_all(s) if one.synthetic)
    return tuple(one for one in found if one is not None)


def _own_path(said: str) -> str:
    """The path to go on to: one of ours, never another host's."""
    return said if said.startswith("/") and not said.startswith(("//", "/\\")) else "/"
