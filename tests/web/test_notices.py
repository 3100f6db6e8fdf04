"""Notices: what became of an act stands on the next page of the same session, once."""

from __future__ import annotations

from collections.abc import Callable

from services.principals import Principal
from store.accounts import accounts, sessions
from tests.web.browsers import WebClient
from web.context import SignedIn, WebContext
from web.notices import leave_notice
from web.security.cookies import SESSION as COOKIE

Browse = Callable[[str | None], WebClient]
TEXT = "It is with a physician now, <b>not</b> closed."


async def signed_in(context: WebContext, client: WebClient) -> SignedIn:
    """The session of this browser, as the server knows it."""
    await client.get("/worklist")
    token = str(client.http.cookies[COOKIE])
    session = await context.services.read(sessions.find, token)
    assert session is not None
    account = await context.services.read(accounts.get, session.account_id)
    assert account is not None
    return SignedIn(Principal(account.account_id, account.name, "", reviewer_id=account.subject), session, token)


async def test_a_notice_is_shown_on_the_next_page_and_only_there(browse: Browse, web_context: WebContext) -> None:
    nurse = browse("nurse.adams")
    who = await signed_in(web_context, nurse)
    await leave_notice(web_context, who, "ok", TEXT, lead="Referred.", links=[("/cases/PA-1", "Look at it again")])
    shown = (await nurse.get("/worklist")).text
    assert '<div class="note ok" role="status"><b>Referred.</b> It is with a physician now, &lt;b&gt;not' in shown
    assert '<a href="/cases/PA-1">Look at it again</a>' in shown
    assert "Referred." not in (await nurse.get("/worklist")).text


async def test_a_warning_is_an_alert_and_several_notices_keep_their_order(
    browse: Browse, web_context: WebContext
) -> None:
    nurse = browse("nurse.adams")
    who = await signed_in(web_context, nurse)
    await leave_notice(web_context, who, "warn", "First.")
    await leave_notice(web_context, who, "ok", "Second.")
    shown = (await nurse.get("/worklist")).text
    assert 'class="note warn" role="alert">First.' in shown
    assert shown.index("First.") < shown.index("Second.")


async def test_a_notice_waits_over_a_redirect_and_is_nobody_elses(browse: Browse, web_context: WebContext) -> None:
    nurse, other = browse("nurse.adams"), browse("nurse.lopez")
    who = await signed_in(web_context, nurse)
    await leave_notice(web_context, who, "ok", "Handed over.")
    assert (await nurse.get("/")).status_code == 303
    assert "Handed over." not in (await other.get("/worklist")).text
    assert "Handed over." in (await nurse.get("/worklist")).text
