"""Sign-in at the plan's OpenID provider, there and back, and the new proof of who somebody is before signing."""

from __future__ import annotations

import hmac

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from domain.errors import NotOnFile
from engine.web_settings import OidcSettings
from store.accounts import identities, sessions
from store.accounts.identities import SignInFlow
from web.context import Anybody, Context, WebContext
from web.pages.sign_in import page_after
from web.rendering import render_page
from web.security.cookies import SESSION, is_secure, named
from web.security.identities import find_account
from web.security.oidc import NotSignedIn, provider_of
from web.security.sessions import principal_of, set_cookie, start_session

router = APIRouter()
FLOW = "umpire_flow"
REFUSED = 403


@router.get("/sign-in/oidc")
async def go_to_provider(request: Request, context: Context, next: str = "/", kept: str = "") -> Response:
    """Go to the plan's sign-in, and come back to the page."""
    return await _go(request, context, page_after(next, kept))


@router.get("/sign-in/oidc/confirm")
async def confirm_at_provider(
    request: Request, context: Context, who: Anybody, about: str = "", next: str = "/"
) -> Response:
    """Prove at the plan's sign-in again who one is, for one task."""
    return await _go(request, context, page_after(next), confirms=about, session=sessions.hash_token(who.token))


@router.get("/sign-in/oidc/callback")
async def come_back(
    request: Request, context: Context, code: str = "", state: str = "", iss: str = "", error: str = ""
) -> Response:
    """Come back from the plan's sign-in. The next page is opened by a page of ours, because the browser sends a session's
    cookie only from one of ours to another."""
    settings = _settings(context)
    services = context.services
    given = request.cookies.get(named(FLOW, request)) or ""
    flow = await services.write(identities.end_flow, state, services.clock()) if state else None
    if flow is None or not hmac.compare_digest(given.encode(), state.encode()) or error or not code:
        return _refuse(request)
    if iss and iss.rstrip("/") != settings.issuer:
        return _refuse(request)
    try:
        claims = await provider_of(settings).finish(code, _address(request, context), flow, services.clock())
    except NotSignedIn:
        return _refuse(request)
    found = await services.write(find_account, settings, claims)
    if found is None or await services.read(principal_of, found.account, found.roles) is None:
        return _refuse(request, "Nobody here has this sign-in, or their account is locked.")
    if flow.confirms is not None:
        return await _confirm(request, context, flow, found.account.account_id)
    old = request.cookies.get(named(SESSION, request))
    token = await services.write(start_session, found.account, services.clock(), context.settings, old, found.roles)
    answer = _onward(request, flow.next_page)
    set_cookie(request, answer, token)
    return answer


async def _confirm(request: Request, context: WebContext, flow: SignInFlow, account_id: str) -> Response:
    """Keep the proof with the session, if it is of the person who has it."""
    session = flow.session_sha256 or ""
    if await context.services.read(sessions.account_of, session) != account_id:
        return _refuse(request, "That was somebody else's sign-in.")
    await context.services.write(sessions.confirm, session, flow.confirms, context.services.clock())
    return _onward(request, flow.next_page)


async def _go(
    request: Request, context: WebContext, page: str, confirms: str | None = None, session: str | None = None
) -> Response:
    provider, now = provider_of(_settings(context)), context.services.clock()
    address, state, flow = await provider.begin(
        _address(request, context), page, now, confirms=confirms, session=session
    )
    await context.services.write(identities.begin_flow, state, flow)
    answer = RedirectResponse(address, 303)
    secure = is_secure(request)
    # Lax, because it comes back from the provider's site; it only says that this browser began the sign-in.
    answer.set_cookie(named(FLOW, request), state, httponly=True, secure=secure, samesite="lax", path="/", max_age=600)
    return answer


def _onward(request: Request, page: str) -> Response:
    answer = render_page(request, "onward.html", page=page)
    answer.delete_cookie(named(FLOW, request), path="/", httponly=True, secure=is_secure(request), samesite="lax")
    return answer


def _refuse(request: Request, text: str = "The sign-in did not succeed, so nobody is signed in by it.") -> Response:
    return render_page(
        request, "message.html", REFUSED, heading="Not signed in", text=text, way_out="Begin again on the sign-in page."
    )


def _settings(context: WebContext) -> OidcSettings:
    if context.settings.oidc is None:
        raise NotOnFile("No other system signs people in here.", "Sign in with your password.")
    return context.settings.oidc


def _address(request: Request, context: WebContext) -> str:
    """The address that the provider sends the browser back to: it has to be registered there."""
    base = context.settings.public_url or str(request.base_url).rstrip("/")
    return f"{base}/sign-in/oidc/callback"
