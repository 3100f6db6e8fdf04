"""The decision page: the form, the letter that follows from it, the conditions of signing, and the signature of one case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import quote
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from domain.authorization.forms import CompletionForm
from domain.authorization.signing.readiness import SigningStep
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.coverage.directory import Member
from domain.decisions.reviewers import Reviewer
from domain.errors import Refused, RuleViolation, violation
from engine import edge_clock
from services.commands import benefit_review, case_actions, decision_form, signing
from services.commands.benefit_review import BenefitReviewForm
from services.commands.signing import DraftedDecision, SigningDesk
from services.context import CommandResult, CommandStatus, TemporalUnavailable
from services.principals import Right
from services.queries.case_sentence import sentence_parts
from store import cases, directory, tasks
from store.accounts import accounts
from store.drafts import task_drafts
from web.context import Context, SignedIn, WebContext, kept_form, require
from web.letter_preview import LetterPreview, preview_letters
from web.notices import leave_notice
from web.pages.tasks.completion import MOST_TYPED, act_id, claim_following, list_again, typed_form
from web.presentation import kept_lists
from web.presentation.decisions import fields as form_view
from web.presentation.decisions.benefit_form import build_benefit_fields, find_benefit_blanks, read_benefit_form
from web.presentation.decisions.conditions import (
    Condition,
    Obstacle,
    SigningView,
    is_written,
    show_conditions,
    show_obstacle,
    waits_for_records,
)
from web.presentation.decisions.fields import ANSWERS, NO_CONFLICT, OUTCOMES, DecisionFields
from web.presentation.decisions.head import build_head
from web.presentation.decisions.reading import read_form
from web.presentation.forms import FormField, Typed
from web.rendering import render_page
from web.security.case_views import view_case
from web.security.cookies import address_of
from web.security.step_up import confirm_identity, way_to_prove

router = APIRouter()
Signer = Annotated[SignedIn, Depends(require(Right.TASKS))]
DECISIONS = frozenset({TaskKind.PHYSICIAN_REVIEW, TaskKind.BENEFIT_REVIEW})
"""Tasks that end with a decision."""
_MOST_SIGNERS = 3
AGAINST, UNPROVEN, LATE = 409, 422, 503


@dataclass(frozen=True)
class Drafted:
    """The form as it is filled now, with everything that follows from it."""

    fields: DecisionFields | None
    benefit: tuple[FormField, ...] | None
    form: CompletionForm | BenefitReviewForm | None
    tried: DraftedDecision
    letters: tuple[LetterPreview, ...]
    blocked: tuple[str, ...]
    signing: SigningView

    @property
    def needs_proof(self) -> bool:
        """Whether it is a signature: an adverse decision, which nobody gives without proving again who they are."""
        if isinstance(self.form, BenefitReviewForm):
            return self.form.result != "returned"
        return not (self.form is not None and self.form.outcome is TaskOutcome.APPROVE)


@router.get("/tasks/{task_id}/decision")
async def write_decision(request: Request, context: Context, who: Signer, task_id: str) -> Response:
    """The form of a decision, beside the letter."""
    desk = await _open_desk(context, who, task_id)
    sent = kept_form(request)
    if sent is not None and sent.action.startswith(request.url.path):
        return await _show(request, context, who, desk, await _draft(context, desk, sent.fields))
    kept = await context.services.read(task_drafts.find, task_id, who.principal.reviewer)
    drafted = await _draft(context, desk, kept.typed if kept is not None else {})
    return await _show(request, context, who, desk, drafted)


@router.get("/tasks/{task_id}/decision/sign")
async def return_to_decision(request: Request, _who: Signer, task_id: str) -> Response:
    """The decision page, for a browser that opens the address of a signature again. Nothing is signed by opening a page."""
    asked = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"/tasks/{quote(task_id, safe='')}/decision{asked}", 303)


@router.post("/tasks/{task_id}/decision")
async def show_letter(request: Request, context: Context, who: Signer, task_id: str) -> Response:
    """The same page with the letter that follows from what was typed. Nothing is sent."""
    desk = await _open_desk(context, who, task_id)
    form = await request.form()
    typed = typed_form(form)
    await _keep(context, who, task_id, typed)
    drafted = await _draft(context, desk, typed)
    return await _show(request, context, who, desk, drafted, act=act_id(form))


@router.post("/tasks/{task_id}/decision/preview")
async def preview_decision(request: Request, context: Context, who: Signer, task_id: str) -> Response:
    """The letter and the conditions alone, for a page that is being typed into."""
    desk = await _open_desk(context, who, task_id)
    drafted = await _draft(context, desk, typed_form(await request.form()))
    return await _show(request, context, who, desk, drafted, template="parts/decision_beside.html")


@router.post("/tasks/{task_id}/decision/sign")
async def sign(request: Request, context: Context, who: Signer, task_id: str) -> Response:
    """Sign this one decision, with everything checked here and by the case; or show the rules that stand against it."""
    desk = await _open_desk(context, who, task_id)
    form = await request.form()
    typed, act = typed_form(form), act_id(form)
    await _keep(context, who, task_id, typed)
    drafted = await _draft(context, desk, typed)
    if not drafted.signing.holds or drafted.form is None:
        return await _show(
            request, context, who, desk, drafted, status=AGAINST, refused=drafted.signing.obstacles, act=act
        )
    if drafted.needs_proof:
        try:
            await confirm_identity(context, who, form, task_id, address_of(request))
        except Refused as unproven:
            said = " ".join((unproven.refusals[0].message, "Nothing was signed.", unproven.refusals[0].way_out))
            return await _show(request, context, who, desk, drafted, status=UNPROVEN, proof_problem=said, act=act)
    try:
        reply = await _send(context, who, desk, drafted.form, act)
    except Refused as error:
        return await _show_refused(request, context, who, desk, drafted, error.refusals, act)
    except TemporalUnavailable as error:
        return await _show(request, context, who, desk, drafted, status=LATE, late=str(error), act=act)
    if reply.kind is CommandStatus.REFUSED:
        return await _show_refused(request, context, who, desk, drafted, reply.refusals, act)
    return await _go_on(request, context, who, desk, reply)


@router.post("/tasks/{task_id}/decision/hand-over")
async def hand_over(request: Request, context: Context, who: Signer, task_id: str) -> Response:
    """Hand the task to somebody who may sign it. What was written stays with its writer."""
    desk = await _open_desk(context, who, task_id)
    form = await request.form()
    to = form.get("to")
    person = await context.services.read(directory.reviewer, to) if isinstance(to, str) else None
    if person is None:
        raise Refused((violation("reviewer.unknown", "Nobody of that name is in the directory.", "Choose again."),))
    act = act_id(form)
    reply = await case_actions.reassign_task(
        context.services, task_id, who.principal.reviewer, person.reviewer_id, f"{act}-to"
    )
    if reply.kind is CommandStatus.REFUSED:
        drafted = await _draft(context, desk, {name: said for name, said in typed_form(form).items() if name != "to"})
        return await _show_refused(request, context, who, desk, drafted, reply.refusals, act)
    await leave_notice(context, who, "ok", f"{desk.task.task_id} is with {person.name} now.", lead="Handed over.")
    return RedirectResponse("/worklist", 303)


class NothingToDecide(Exception):
    """The task is done, or does not end with a decision: there is only its case to look at."""

    def __init__(self, case_id: str) -> None:
        super().__init__("nothing to decide")
        self.case_id = case_id


async def _open_desk(context: WebContext, who: SignedIn, task_id: str) -> SigningDesk:
    """The desk of this task. Raises NotOnFile, NothingToDecide, and TemporalUnavailable where it cannot be read."""
    found = await case_actions.find_task(context.services, task_id)
    await view_case(context, who, found.case_id, "decision")
    if found.task.kind not in DECISIONS or not found.task.is_open:
        raise NothingToDecide(found.case_id)
    now = context.services.clock()
    return await context.services.read(signing.read_desk, task_id, who.principal.reviewer, now)


async def _keep(context: WebContext, who: SignedIn, task_id: str, typed: Typed) -> None:
    """Keep what is typed for this person alone, so that no way out and no lost session loses it."""
    if sum(len(name) + sum(map(len, said)) for name, said in typed.items()) <= MOST_TYPED:
        services = context.services
        await services.write(task_drafts.keep, task_id, who.principal.reviewer, typed, services.clock())


async def _draft(context: WebContext, desk: SigningDesk, typed: Typed) -> Drafted:
    """Everything that follows from what was typed, by the code that runs at the signature."""
    now = context.services.clock()
    fields, benefit, blanks = None, None, tuple[tuple[str, str], ...]()
    form: CompletionForm | BenefitReviewForm | None
    if desk.task.kind is TaskKind.BENEFIT_REVIEW:
        form = read_benefit_form(typed, desk.case.zone)
        benefit, blanks = build_benefit_fields(desk, typed), find_benefit_blanks(form)
        tried = signing.try_benefit_decision(desk, form, now)
    else:
        form = read_form(desk.case, desk.before, typed)
        fields = form_view.build_fields(desk.case, desk.before, typed)
        blanks = form_view.find_blanks(fields)
        tried = signing.try_decision(desk, form, now)
    letters, blocked = await preview_letters(context, tried.orders)
    said = tuple(one.why for one in (*tried.blocked, *blocked))
    signers = () if tried.holds else await _other_signers(context, desk, tried, now)
    view = show_conditions(desk, tried, blanks, signers, fields)
    waiting = waits_for_records(tried, blanks)
    letter = _letter_condition(desk, form, letters, said, waits=waiting, is_written=is_written(blanks))
    conditions = (*view.conditions, letter)
    return Drafted(fields, benefit, form, tried, letters, said, SigningView(conditions))


async def _other_signers(
    context: WebContext, desk: SigningDesk, tried: DraftedDecision, now: datetime
) -> tuple[tuple[Reviewer, int], ...]:
    """The others who may sign, where this signer may not; the least open work first."""
    in_the_way = {check.step for check in tried.checks if check.broken}
    if not in_the_way & {SigningStep.SIGNER, SigningStep.INDEPENDENCE}:
        return ()
    people = await context.services.read(signing.read_people)
    others = tuple(one for one in people if one.reviewer_id != desk.before.reviewer.reviewer_id)
    fitting = signing.find_signers(desk, others, now)
    loads = await context.services.read(_open_work, tuple(one.reviewer_id for one in fitting))
    return tuple(sorted(zip(fitting, loads, strict=True), key=lambda one: one[1]))[:_MOST_SIGNERS]


def _open_work(s: Session, reviewer_ids: tuple[str, ...]) -> list[int]:
    return [len(tasks.worklist(s, assignee=one)) for one in reviewer_ids]


def _letter_condition(
    desk: SigningDesk,
    form: CompletionForm | BenefitReviewForm | None,
    letters: Sequence[LetterPreview],
    blocked: Sequence[str],
    *,
    waits: bool,
    is_written: bool,
) -> Condition:
    """The condition that everybody can be told of the decision; `waits`: it lists the records that its signer opened."""
    rule = violation("decision.letter", "", "Complete it; it changes as you write.")
    wrong = [*blocked, *(said for one in letters for said in one.faults)]
    if isinstance(form, BenefitReviewForm) and form.result == "returned":
        return Condition("letter", "No letter is written", ": the line goes back to clinical review")
    if not letters and not wrong:
        wrong = ["There is no letter yet."]
    if wrong and not is_written:
        counted = f": {letters[0].complete} of {letters[0].parts} parts" if letters else ""
        return Condition("letter", "The letter is complete when the decision is", counted, waits=True)
    if waits and wrong:
        return Condition("letter", "The letter", " lists the documents that you open", waits=True)
    obstacles = tuple(
        show_obstacle(rule.model_copy(update={"message": said}), SigningStep.DECISION, desk, (), ())
        for said in dict.fromkeys(wrong)
    )
    if obstacles:
        return Condition("letter", "The letter is not complete", "", obstacles)
    first = letters[0]
    grade = f", your words at grade {first.grade}" if first.grade else ""
    return Condition("letter", "The letter is complete", f": {first.complete} of {first.parts} parts{grade}")


async def _send(
    context: WebContext, who: SignedIn, desk: SigningDesk, form: CompletionForm | BenefitReviewForm, act: str
) -> CommandResult:
    """Sign and send. Raises Refused and TemporalUnavailable."""
    services, reviewer = context.services, who.principal.reviewer
    if isinstance(form, BenefitReviewForm):
        return await benefit_review.complete_benefit_review(
            services, desk.task.task_id, reviewer, form, act, before=desk.before
        )
    return await decision_form.complete_with_form(services, desk.task.task_id, reviewer, form, act, before=desk.before)


async def _go_on(
    request: Request, context: WebContext, who: SignedIn, desk: SigningDesk, reply: CommandResult
) -> Response:
    """Say on the next task's page what became of the decision."""
    services, reviewer = context.services, who.principal.reviewer
    await services.write(task_drafts.end, desk.task.task_id, reviewer)
    again = ((f"/cases/{desk.before.case_id}", "Look at the case"),)
    if reply.kind is CommandStatus.ACCEPTED:
        await leave_notice(context, who, "ok", reply.says, lead="Signed and sent.", links=again)
    else:
        said = "It is kept and goes on by itself; you need not send it again."
        await leave_notice(context, who, "warn", said, lead="Handed over.", links=again)
    try:
        upcoming = await claim_following(request, context, who, desk.task.task_id)
    except TemporalUnavailable:
        upcoming = None
    if upcoming is None:
        return list_again(request)
    return RedirectResponse(kept_lists.carry_list(f"/tasks/{upcoming.task_id}", request.query_params), 303)


async def _show_refused(
    request: Request,
    context: WebContext,
    who: SignedIn,
    desk: SigningDesk,
    drafted: Drafted,
    refusals: tuple[RuleViolation, ...],
    act: str,
) -> Response:
    refused = tuple(show_obstacle(one, SigningStep.DECISION, desk, (), ()) for one in refusals)
    return await _show(request, context, who, desk, drafted, status=AGAINST, refused=refused, act=act)


async def _show(
    request: Request,
    context: WebContext,
    who: SignedIn,
    desk: SigningDesk,
    drafted: Drafted,
    *,
    template: str = "decision.html",
    status: int = 200,
    refused: Sequence[Obstacle] = (),
    late: str = "",
    proof_problem: str = "",
    act: str | None = None,
) -> Response:
    member, user_name = await context.services.read(_read_names, desk, who)
    today = context.services.clock().astimezone(ZoneInfo(desk.case.zone)).date()
    words, hint = _act_words(drafted)
    view = await context.services.read(cases.get, desk.before.case_id)
    holder = desk.before.reviewer.name
    page = vars(build_head(desk, member, today)) | {
        "sentence": tuple(
            ("you" if strong and text == holder else text, strong)
            for text, strong in sentence_parts(view, desk.before.case_id)
        ),
        "fields": drafted.fields,
        "benefit": drafted.benefit,
        "letters": drafted.letters,
        "blocked": drafted.blocked,
        "signing": drafted.signing,
        "needs_proof": drafted.needs_proof,
        "act_words": words,
        "act_hint": hint,
        "refused": tuple(refused),
        "late": late,
        "proof_problem": proof_problem,
        "user_name": user_name,
        "act": act or edge_clock.new_message_id(),
    }
    task_id = str(page["task_id"])
    page["proof"] = await way_to_prove(
        context, who, task_id, kept_lists.carry_list(f"/tasks/{task_id}/decision", request.query_params)
    )
    statements = {"free": NO_CONFLICT, "attested": decision_form.ATTESTATION}
    return render_page(
        request,
        template,
        status,
        page=page,
        outcomes=OUTCOMES,
        answer_words=ANSWERS,
        statements=statements,
        counted=_count_rules,
    )


def _read_names(s: Session, desk: SigningDesk, who: SignedIn) -> tuple[Member | None, str]:
    """The member, and the name under which the signer signs in: a password manager needs it beside the password."""
    account = accounts.get(s, who.principal.account_id)
    return directory.member(s, desk.case.member_id), account.user_name if account is not None else ""


def _act_words(drafted: Drafted) -> tuple[str, str]:
    """The words of the button of an act that needs no signature, and the hint under it."""
    if isinstance(drafted.form, BenefitReviewForm):
        return "Return it to clinical review, and take the next task", "Nothing is decided by a return."
    return "Approve, and take the next task", "An approval needs no password."


def _count_rules(number: int) -> str:
    return {1: "One rule stands", 2: "Two rules stand", 3: "Three rules stand"}.get(number, f"{number} rules stand")
