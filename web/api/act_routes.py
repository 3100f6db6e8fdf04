"""Routes that act for the plan's staff: claim, release, reassign and complete tasks, and the acts on a case that are no task.

Who acts is who the credential is of. Bodies have no field for it, and one that names somebody is refused.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from fastapi.responses import Response
from pydantic import Field

from domain.errors import refusal
from domain.model import Model
from domain.vocabulary import ArrivalKind
from services.commands import case_actions, task_completion
from services.commands.api_keys import ApiScope
from services.commands.task_completion import TaskAnswers
from services.context import CommandResult
from services.principals import Right
from store.tasks import CaseTask
from web.act_commands import ACTS, PEER_TO_PEER, ActOn, CaseAct, require_offered
from web.api.callers import ApiCaller, require_scope
from web.api.case_routes import CaseId
from web.api.writes import ACT_RESPONSES, DoneAct, Once, answer_act, answer_arrival, post_act
from web.context import Context, WebContext
from web.security.case_views import view_case

router = APIRouter()
Worker = Annotated[ApiCaller, Depends(require_scope(ApiScope.WRITE, Right.TASKS))]
TaskId = Annotated[
    str, Path(min_length=1, max_length=100, pattern="^[A-Za-z0-9:._-]+$", description="The task's number.")
]
FRESH = timedelta(minutes=5)
"""A person has proved who they are so shortly before they sign."""


class TaskHandOver(Model):
    """To whom a task goes."""

    to: str = Field(min_length=1, max_length=100, description="The reviewer's id.")


@post_act(router, "/tasks/{task_id}/claim", "Claim a task", "Work")
async def claim(context: Context, caller: Worker, once: Once, task_id: TaskId) -> Response:
    """Claim the task for whom the credential is of. Role, license and training must match it."""

    async def act(message_id: str) -> CommandResult:
        await _find_seen(context, caller, task_id)
        return await case_actions.claim_task(context.services, task_id, caller.principal.reviewer, message_id)

    return await once.do(act)


@post_act(router, "/tasks/{task_id}/release", "Release a claimed task", "Work")
async def release(context: Context, caller: Worker, once: Once, task_id: TaskId) -> Response:
    """Give the task back to everybody who may do it."""

    async def act(message_id: str) -> CommandResult:
        await _find_seen(context, caller, task_id)
        return await case_actions.release_task(context.services, task_id, caller.principal.reviewer, message_id)

    return await once.do(act)


@post_act(router, "/tasks/{task_id}/reassign", "Hand a task to somebody", "Work")
async def reassign(context: Context, caller: Worker, once: Once, task_id: TaskId, form: TaskHandOver) -> Response:
    """For supervisors, medical directors and the assignee. The case checks that the other may do it."""

    async def act(message_id: str) -> CommandResult:
        await _find_seen(context, caller, task_id)
        by = caller.principal.reviewer
        return await case_actions.reassign_task(context.services, task_id, by, form.to, message_id)

    return await once.do(act)


@post_act(router, "/tasks/{task_id}/complete", "Complete a task, or sign a decision", "Work")
async def complete(context: Context, caller: Worker, once: Once, task_id: TaskId, form: TaskAnswers) -> Response:
    """Complete the task with the form that GET /tasks/{task_id} gives empty.

    A decision (`outcome` `decide`, and a benefit review that is not returned) is signed: it is taken from a person's bearer
    token alone whose `auth_time` is at most five minutes old. From an API key, which proves nobody's presence, it is refused by
    the rule `sign.identity`. Every other rule of signing stands as on the pages: records opened, criteria answered, license.
    """

    async def act(message_id: str) -> CommandResult:
        found = await _find_seen(context, caller, task_id)
        if task_completion.needs_signature(found.task.kind, form):
            _require_presence(context, caller)
        return await task_completion.complete_with_answers(
            context.services, task_id, caller.principal.reviewer, form, message_id
        )

    return await once.do(act)


async def _find_seen(context: WebContext, caller: ApiCaller, task_id: str) -> CaseTask:
    """The task, of a case that the caller may see. Raises NotOnFile and Refused."""
    found = await case_actions.find_task(context.services, task_id)
    await view_case(context, caller, found.case_id, "task")
    return found


def _require_presence(context: WebContext, caller: ApiCaller) -> None:
    """Raise Refused unless the person has proved who they are just now."""
    proved, now = caller.authenticated_at, context.services.clock()
    if proved is None or not -FRESH <= now - proved <= FRESH:
        raise refusal(
            "sign.identity",
            "A decision is signed by a person who has just proved who they are.",
            "Send a bearer token whose auth_time is at most five minutes old, or sign on the pages.",
        )


# -- acts on a case --------------------------------------------------------------------------------------------------------


def _add_act(one: CaseAct) -> None:
    """Add the route of an act, whose body is the form that pages and command line ask from."""

    async def do(context: Context, caller: Worker, once: Once, case_id: CaseId, form: Any) -> Response:
        async def act(message_id: str) -> Response:
            return await _act(context, caller, case_id, one, form, message_id)

        return await once.once(act)

    do.__annotations__["form"] = one.form
    router.add_api_route(
        f"/cases/{{case_id}}/acts/{one.name}",
        do,
        methods=["POST"],
        tags=["Acts on cases"],
        name=f"act_{one.name.replace('-', '_')}",
        summary=one.title,
        description=one.about,
        response_model=DoneAct,
        responses=ACT_RESPONSES,
    )


async def _act(
    context: WebContext, caller: ApiCaller, case_id: str, one: CaseAct, form: Model, message_id: str
) -> Response:
    await view_case(context, caller, case_id, "acts")
    view = await context.services.read(require_offered, one, case_id, caller.principal.reviewer)
    reply = await one.send(ActOn(context, caller.principal, view, message_id), form)
    if isinstance(reply, CommandResult):
        return answer_act(reply, caller)
    return answer_arrival(reply, ArrivalKind.REQUEST, caller)


for _one in (*ACTS, PEER_TO_PEER):
    _add_act(_one)
