"""`umpire stay`: commands on an open stay: updates, reconsiderations, reductions, avoidable days, QIO updates."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from cli.stays.options import StayNumber, YesNo, parse_day, parse_yes_no, require_day
from cli.terminal import command_results, output
from cli.terminal.context import cli_context
from cli.terminal.errors import handle_errors
from cli.terminal.files import read_content
from cli.terminal.instants import parse_instant
from cli.terminal.options import Json, OptionalUser, User, actor_of
from cli.terminal.typed_facts import parse_facts
from domain.stays.avoidable_days import Attribution, AvoidableDay, DelayReason
from domain.stays.levels_of_care import LevelOfCare
from domain.vocabulary import Channel
from intake.stays import updates
from intake.stays.evidence import TypedFact, UpdateContents
from intake.stays.updates import ReconsiderationRequest, UpdateRequest
from services.commands import stay_actions

group = typer.Typer(no_args_is_help=True, help="Actions on an open hospital stay.")
_FACT = "A value, such as ip.expected_midnights=3; may be repeated. Counts as given by telephone unless a document is attached."
Facts = Annotated[list[str] | None, typer.Option("--fact", metavar="ID=VALUE", help=_FACT)]
AsOf = Annotated[str | None, typer.Option(metavar="DAY", help="The day on which values without a date were true.")]
AsDocument = Annotated[bool, typer.Option("--as-document", help="Store JSON as a document for people to read.")]


@group.command()
def update(
    context: typer.Context,
    stay: StayNumber,
    file: Annotated[
        str | None,
        typer.Argument(metavar="[FILE]", help="Records as JSON (FHIR or plain), or a document; '-' is standard input."),
    ] = None,
    note: Annotated[str | None, typer.Option(help="Note of a telephone call with the facility.")] = None,
    fact: Facts = None,
    through: Annotated[
        str | None, typer.Option(metavar="DAY", help="The last requested day; by policy unless given.")
    ] = None,
    level: Annotated[LevelOfCare | None, typer.Option(help="The new level of care, if it changed.")] = None,
    drg: Annotated[
        str | None, typer.Option("--drg", metavar="NNN", help="The working DRG: a signal, never a limit.")
    ] = None,
    expected_discharge: Annotated[
        str | None, typer.Option(metavar="DAY", help="The expected day of discharge.")
    ] = None,
    post_stabilization: Annotated[
        YesNo | None,
        typer.Option(help="Whether the patient is stable after an emergency and the facility requests continued care."),
    ] = None,
    as_of: AsOf = None,
    as_document: AsDocument = False,
    user: OptionalUser = None,
    as_json: Json = False,
) -> None:
    """Send a clinical update: records of the facility, or a note of a telephone call.

    It is read and stored with its receipt time before it is sent to the stay. The open days, or those that --through
    requests, are then reviewed; an update that arrives during a review waits for its end.
    """
    with handle_errors():
        here = cli_context(context)
        if drg is not None and not (drg.isascii() and drg.isdecimal() and len(drg) == 3):
            raise typer.BadParameter("a DRG has three digits, such as 291", param_hint="--drg")
        wanted = UpdateRequest(
            through=parse_day(through, "--through"),
            level=level,
            working_drg=drg,
            expected_discharge=parse_day(expected_discharge, "--expected-discharge"),
            post_stabilization=parse_yes_no(post_stabilization),
        )
        actor = actor_of(user)
        brought = _update_contents(file, note, fact, as_of, as_document)
        reply = here.run_with_services(
            lambda services: updates.send_update(services, stay, brought, wanted, actor), without_temporal=True
        )
        command_results.print_result(reply, as_json)


@group.command()
def reconsider(
    context: typer.Context,
    stay: StayNumber,
    file: Annotated[
        str | None, typer.Argument(metavar="[FILE]", help="New information: records or a document.")
    ] = None,
    first: Annotated[
        str | None, typer.Option("--day", metavar="DAY", help="The denied day, or the first of several.")
    ] = None,
    through: Annotated[
        str | None, typer.Option(metavar="DAY", help="The last denied day, if there are several.")
    ] = None,
    held_at: Annotated[
        str | None, typer.Option(metavar="INSTANT", help="When the peer-to-peer was held, with offset.")
    ] = None,
    reopening: Annotated[bool, typer.Option("--reopening", help="By a reopening, without a peer-to-peer.")] = False,
    note: Annotated[str | None, typer.Option(help="Summary of the peer-to-peer.")] = None,
    fact: Facts = None,
    as_of: AsOf = None,
    as_document: AsDocument = False,
    user: OptionalUser = None,
    as_json: Json = False,
) -> None:
    """Request that a physician reconsiders denied days: after a peer-to-peer, or by a reopening. It is not an appeal."""
    with handle_errors():
        if (held_at is None) is not reopening:
            raise typer.BadParameter("give either --held-at with the time of the peer-to-peer, or --reopening")
        here = cli_context(context)
        day_one = require_day(first, "--day")
        look = ReconsiderationRequest(
            first=day_one,
            last=parse_day(through, "--through") or day_one,
            how="reopening" if reopening else "peer_to_peer",
            held_at=parse_instant(held_at, "--held-at"),
            note=note or "",
        )
        actor = actor_of(user)
        brought = _update_contents(file, note, fact, as_of, as_document)
        reply = here.run_with_services(
            lambda services: updates.request_reconsideration(services, stay, brought, look, actor),
            without_temporal=True,
        )
        command_results.print_result(reply, as_json)


@group.command("propose-reduction")
def propose_reduction(
    context: typer.Context,
    stay: StayNumber,
    user: User,
    first: Annotated[str, typer.Option("--from", metavar="DAY", help="The first approved day that would end.")],
    why: Annotated[str, typer.Option(help="Why the days are no longer needed.")],
    as_json: Json = False,
) -> None:
    """Propose that approved days end early, where the law allows it. A signed review decides; until then they stay approved."""
    with handle_errors():
        here = cli_context(context)
        effective_on = require_day(first, "--from")
        _require_text(why, "--why")
        command_results.print_result(
            here.run_with_services(
                lambda services: stay_actions.propose_reduction(services, stay, effective_on, why, user)
            ),
            as_json,
        )


@group.command("avoidable-day")
def avoidable_day(
    context: typer.Context,
    stay: Annotated[str | None, typer.Argument(metavar="[STAY]", help="The stay, such as ST-7K3QX2MDVH5A.")] = None,
    on: Annotated[str | None, typer.Option("--day", metavar="DAY", help="The avoidable day.")] = None,
    reason: Annotated[str | None, typer.Option(help="The reason, as --reasons lists them.")] = None,
    attribution: Annotated[Attribution | None, typer.Option(help="The party that could have avoided the day.")] = None,
    note: Annotated[str, typer.Option(help="What happened, for people.")] = "",
    reasons: Annotated[
        bool, typer.Option("--reasons", help="List the reasons with their possible attributions.")
    ] = False,
    user: OptionalUser = None,
    as_json: Json = False,
) -> None:
    """Record an avoidable day, with its reason and responsible party, including the payer. It denies no day."""
    with handle_errors():
        known = _load_delay_reasons()
        if reasons:
            _print_reasons(known, as_json)
            return
        if stay is None or reason is None or user is None:
            missing = "STAY" if stay is None else "--reason" if reason is None else "--as"
            raise typer.BadParameter("is needed here; --reasons lists the reasons", param_hint=missing)
        here, who = cli_context(context), user
        entry = AvoidableDay(
            day=require_day(on, "--day"),
            reason=reason,
            attribution=attribution or _sole_attribution(known, reason),
            note=note,
        )
        number = stay
        reply = here.run_with_services(lambda services: stay_actions.record_avoidable_day(services, number, entry, who))
        command_results.print_result(reply, as_json)


@group.command("qio-update")
def qio_update(
    context: typer.Context,
    stay: Annotated[str, typer.Argument(metavar="PLAN", help="The discharge plan (DP-...), or its stay (ST-...).")],
    about: Annotated[
        Literal["end_of_services", "discharge"],
        typer.Option(help="The end of services (NOMNC), or the discharge (IM)."),
    ],
    what: Annotated[
        Literal["asked", "has_information", "decided"],
        typer.Option(help="The QIO was asked, has the records, or decided."),
    ],
    upheld: Annotated[
        YesNo | None, typer.Option(help="Decided: whether it agrees with ending the services or with the discharge.")
    ] = None,
    timely: Annotated[YesNo | None, typer.Option(help="Asked: whether the member asked in time.")] = None,
    user: OptionalUser = None,
    as_json: Json = False,
) -> None:
    """Report an update of the quality improvement organization to the discharge plan. The member is protected meanwhile."""
    with handle_errors():
        here = cli_context(context)
        actor = actor_of(user)
        reply = here.run_with_services(
            lambda services: stay_actions.report_qio_update(
                services, stay, about, what, parse_yes_no(upheld), parse_yes_no(timely), actor
            )
        )
        command_results.print_result(reply, as_json)


# -- typed values ----------------------------------------------------------------------------------------------------------


def _update_contents(
    file: str | None, note: str | None, fact: list[str] | None, as_of: str | None, as_document: bool
) -> UpdateContents:
    """The contents of the update. Raises NotReadable."""
    return UpdateContents(
        content=read_content(file) if file is not None else None,
        name=Path(file).name if file is not None else None,
        note=note,
        facts=_parse_facts(fact) if fact else (),
        as_document=as_document,
        as_of=parse_day(as_of, "--as-of"),
        channel=Channel.COMMAND_LINE if file is not None else Channel.PHONE,
    )


def _parse_facts(said: list[str]) -> tuple[TypedFact, ...]:
    from rulebook.rulebook import load_rulebook

    return parse_facts(said, load_rulebook().criteria.dictionary)


def _load_delay_reasons() -> tuple[DelayReason, ...]:
    from rulebook.rulebook import load_rulebook

    return load_rulebook().stays.delays.reasons


def _sole_attribution(known: tuple[DelayReason, ...], reason: str) -> Attribution:
    """The only party that the reason may be attributed to. Raises BadParameter for several, or for an unknown reason."""
    found = next((one for one in known if one.reason == reason), None)
    if found is None:
        raise typer.BadParameter(f"one of: {', '.join(one.reason for one in known)}", param_hint="--reason")
    if len(found.attributions) > 1:
        may = " or ".join(one.value for one in found.attributions)
        raise typer.BadParameter(f"this may be attributed to {may}: name it", param_hint="--attribution")
    return found.attributions[0]


def _print_reasons(known: tuple[DelayReason, ...], as_json: bool) -> None:
    if as_json:
        output.print_json(list(known))
        return
    rows = [(one.reason, one.title, ", ".join(who.value for who in one.attributions)) for one in known]
    output.print_table(("Reason", "Description", "May be attributed to"), rows)


def _require_text(said: str, option: str) -> None:
    if not said.strip():
        raise typer.BadParameter("needs text", param_hint=option)
