"""Signing in and out, with a password or by one click on an invented person."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from domain.vocabulary import Role
from engine.web_settings import Mode
from services.principals import Principal, Right
from store.accounts import accounts, sessions
from store.accounts.accounts import Account
from store.installation import installation_key
from web.context import Anybody, Context, WebContext, signed_in_or_none
from web.rendering import render_page
from web.security import synthetic_people
from web.security.cookies import SESSION, address_of, named
from web.security.csrf import give_sign_in_secret, require_own_form, require_sign_in_form, sign_in_secret
from web.security.kept_forms import PARAMETER
from web.security.known_browsers import known_browser, remember_browser
from web.security.passwords import SignInFailed, check_password, describe_wait
from web.security.sessions import clear_cookie, principal_of, set_cookie, start_session

router = APIRouter()
WRONG, TOO_OFTEN = 401, 429
_HOMES: tuple[tuple[Right, str], ...] = (
    (Right.PROVIDER, "/provider"),
    (Right.OVERSIGHT, "/oversight/clocks"),
    (Right.WORKLIST, "/worklist"),
)
Field = Annotated[str, Form()]
SIGN_IN_FORM = [Depends(require_sign_in_form)]


@router.get("/")
async def home(who: Anybody) -> Response:
    """The first page of who is signed in: the plans for a discharge planner, the settings alone for somebody without a role."""
    address = next((address for right, address in _HOMES if right in who.principal.rights), "/settings")
    plans = who.principal.roles == {Role.DISCHARGE_PLANNER}
    return RedirectResponse("/discharge" if plans else address, 303)


@router.get("/sign-in")
async def show_sign_in(request: Request, context: Context, next: str = "/", kept: str = "") -> Response:
    """The sign-in page. `kept` is the key of a form that comes back filled in after sign-in."""
    if signed_in_or_none(request) is not None:
        return RedirectResponse(page_after(next, kept), 303)
    return await _sign_in_page(request, context, next, kept)


@router.post("/sign-in", dependencies=SIGN_IN_FORM)
async def sign_in(
    request: Request,
    context: Context,
    user: Field = "",
    password: Field = "",
    next: Field = "/",
    kept: Field = "",
) -> Response:
    """Sign in with a password. Whatever was wrong, the answer is the same, and takes the same time."""
    key = await context.services.read(installation_key)
    browser = known_browser(request, user, key)
    try:
        account = await check_password(context, user, password, address_of(request), browser=browser)
        principal = await context.services.read(principal_of, account)
    except SignInFailed as failed:
        if failed.waits_until is None:
            problem, status = "The user name or the password is wrong.", WRONG
        else:
            wait = describe_wait(failed.waits_until, context.services.clock())
            problem, status = f"It was tried too often. Try again {wait}.", TOO_OFTEN
        return await _sign_in_page(request, context, next, kept, status, problem=problem, user=user)
    if principal is None:
        problem = "The user name or the password is wrong."
        return await _sign_in_page(request, context, next, kept, WRONG, problem=problem, user=user)
    answer = await enter(request, context, account, page_after(next, kept))
    if browser is None:
        remember_browser(request, answer, user, key)
    return answer


@router.post("/sign-in/as", dependencies=SIGN_IN_FORM)
async def sign_in_as(
    request: Request, context: Context, account: Field = "", next: Field = "/", kept: Field = ""
) -> Response:
    """Sign in as one of the invented plan's people, in development mode."""
    found = await context.services.read(accounts.get, account)
    if context.settings.mode is not Mode.DEVELOPMENT or found is None or not found.synthetic or not found.active:
        return RedirectResponse("/sign-in", 303)
    return await enter(request, context, found, page_after(next, kept))


@router.post("/sign-out", dependencies=[Depends(require_own_form)])
async def sign_out(request: Request, who: Anybody, context: Context) -> Response:
    """End the session, in whatever windows it is."""
    await context.services.write(sessions.end, who.token, context.services.clock())
    answer = RedirectResponse("/sign-in", 303)
    clear_cookie(request, answer)
    return answer


@router.head("/session")
async def stay_signed_in(who: Anybody) -> Response:
    """A sign of the person at an open page: it counts like a page that they open."""
    return Response(status_code=204)


async def enter(
    request: Request, context: WebContext, account: Account, page: str, roles: tuple[str, ...] | None = None
) -> Response:
    """Start a session with a new token and go on to the page."""
    now, old = context.services.clock(), request.cookies.get(named(SESSION, request))
    token = await context.services.write(start_session, account, now, context.settings, old, roles)
    answer = RedirectResponse(page, 303)
    set_cookie(request, answer, token)
    return answer


def page_after(page: str, kept: str = "") -> str:
    """The path to go on to: one of ours, never another host's, with the key of a form that is filled in there."""
    own = page if page.startswith("/") and not page.startswith(("//", "/\\")) and page.isprintable() else "/"
    if not kept:
        return own
    return f"{own}{'&' if urlsplit(own).query else '?'}{urlencode({PARAMETER: kept})}"


async def _sign_in_page(
    request: Request, context: WebContext, page: str, kept: str, status: int = 200, problem: str = "", user: str = ""
) -> Response:
    people = await context.services.read(_people) if context.settings.mode is Mode.DEVELOPMENT else ()
    secret, carried = sign_in_secret(request)
    answer = render_page(
        request,
        "sign_in.html",
        status,
        people=people,
        password=synthetic_people.PASSWORD,
        problem=problem,
        user=user,
        next=page_after(page),
        kept=kept,
        csrf=carried,
        idle=int(context.settings.idle.total_seconds() // 60),
        oidc=context.settings.oidc is not None,
    )
    give_sign_in_secret(request, answer, secret)
    return answer


def _people(s: Session) -> tuple[Principal, ...]:
    found = (principal_of(s, one) for one in accounts.list_all(s) if one.synthetic and one.active)
    return tuple(sorted((one for one in found if one is not None), key=lambda one: one.npi is not None))
