"""The application: pages, API and static files behind the same sign-in, headers and errors."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from domain.errors import NotOnFile, Refused, UmpireError
from services.principals import RIGHTS
from store.accounts import accounts
from web.api.app import ApiMount, build_api
from web.context import Forbidden, KeptPlace, SignInNeeded, WebContext, context_of
from web.form_limits import FormLimits
from web.notices import ShownNotices
from web.pages import (
    case,
    case_parts,
    decision,
    documents,
    find,
    inbox,
    letters,
    oidc,
    oversight,
    peer_to_peer,
    settings,
    sign_in,
    worklist,
)
from web.pages.processes import calls, concerns, criteria, discharge, retrospective, stays
from web.pages.providers import calls as provider_calls
from web.pages.providers import drafts as provider_drafts
from web.pages.providers import lookup as provider_lookup
from web.pages.providers import requests as provider_requests
from web.pages.tasks import case_acts, completion
from web.presentation import ways_out
from web.rendering import STATIC, render_page
from web.security.csrf import ForeignForm, require_own_form
from web.security.headers import SecurityHeaders
from web.security.hosts import KnownHosts
from web.security.sessions import Sessions

OPEN_ROUTERS = (oidc.router, sign_in.router)
"""Routers with pages for people who are not signed in (yet)."""
ROUTERS = (
    calls.router,
    case.router,
    case_acts.router,
    case_parts.router,
    completion.router,
    concerns.router,
    criteria.router,
    decision.router,
    discharge.router,
    documents.router,
    find.router,
    inbox.router,
    letters.router,
    oversight.router,
    peer_to_peer.router,
    provider_calls.router,
    provider_drafts.router,
    provider_lookup.router,
    provider_requests.router,
    retrospective.router,
    settings.router,
    stays.router,
    worklist.router,
)
"""Routers whose forms carry the secret of a session."""


def build_app(context: WebContext) -> FastAPI:
    """Put the application together. Its documents at /docs are left out: they would load scripts of other hosts."""
    app = FastAPI(title="Umpire", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.context = context
    for router in OPEN_ROUTERS:
        app.include_router(router)
    for router in ROUTERS:
        app.include_router(router, dependencies=[Depends(require_own_form)])
    app.add_api_route("/healthz", _check_health, methods=["GET"])
    app.mount("/static", _KeptFiles(directory=STATIC))
    app.router.routes.append(ApiMount(build_api(context)))
    app.add_middleware(FormLimits)
    app.add_middleware(ShownNotices, context=context)
    app.add_middleware(Sessions, context=context)
    app.add_middleware(KnownHosts, settings=context.settings)
    app.add_middleware(SecurityHeaders, https=(context.settings.public_url or "").startswith("https:"))
    _answer_errors(app)
    return app


async def _check_health(request: Request) -> Response:
    """Whether this server reads the store."""
    await context_of(request).services.read(accounts.get, "")
    return PlainTextResponse("ok")


class _KeptFiles(StaticFiles):
    """Static files under an address that changes with their content: browsers keep them for a year."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path.partition("/")[2], scope)
        answer.headers["cache-control"] = "public, max-age=31536000, immutable"
        return answer


def _answer_errors(app: FastAPI) -> None:
    """Turn what routes raise into pages. A patient's data is never in them."""

    @app.exception_handler(SignInNeeded)
    async def sign_in_first(request: Request, error: SignInNeeded) -> Response:
        asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        place = error.place or KeptPlace(asked)
        kept = f"&kept={quote(place.key)}" if place.key else ""
        return RedirectResponse(f"/sign-in?next={quote(place.page, safe='')}{kept}", 303)

    @app.exception_handler(Forbidden)
    async def forbidden(request: Request, error: Forbidden) -> Response:
        roles = ", ".join(sorted(role.value.replace("_", " ") for role in RIGHTS[error.right])) or "providers"
        return _message(request, 403, "Not yours to see", "Your role does not have this page.", f"It is for: {roles}.")

    @app.exception_handler(ForeignForm)
    async def foreign_form(request: Request, _error: Exception) -> Response:
        text = "The form is from another session, so nothing was done."
        return _message(request, 403, "Not accepted", text, "Open the page again, and send it from there.")

    @app.exception_handler(OverflowError)  # a time or a number that no calendar and no store holds
    @app.exception_handler(RequestValidationError)
    async def not_readable(request: Request, _error: Exception) -> Response:
        text = "A part of the address or of the form is nothing that it can be, so nothing was done."
        return _message(request, 422, "Not readable", text, "Open the page again from a list.")

    @app.exception_handler(NotOnFile)
    async def not_on_file(request: Request, error: NotOnFile) -> Response:
        return _message(request, 404, "Not on file", error.message, error.way_out)

    @app.exception_handler(404)
    async def no_page(request: Request, _error: Exception) -> Response:
        return _message(request, 404, "No such page", "There is no page at this address.", "Look at what was typed.")

    @app.exception_handler(decision.NothingToDecide)
    async def nothing_to_decide(_request: Request, error: decision.NothingToDecide) -> Response:
        return RedirectResponse(f"/cases/{error.case_id}", 303)

    @app.exception_handler(Refused)
    async def refused(request: Request, error: Refused) -> Response:
        return render_page(request, "refused.html", 409, found=ways_out.shown_refusals(error.refusals))

    @app.exception_handler(UmpireError)
    async def unavailable(request: Request, error: UmpireError) -> Response:
        return _message(request, 503, "Not available now", str(error), "Nothing was done; try again in a moment.")


def _message(request: Request, status: int, heading: str, text: str, way_out: str) -> Response:
    shown = {"heading": heading, "text": ways_out.words_for_pages(text), "way_out": ways_out.words_for_pages(way_out)}
    return render_page(request, "message.html", status, **shown)
