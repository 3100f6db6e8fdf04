"""Routes of desks: messages to call back, quality concerns, and arrivals in the inbox that people settle."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import JSONResponse, Response
from pydantic import AwareDatetime, Field

from domain.callbacks.case import CallerKind
from domain.callbacks.policy import CallTopic
from domain.decisions.closings import Misdirection
from domain.errors import NotOnFile
from domain.model import Model
from domain.vocabulary import ArrivalKind, Channel, ConcernKind
from intake.contacts import contacts
from interop.plain.callbacks_and_concerns import CALLBACK, CONCERN, CallbackMessage, ConcernReport
from services.case_lookup import is_on_file, normalize_case_number
from services.commands import case_actions, inbox_actions
from services.commands.api_keys import ApiScope
from services.principals import Right
from services.queries.processes.call_desk import CallPage, page_of_calls
from services.queries.processes.concern_list import ConcernPage, page_of_concerns
from store import directory, inbox
from store.inbox import InboxItem
from web.api.callers import ApiCaller, require_scope
from web.api.pages_of_lists import Cursor, Size, read_place, with_cursor
from web.api.problems import responses
from web.api.writes import RECEIVED, Once, Receipt, answer_arrival
from web.context import Context, WebContext
from web.security.case_views import view_case

router = APIRouter()
CallReader = Annotated[ApiCaller, Depends(require_scope(ApiScope.READ, Right.CALLS))]
CallTaker = Annotated[ApiCaller, Depends(require_scope(ApiScope.SUBMIT, Right.CALLS))]
ConcernReader = Annotated[ApiCaller, Depends(require_scope(ApiScope.READ, Right.CONCERNS))]
Reporter = Annotated[ApiCaller, Depends(require_scope(ApiScope.SUBMIT, Right.CONCERNS))]
InboxReader = Annotated[ApiCaller, Depends(require_scope(ApiScope.OVERSIGHT, Right.INBOX))]
InboxWorker = Annotated[ApiCaller, Depends(require_scope(ApiScope.WRITE, Right.INBOX))]
InboxId = Annotated[int, Path(ge=1, le=2**31 - 1, description="The number of the arrival: 12 for INBOX-12.")]
_CONTACTS = "Calls and concerns"
_ENDED = Annotated[bool, Query(description="Ended ones instead of open ones.")]
_SETTLING = responses(400, 404, 409, 413, 415)


class TakenMessage(Model):
    """A message for the plan's staff, taken by hand. The call is returned in the plan's next business hours."""

    from_whom: CallerKind
    caller_name: str = Field(min_length=1, max_length=200)
    caller_organization: str | None = Field(default=None, max_length=200)
    phone: str = Field(min_length=3, max_length=60, description="The number to call back.")
    about: CallTopic = CallTopic.OTHER
    message: str | None = Field(default=None, max_length=20_000)
    member_id: str | None = Field(default=None, max_length=100, description="The member, if known.")
    about_case: str | None = Field(default=None, max_length=60, description="The case, if named.")
    language: str | None = Field(
        default=None, pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=40, description="A code such as es."
    )
    tty: bool | None = Field(default=None, description="Whether they call by TTY; left out: not stated.")
    left_at: AwareDatetime | None = Field(default=None, description="When it was left; now unless given.")
    plan_id: str | None = Field(default=None, max_length=100, description="The plan, of a caller who is no member.")


class ConcernToReport(Model):
    """A concern about quality or safety, or for care management. It becomes a case of its own."""

    kind: ConcernKind
    what: str = Field(min_length=1, max_length=20_000, pattern=r"\S")
    about_case: str = Field(min_length=1, max_length=60, description="The case, stay, plan, review or call.")
    about_task: str | None = Field(
        default=None, max_length=100, description="The task of that case during which it was observed."
    )


class Settlement(Model):
    """A note of how an arrival was handled."""

    note: str = Field(min_length=1, max_length=2000, pattern=r"\S")


class Forwarding(Model):
    """An arrival that is another plan's and was forwarded. Its first arrival stays the receipt."""

    to: str = Field(min_length=1, max_length=200, description="The plan or payer that it is for.")
    channel: Channel
    address: str = Field(min_length=1, max_length=300, description="The number or address to which it went.")
    proof: str = Field(
        min_length=1, max_length=200, description="The number of the transmission, or a tracking number."
    )
    sent_at: AwareDatetime | None = Field(default=None, description="When it was forwarded; now unless given.")


@router.get(
    "/callbacks", tags=[_CONTACTS], summary="Messages to call back", response_model=CallPage, responses=responses()
)
async def read_callbacks(
    context: Context, caller: CallReader, ended: _ENDED = False, limit: Size = 50, after: Cursor = None
) -> CallPage:
    """Calls to return, the one due first in front, without the caller's name and number."""
    page = await context.services.read(
        page_of_calls, limit, read_place(after), is_open=not ended, reader=caller.principal
    )
    return with_cursor(page)


@router.post(
    "/callbacks",
    tags=[_CONTACTS],
    summary="Log a message",
    status_code=201,
    response_model=Receipt,
    responses=RECEIVED | responses(404),
)
async def log_message(context: Context, caller: CallTaker, once: Once, form: TakenMessage) -> Response:
    """Taken by whom the credential is of. What a telephone system writes goes to `POST /submissions?kind=message`."""

    async def act(message_id: str) -> Response:
        services, values = context.services, form.model_dump()
        if form.member_id is not None and await services.read(directory.member, form.member_id) is None:
            raise NotOnFile("The directory has no member of this id.", "Leave it out if it is not known.")
        if form.about_case is not None:
            values["about_case"] = normalize_case_number(form.about_case)
            if not await services.read(is_on_file, values["about_case"]):
                raise NotOnFile("There is no such case.", "Leave it out if it is not known.")
        message = CallbackMessage.model_validate(
            {**values, "format": CALLBACK, "reference": message_id, "taken_by": caller.principal.reviewer}
        )
        return answer_arrival(await contacts.record_message(services, message), ArrivalKind.CONTACT, caller)

    return await once.once(act)


@router.get("/concerns", tags=[_CONTACTS], summary="Concerns", response_model=ConcernPage, responses=responses())
async def read_concerns(
    context: Context, caller: ConcernReader, ended: _ENDED = False, limit: Size = 50, after: Cursor = None
) -> ConcernPage:
    """Those that you may see, the least time left first, without their text."""
    page = await context.services.read(
        page_of_concerns, limit, read_place(after), is_open=not ended, reader=caller.principal
    )
    return with_cursor(page)


@router.post(
    "/concerns",
    tags=[_CONTACTS],
    summary="Report a concern",
    status_code=201,
    response_model=Receipt,
    responses=RECEIVED | responses(404, 415),
)
async def report_concern(context: Context, caller: Reporter, once: Once, form: ConcernToReport) -> Response:
    """The same text of the same person about the same case joins the earlier one."""

    async def act(_message_id: str) -> Response:
        number = normalize_case_number(form.about_case)
        await view_case(context, caller, number, "concern report")
        if form.about_task is not None:
            found = await case_actions.find_task(context.services, form.about_task)
            if found.case_id != number:
                raise NotOnFile("The case has no such task.", "Name a task of the case, or none.")
        report = ConcernReport(
            format=CONCERN,
            kind=form.kind,
            what=form.what.strip(),
            raised_by=caller.principal.reviewer,
            about_case=number,
            about_task=form.about_task,
        )
        return answer_arrival(await contacts.raise_concern(context.services, report), ArrivalKind.CONTACT, caller)

    return await once.once(act)


@router.get(
    "/inbox/{inbox_id}", tags=["Oversight"], summary="An arrival", response_model=InboxItem, responses=responses(404)
)
async def read_arrival(context: Context, caller: InboxReader, inbox_id: InboxId) -> InboxItem:
    """Its receipt, its status, and every issue with its place, as `umpire inbox show --json`."""
    return await _find_arrival(context, caller, inbox_id)


@router.post(
    "/inbox/{inbox_id}/resolve",
    tags=["Oversight"],
    summary="Resolve an arrival",
    response_model=InboxItem,
    responses=_SETTLING,
)
async def resolve_arrival(
    context: Context, caller: InboxWorker, once: Once, inbox_id: InboxId, form: Settlement
) -> Response:
    """One that was handled otherwise. Its bytes stay on file."""

    async def act(_message_id: str) -> Response:
        await _find_arrival(context, caller, inbox_id)
        services, by = context.services, caller.principal.reviewer
        (done,) = await services.write(inbox_actions.resolve_items, (inbox_id,), by, form.note, services.clock())
        return JSONResponse(done.model_dump(mode="json"))

    return await once.once(act)


@router.post(
    "/inbox/{inbox_id}/forward",
    tags=["Oversight"],
    summary="Record that an arrival was forwarded",
    response_model=InboxItem,
    responses=_SETTLING,
)
async def forward_arrival(
    context: Context, caller: InboxWorker, once: Once, inbox_id: InboxId, form: Forwarding
) -> Response:
    """It was another plan's."""

    async def act(_message_id: str) -> Response:
        await _find_arrival(context, caller, inbox_id)
        services, now = context.services, context.services.clock()
        sent = Misdirection(
            to=form.to, channel=form.channel, address=form.address, sent_at=form.sent_at or now, proof=form.proof
        )
        done = await services.write(inbox_actions.forward_item, inbox_id, caller.principal.reviewer, sent, now)
        return JSONResponse(done.model_dump(mode="json"))

    return await once.once(act)


async def _find_arrival(context: WebContext, caller: ApiCaller, inbox_id: int) -> InboxItem:
    """The arrival; the view of a case that it became is recorded. Raises NotOnFile."""
    item = await context.services.read(inbox.get, inbox_id)
    if item.case_id is not None:
        try:
            await view_case(context, caller, item.case_id, "arrival")
        except NotOnFile:
            raise inbox.not_on_file(inbox_id) from None
    return item
