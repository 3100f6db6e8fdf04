"""Settings of the person who is signed in: how pages look and behave, the password, and all sessions at once."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from domain.errors import Refused
from services.commands.accounts import set_password
from services.passwords import SHORTEST
from store.accounts import accounts, preferences, sessions
from store.accounts.preferences import Preferences, Theme
from web.context import Anybody, Context, SignedIn, WebContext
from web.notices import leave_notice
from web.rendering import render_page
from web.security.cookies import address_of
from web.security.sessions import clear_cookie
from web.security.step_up import confirm_identity

router = APIRouter()
NOT_TAKEN = 422
_THEMES = ((Theme.SYSTEM, "As the system has them"), (Theme.LIGHT, "Light"), (Theme.DARK, "Dark"))
Field = Annotated[str, Form()]


@router.get("/settings")
async def show_settings(request: Request, context: Context, who: Anybody) -> Response:
    """The settings."""
    return await _page(request, context, who)


@router.post("/settings")
async def save_settings(
    context: Context, who: Anybody, theme: Field = "", keys: Field = "", refresh: Field = ""
) -> Response:
    """Keep how pages look and behave, for this account in whatever browser."""
    chosen = Theme(theme) if theme in {one.value for one in Theme} else Theme.SYSTEM
    wanted = Preferences(theme=chosen, keys=keys == "on", refresh=refresh == "on")
    await context.services.write(preferences.put, who.principal.account_id, wanted)
    await leave_notice(context, who, "ok", "The settings are kept.")
    return RedirectResponse("/settings", 303)


@router.post("/settings/password")
async def change_password(
    request: Request, context: Context, who: Anybody, new_password: Field = "", again: Field = ""
) -> Response:
    """Change the password, with the one that was, and end the account's other sessions."""
    account = await context.services.read(accounts.get, who.principal.account_id)
    if account is None or account.password_hash is None:
        return RedirectResponse("/settings", 303)
    if new_password != again:
        return await _page(request, context, who, "The new password was given in two ways.")
    try:
        await confirm_identity(context, who, await request.form(), address=address_of(request))
        await context.services.write(
            set_password, account.user_name, new_password, context.services.clock(), but=who.token
        )
    except Refused as error:
        return await _page(request, context, who, f"{error.refusals[0].message} {error.refusals[0].way_out}")
    await leave_notice(context, who, "ok", "The password is changed, and other sessions have ended.")
    return RedirectResponse("/settings", 303)


@router.post("/settings/sign-out-everywhere")
async def sign_out_everywhere(request: Request, context: Context, who: Anybody) -> Response:
    """End every session of the account."""
    await context.services.write(sessions.end_all, who.principal.account_id, context.services.clock())
    answer = RedirectResponse("/sign-in", 303)
    clear_cookie(request, answer)
    return answer


async def _page(request: Request, context: WebContext, who: SignedIn, problem: str = "") -> Response:
    account = await context.services.read(accounts.get, who.principal.account_id)
    return render_page(
        request,
        "settings.html",
        NOT_TAKEN if problem else 200,
        themes=_THEMES,
        by_password=account is not None and account.password_hash is not None,
        user_name=account.user_name if account is not None else "",
        shortest=SHORTEST,
        problem=problem,
    )
