"""A task: its case opened at it, its completion from the dock, its draft. After an act the next task is claimed and open."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from domain.authorization.forms import CompletionForm
from domain.cases import task_forms
from domain.cases.tasks import ALLOWED_OUTCOMES, TaskKind, TaskOutcome, TaskStatus
from domain.errors import NotReadable, Refused, RuleViolation, violation
from domain.vocabulary import ProcessKind
from engine import edge_clock
from services.commands import blank_forms, case_actions, decision_form
from services.commands.next_task import NextTask, claim_next
from services.commands.task_forms import FORMS, form_for
from services.context import CommandResult, CommandStatus, TemporalUnavailable
from services.principals import Right
from services.queries.worklists import choose_filtered
from store.drafts import task_drafts
from web.context import Context, SignedIn, WebContext, require
from web.notices import leave_notice
from web.pages.acts import tell_holder
from web.pages.tasks.docks import TaskStanding, find_standing, load_dock, load_sheet
from web.presentation import kept_lists, review_forms, ways_out
from web.presentation.dock import Standing
from web.presentation.form_reading import place_errors, read_typed
from web.presentation.forms import change_entries
from web.rendering import render_page
from web.security import kept_forms
from web.security.case_views import require_case, view_case

router = APIRouter()
Worker = Annotated[SignedIn, Depends(require(Right.TASKS))]
WRONG, AGAINST, LATE = 422, 409, 503
MOST_TYPED = 200_000
"""Letters of a draft that are kept at most."""
_ABOUT_THE_FORM = frozenset({"csrf", "act", "then", "more", "less", "quiet", "password", "code"})
_ACT = re.compile(r"[A-Za-z0-9-]{8,64}")


class FormWrong(Exception):
    """The form has missing or wrong answers: `errors` are sentences by field, `others` belong to no field."""

    def __init__(self, errors: Mapping[str, str], others: Sequence[str] = ()) -> None:
        super().__init__("the form has missing or wrong answers")
        self.errors, self.others = errors, others


def typed_form(form: FormData) -> dict[str, list[str]]:
    """The fields typed into a form, without what is about the form itself, and never a password."""
    typed: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if name not in _ABOUT_THE_FORM and isinstance(value, str):
            typed.setdefault(name, []).append(value)
    return typed


@router.get("/tasks/{task_id}")
async def open_task(
    request: Request, context: Context, who: Worker, task_id: str, outcome: str = "", kept: str = ""
) -> Response:
    """The case at this task; `outcome` unfolds its form, `kept` is the key of one that came after its session had ended."""
    found = await find_standing(context, who, task_id)
    await view_case(context, who, found.case_id, "task")
    again = f"&{urlencode({kept_forms.PARAMETER: kept})}" if kept else ""
    return _to(request, f"{_address(found, outcome)}{again}")


@router.post("/tasks/{task_id}")
async def complete_task(request: Request, context: Context, who: Worker, task_id: str) -> Response:
    """Complete the task as the form says. The form comes back with everything typed when anything stands against it."""
    form = await request.form()
    typed = typed_form(form)
    found = await find_standing(context, who, task_id)
    await view_case(context, who, found.case_id, "task")
    said = str(form.get("outcome") or "")
    more, less = form.get("more"), form.get("less")
    if isinstance(more, str) or isinstance(less, str):
        changed = change_entries(typed, str(more) if more else None, str(less) if less else None)
        await _keep(context, who, task_id, changed)
        return _to(request, _address(found, said, at_form=True))
    act = act_id(form)
    try:
        if _has_own_page(found, said):
            await _keep(context, who, task_id, typed)
            return _to(request, f"/tasks/{task_id}/decision")
        reply = await _send(context, who, found, said, typed, act)
    except FormWrong as wrong:
        dock = await load_dock(
            context, who, task_id, outcome=said, typed=typed, errors=wrong.errors, others=wrong.others, act=act
        )
        return render_page(request, "task.html", WRONG, dock=dock, found=(), late="")
    except Refused as refused:
        return await _show_refusals(request, context, who, found, said, typed, refused.refusals)
    except TemporalUnavailable:
        await _keep(context, who, task_id, typed)
        dock = await load_dock(context, who, task_id, outcome=said, typed=typed, act=act)
        return render_page(request, "task.html", LATE, dock=dock, found=(), late="Nothing was done yet.")
    if reply.kind is CommandStatus.REFUSED and not await _was_done_before(context, who, task_id, said):
        return await _show_refusals(request, context, who, found, said, typed, reply.refusals)
    return await _go_on(request, context, who, found, reply, takes_next=form.get("then") != "only")


@router.post("/tasks/{task_id}/claim")
async def claim(request: Request, context: Context, who: Worker, task_id: str) -> Response:
    """Claim the task where one reads its case, and go on there. Raises Refused when somebody was faster."""
    found = await find_standing(context, who, task_id)
    await view_case(context, who, found.case_id, "task")
    act = act_id(await request.form())
    reply = await case_actions.claim_task(context.services, task_id, who.principal.reviewer, act)
    if reply.kind is CommandStatus.REFUSED:
        if await tell_holder(context, who, task_id, reply):
            return RedirectResponse(_address(found, ""), 303)
        return render_page(
            request,
            "refused.html",
            AGAINST,
            found=ways_out.shown_refusals(reply.refusals, found.case_id, task_id),
        )
    if reply.kind is not CommandStatus.ACCEPTED:
        await leave_notice(context, who, "warn", "It may still be another's.", lead="Your claim is not yet answered.")
    return _to(request, _address(found, ""))


@router.post("/tasks/{task_id}/draft")
async def keep_draft(request: Request, context: Context, who: Worker, task_id: str) -> Response:
    """Keep what is typed, for this person alone. Scripts send it as one types; without them there is a button."""
    form = await request.form()
    found = await find_standing(context, who, task_id)
    await require_case(context, who, found.case_id)
    is_kept = found.task.is_open and await _keep(context, who, task_id, typed_form(form))
    if form.get("quiet"):
        return Response(status_code=204 if is_kept else 413)
    if is_kept:
        await leave_notice(
            context, who, "ok", "It is below as you left it, and only you see it.", lead="Kept as draft."
        )
    else:
        await leave_notice(context, who, "warn", "It is too long, or the task has ended.", lead="Not kept.")
    return _to(request, _address(found, str(form.get("outcome") or ""), at_form=True))


async def _send(
    context: WebContext, who: SignedIn, found: TaskStanding, said: str, typed: dict[str, list[str]], act: str
) -> CommandResult:
    """Read the form, have it checked by the validation of every other face, and send it. Raises FormWrong, Refused and
    TemporalUnavailable."""
    outcome, task = _outcome(said), found.task
    services, reviewer = context.services, who.principal.reviewer
    model = form_for(task.kind)
    if model is not None and outcome is TaskOutcome.DONE:
        read = read_typed(model, typed, found.zone, f"{TaskOutcome.DONE.value}.")
        broken = ((one.rule, one.message) for one in task_forms.violations(FORMS, task.kind, read.values))
        placed, others = place_errors(read, ((_place(rule), _words(message)) for rule, message in broken))
        if placed or others:
            raise FormWrong(placed, others)
        return await case_actions.complete_task(
            services, task.task_id, reviewer, outcome, form=read.values, message_id=act
        )
    if outcome not in ALLOWED_OUTCOMES[task.kind] or found.standing is not Standing.YOURS:
        return await decision_form.complete_with_form(
            services, task.task_id, reviewer, CompletionForm(outcome=outcome), act
        )  # the case names the rules that stand against it
    before, _late = await load_sheet(context, who, found)
    read = review_forms.read_outcome(outcome, before, typed)
    try:
        form = blank_forms.read_completion_form(json.dumps(read.values).encode())
    except NotReadable as wrong:
        raise _wrong(*place_errors(read, ((one.path, one.message) for one in wrong.problems))) from None
    _require_readable(read.problems)
    if found.process not in (None, ProcessKind.REQUEST):
        return await case_actions.complete_task(
            services, task.task_id, reviewer, form.outcome, note=form.note, message_id=act
        )
    return await decision_form.complete_with_form(services, task.task_id, reviewer, form, act)


async def _go_on(
    request: Request,
    context: WebContext,
    who: SignedIn,
    found: TaskStanding,
    reply: CommandResult,
    *,
    takes_next: bool,
) -> Response:
    """Leave the notice of what became of the act, and open the next task, or the case."""
    services, reviewer = context.services, who.principal.reviewer
    await services.write(task_drafts.end, found.task.task_id, reviewer)
    again = (f"/cases/{found.case_id}", "Look at it again")
    is_queued = reply.kind in (CommandStatus.QUEUED, CommandStatus.STORED)
    upcoming = None
    if takes_next and not is_queued:  # an engine that was slow to answer would be slow to claim
        try:
            upcoming = await claim_following(request, context, who, found.task.task_id)
        except TemporalUnavailable:
            upcoming = None
    then = "This is your next task." if upcoming is not None else "No other task that you may do is open."
    if is_queued:
        text = "Umpire's engine is slow. What you sent is kept and goes on by itself; you need not send it again."
        await leave_notice(context, who, "warn", text, lead="Handed over, not yet answered.", links=(again,))
    else:
        lead = reply.says if reply.kind is CommandStatus.ACCEPTED else "Done already."
        await leave_notice(
            context, who, "ok", f"{found.case_id}. {then if takes_next else ''}".strip(), lead=lead, links=(again,)
        )
    if upcoming is not None:
        return _to(request, f"/cases/{upcoming.case_id}?{urlencode({'task': upcoming.task_id})}")
    return list_again(request) if takes_next else RedirectResponse(f"/cases/{found.case_id}", 303)


async def claim_following(request: Request, context: WebContext, who: SignedIn, done: str) -> NextTask | None:
    """Claim the task that follows the one just done, of the list that one works through. Raises TemporalUnavailable."""
    filters = kept_lists.read_filters(kept_lists.read_list(request.query_params))
    wanted = await context.services.read(choose_filtered, filters, who.principal)
    return await claim_next(context.services, who.principal.reviewer, wanted, but=frozenset({done}))


def list_again(request: Request) -> Response:
    """Back to the worklist, with the filters that it had."""
    kept = kept_lists.name_list(kept_lists.read_list(request.query_params))
    return RedirectResponse(f"/worklist?{kept}" if kept else "/worklist", 303)


def _to(request: Request, address: str) -> Response:
    """On to a page of the task, with the list that one works through."""
    return RedirectResponse(kept_lists.carry_list(address, request.query_params), 303)


async def _show_refusals(
    request: Request,
    context: WebContext,
    who: SignedIn,
    found: TaskStanding,
    said: str,
    typed: dict[str, list[str]],
    refusals: tuple[RuleViolation, ...],
) -> Response:
    """The form as it was typed, under the rules that stand against it; kept as a draft, so that a way out loses nothing."""
    await _keep(context, who, found.task.task_id, typed)
    dock = await load_dock(context, who, found.task.task_id, outcome=said, typed=typed)
    shown = ways_out.shown_refusals(refusals, found.case_id, found.task.task_id)
    return render_page(request, "task.html", AGAINST, dock=dock, found=shown, late="")


async def _was_done_before(context: WebContext, who: SignedIn, task_id: str, said: str) -> bool:
    """Whether this person has completed the task so already: a form that was sent twice is one act."""
    found = await find_standing(context, who, task_id)
    task = found.task
    is_theirs = task.status is TaskStatus.DONE and task.assignee == who.principal.reviewer
    return is_theirs and task.outcome is not None and task.outcome.value == said


async def _keep(context: WebContext, who: SignedIn, task_id: str, typed: dict[str, list[str]]) -> bool:
    """Keep the draft; False where it is too long to keep."""
    if sum(len(name) + sum(map(len, said)) for name, said in typed.items()) > MOST_TYPED:
        return False
    services = context.services
    await services.write(task_drafts.keep, task_id, who.principal.reviewer, typed, services.clock())
    return True


def _has_own_page(found: TaskStanding, said: str) -> bool:
    """Whether the outcome is written on a page of its own: a decision, which is signed there with a proof of who signs."""
    is_decision = said == TaskOutcome.DECIDE.value or found.task.kind is TaskKind.BENEFIT_REVIEW
    return is_decision and TaskOutcome.DECIDE in ALLOWED_OUTCOMES[found.task.kind] and found.standing is Standing.YOURS


def _outcome(said: str) -> TaskOutcome:
    if not said:
        raise FormWrong({}, ("Choose how the task ends.",))
    try:
        return TaskOutcome(said)
    except ValueError:
        rule = violation("task.outcome", "No task ends with this.", "Choose one of the outcomes on the page.")
        raise Refused((rule,)) from None


def _require_readable(problems: Mapping[str, str]) -> None:
    if problems:
        raise FormWrong(problems)


def _wrong(placed: Mapping[str, str], others: Sequence[str]) -> FormWrong:
    return FormWrong(placed, others)


def _place(rule: str) -> str:
    return rule.removeprefix("task.form").removeprefix(".") or "form"


def _words(message: str) -> str:
    return message.rstrip(".").partition(": ")[2] or message


def act_id(form: FormData) -> str:
    """The id of the act that the page offered; a new one where a program sent none, or something else."""
    said = form.get("act")
    return said if isinstance(said, str) and _ACT.fullmatch(said) else edge_clock.new_message_id()


def _address(found: TaskStanding, outcome: str, *, at_form: bool = False) -> str:
    """The address of the case at this task; `at_form` where somebody goes on filling in."""
    asked = {"task": found.task.task_id} | ({"outcome": outcome} if outcome else {})
    return f"/cases/{found.case_id}?{urlencode(asked)}{'#task' if at_form else ''}"
