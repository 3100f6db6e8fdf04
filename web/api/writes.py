"""Writes that are done once: each has an Idempotency-Key, under which its answer is kept and given again.

The key makes the id of the act's message. A server that dies between the act and its answer leaves the id behind: the same
request, sent again, is the same message to the case, which does nothing twice.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Awaitable, Callable
from enum import Enum
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import JSONResponse, Response

from domain.errors import UmpireError, violation
from domain.model import Model
from domain.vocabulary import ArrivalKind
from services.context import CommandResult, CommandStatus, SubmissionResult, SubmissionStatus
from store.api import answers
from store.api.answers import KeptAnswer, Turn
from web.api.callers import ApiCaller, caller_of
from web.api.problems import ApiError, problem_of, problem_response, responses
from web.context import WebContext, context_of

_KEY = re.compile(r"[!-~]{8,255}")
_NOT_KEPT = frozenset({429, 500, 503})
"""Answers after which the same key may try again: nothing is known to be done."""
_WAITS = frozenset({CommandStatus.QUEUED, CommandStatus.STORED, SubmissionStatus.QUEUED, SubmissionStatus.STORED})
log = logging.getLogger("umpire.api")
Route = TypeVar("Route", bound=Callable[..., Any])


class Receipt(Model):
    """The receipt of what was sent: the plan has it, whatever becomes of it. `look_at` is where to see what did."""

    result: SubmissionResult
    arrival: ArrivalKind
    look_at: str | None = None


class DoneAct(Model):
    """The answer of a case to an act. With status 202 it is `handed_on` or `kept`: it goes on by itself, need not be sent
    again, and `look_at` shows what became of it."""

    result: CommandResult
    look_at: str


class Write:
    """A write under its key. Call `once` with what does it."""

    def __init__(self, request: Request, key: str) -> None:
        self._request, self._key = request, key
        self._context: WebContext = context_of(request)
        self._caller = caller_of(request)
        self._account = self._caller.principal.account_id

    async def do(self, act: Callable[[str], Awaitable[CommandResult]]) -> Response:
        """Do an act on a case under the id that belongs to the key, and answer as the case did. Raises ApiError."""

        async def answer(message_id: str) -> Response:
            return answer_act(await act(message_id), self._caller)

        return await self.once(answer)

    async def once(self, act: Callable[[str], Awaitable[Response]]) -> Response:
        """Do the act under the id that belongs to the key, or give the answer that it had. Raises ApiError."""
        services = self._context.services
        offered = f"api-{hashlib.sha256(f'{self._account} {self._key}'.encode()).hexdigest()[:40]}"
        fingerprint = await self._fingerprint()
        taken = await services.write(answers.take, self._account, self._key, fingerprint, offered, services.clock())
        match taken.turn:
            case Turn.ANSWERED if taken.answer is not None:
                kept = taken.answer
                return Response(
                    kept.body, kept.status, media_type=kept.media_type, headers={"idempotent-replayed": "true"}
                )
            case Turn.BUSY:
                raise ApiError(409, "The same write is being done.", violations=(_BUSY,), headers={"retry-after": "1"})
            case Turn.OTHER_CONTENT:
                raise ApiError(422, "The key was used for something else.", violations=(_REUSED,))
        try:
            answer = await _answer(act, taken.message_id)
        except BaseException:
            await services.write(answers.give_back, self._account, self._key)
            raise
        if answer.status_code in _NOT_KEPT:
            await services.write(answers.give_back, self._account, self._key)
        else:
            media_type = answer.headers.get("content-type", "application/json")
            kept = KeptAnswer(answer.status_code, media_type, bytes(answer.body))
            await services.write(answers.keep, self._account, self._key, kept, services.clock())
        return answer

    async def _fingerprint(self) -> str:
        """The hash of method, address and body."""
        request = self._request
        told = hashlib.sha256(f"{request.method} {request.url.path}?{request.url.query}\n".encode())
        told.update(await request.body())
        return told.hexdigest()


_BUSY = violation(
    "idempotency.busy",
    "A request with this Idempotency-Key is being done.",
    "Send it again in a second for its answer.",
)
_REUSED = violation(
    "idempotency.reused",
    "This Idempotency-Key was used for another request.",
    "Use a new key for each act, and the same one only to send the same request again.",
)
_MISSING = violation(
    "idempotency.key",
    "A write needs an Idempotency-Key header of 8 to 255 visible ASCII characters.",
    "Make a new random one, such as a UUID, for each act.",
)


async def _answer(act: Callable[[str], Awaitable[Response]], message_id: str) -> Response:
    try:
        return await act(message_id)
    except (ApiError, UmpireError) as error:
        found = problem_of(error)
        assert found is not None
        return found


async def _of_request(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(
            description="A new random value for each act. The same request under the same key gets the same answer, for two "
            "days at least.",
            min_length=8,
            max_length=255,
            pattern="^[!-~]+$",
        ),
    ] = None,
) -> Write:
    if idempotency_key is None or not _KEY.fullmatch(idempotency_key):
        raise ApiError(422, _MISSING.message, violations=(_MISSING,))
    return Write(request, idempotency_key)


Once = Annotated[Write, Depends(_of_request)]
"""The write of a route, under its Idempotency-Key."""


ACT_RESPONSES: dict[int | str, dict[str, Any]] = responses(400, 404, 409, 413, 415) | {
    202: {"model": DoneAct, "description": "Kept, and goes on by itself: `look_at` shows what became of it."}
}


RECEIVED: dict[int | str, dict[str, Any]] = responses(400, 409, 413) | {
    200: {"model": Receipt, "description": "On file: joined, or changed, its case."},
    201: {"model": Receipt, "description": "Received, and a case is begun."},
    202: {"model": Receipt, "description": "Kept with its receipt, and goes on by itself."},
}


def post_act(router: APIRouter, path: str, summary: str, *tags: str | Enum) -> Callable[[Route], Route]:
    """Decorator of a route that does an act on a case: all of them answer alike."""
    told: list[str | Enum] = list(tags)
    return router.post(path, tags=told, summary=summary, response_model=DoneAct, responses=ACT_RESPONSES)


def place_of(case_id: str, caller: ApiCaller) -> str:
    """The address at which this caller sees the case."""
    return f"/api/v1/{'provider/requests' if caller.principal.npi is not None else 'cases'}/{case_id}"


def answer_act(reply: CommandResult, caller: ApiCaller) -> Response:
    """200 with the answer of the case, 202 for what is handed on, 409 with the rules for what was refused."""
    if reply.kind is CommandStatus.REFUSED:
        return problem_response(409, "The case refused it.", violations=reply.refusals)
    done = DoneAct(result=reply, look_at=place_of(reply.case_id, caller))
    return JSONResponse(done.model_dump(mode="json"), 202 if reply.kind in _WAITS else 200)


def answer_arrival(result: SubmissionResult, kind: ArrivalKind, caller: ApiCaller) -> Response:
    """201 with the receipt of a new case, 200 for what was on file or changed a case, 202 for what is kept, 422 for what intake
    has to look at."""
    if result.kind is SubmissionStatus.REFUSED:
        return problem_response(422, result.says, problems=result.problems)
    where = place_of(result.case_id, caller) if result.case_id is not None else None
    receipt = Receipt(result=result, arrival=kind, look_at=where)
    status = 202 if result.kind in _WAITS else 201 if result.kind is SubmissionStatus.STARTED else 200
    headers = {"location": where} if where is not None and status == 201 else {}
    return JSONResponse(receipt.model_dump(mode="json"), status, headers=headers)
