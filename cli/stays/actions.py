"""`umpire stay`: what people tell a running stay: updates, second looks, reductions, avoidable days, news of the QIO."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from cli.stays.facts import typed_facts
from cli.stays.options import Stay, YesNo, day, instant, needed_day, somebody, yes_no
from cli.terminal import output, replies
from cli.terminal.context import office
from cli.terminal.errors import told
from cli.terminal.files import content_of
from cli.terminal.options import Json, MaybeUser, User
from domain.stays.avoidable_days import Attribution, AvoidableDay, DelayReason
from domain.stays.levels_of_care import LevelOfCare
from domain.vocabulary import Channel
from intake.stays import updates as stay_updates
from intake.stays.evidence import Brought, TypedFact
from intake.stays.updates import Look, Wanted
from services.commands import stay_actions as stay_acts

group = typer.Typer(no_args_is_help=True, help="What people tell a running hospital stay.")
_FACT = (
    "A value, such as ip.expected_midnights=3; may be repeated. Said on the telephone unless a document comes along."
)
Facts = Annotated[list[str] | None, typer.Option("--fact", metavar="ID=VALUE", help=_FACT)]
AsOf = Annotated[
    str | None, typer.Option(metavar="DAY", help="The day on which values without a date were true, as you know it.")
]
AsDocument = Annotated[bool, typer.Option("--as-document", help="Keep JSON as a document to be read by people.")]


@group.command()
def update(
    context: typer.Context,
    stay: Stay,
    file: Annotated[
        str | None,
        typer.Argument(metavar="[FILE]", help="Records as JSON (FHIR or plain), or a document; '-' is standard input."),
    ] = None,
    note: Annotated[str | None, typer.Option(help="What the facility said on the telephone, in words.")] = None,
    fact: Facts = None,
    through: Annotated[
        str | None, typer.Option(metavar="DAY", help="The last day that is asked for; else as the policy has it.")
    ] = None,
    level: Annotated[LevelOfCare | None, typer.Option(help="The level of care from now on, where it changed.")] = None,
    drg: Annotated[
        str | None, typer.Option("--drg", metavar="NNN", help="The working DRG: a signal, never a limit.")
    ] = None,
    expected_discharge: Annotated[str | None, typer.Option(metavar="DAY", help="When the hospital expects it.")] = None,
    post_stabilization: Annotated[
        YesNo | None,
        typer.Option(help="Whether the patient is stable after an emergency and the facility asks to go on."),
    ] = None,
    as_of: AsOf = None,
    as_document: AsDocument = False,
    user: MaybeUser = None,
    as_json: Json = False,
) -> None:
    """Send a clinical update: records of the facility, or a note of what it said on the telephone.

    It is read and kept with its receipt instant before the stay hears of it. The days that are open, or that --through asks
    for, are then reviewed; what comes while a review is under way waits for it.
    """
    with told():
        here = office(context)
        if drg is not None and not (drg.isascii() and drg.isdecimal() and len(drg) == 3):
            raise typer.BadParameter("a DRG has three digits, such as 291", param_hint="--drg")
        wanted = Wanted(
            through=day(through, "--through"),
            level=level,
            working_drg=drg,
            expected_discharge=day(expected_discharge, "--expected-discharge"),
            post_stabilization=yes_no(post_stabilization),
        )
        actor = somebody(here, user)
        brought = _brought(file, note, fact, as_of, as_document)
        reply = here.desk(
            lambda desk: stay_updates.send_update(desk, stay, brought, wanted, actor), without_engine=True
        )
        replies.show(reply, as_json)


@group.command("second-look")
def second_look(
    context: typer.Context,
    stay: Stay,
    file: Annotated[
        str | None, typer.Argument(metavar="[FILE]", help="What was learned: records or a document.")
    ] = None,
    first: Annotated[str | None, typer.Option("--day", metavar="DAY", help="The denied day, or the first one.")] = None,
    through: Annotated[
        str | None, typer.Option(metavar="DAY", help="The last denied day, where there are more.")
    ] = None,
    held_at: Annotated[
        str | None, typer.Option(metavar="INSTANT", help="When the peer-to-peer was held, with offset.")
    ] = None,
    reopening: Annotated[bool, typer.Option("--reopening", help="By a reopening, without a talk.")] = False,
    note: Annotated[str | None, typer.Option(help="What was said, as far as it matters.")] = None,
    fact: Facts = None,
    as_of: AsOf = None,
    as_document: AsDocument = False,
    user: MaybeUser = None,
    as_json: Json = False,
) -> None:
    """Ask that a physician looks at denied days again: after a peer-to-peer, or by a reopening. It is no appeal."""
    with told():
        if (held_at is None) is not reopening:
            raise typer.BadParameter("give either --held-at with the time of the talk, or --reopening")
        here = office(context)
        day_one = needed_day(first, "--day")
        look = Look(
            first=day_one,
            last=day(through, "--through") or day_one,
            how="reopening" if reopening else "peer_to_peer",
            held_at=instant(held_at, "--held-at"),
            note=note or "",
        )
        actor = somebody(here, user)
        brought = _brought(file, note, fact, as_of, as_document)
        reply = here.desk(
            lambda desk: stay_updates.ask_second_look(desk, stay, brought, look, actor), without_engine=True
        )
        replies.show(reply, as_json)


@group.command()
def reduce(
    context: typer.Context,
    stay: Stay,
    user: User,
    first: Annotated[str, typer.Option("--from", metavar="DAY", help="The first approved day that would end.")],
    why: Annotated[str, typer.Option(help="Why the days are no longer needed.")],
    as_json: Json = False,
) -> None:
    """Propose that approved days end early, where the law knows such a rule. A signed review decides; until then they stand."""
    with told():
        here = office(context)
        effective_on = needed_day(first, "--from")
        _words(why, "--why")
        replies.show(here.desk(lambda desk: stay_acts.reduce(desk, stay, effective_on, why, user)), as_json)


@group.command()
def delay(
    context: typer.Context,
    stay: Annotated[str | None, typer.Argument(metavar="[STAY]", help="The stay, such as ST-7K3QX2MDVH5A.")] = None,
    on: Annotated[str | None, typer.Option("--day", metavar="DAY", help="The day that would have been saved.")] = None,
    reason: Annotated[str | None, typer.Option(help="The reason, as --reasons lists them.")] = None,
    attribution: Annotated[Attribution | None, typer.Option(help="Who could have saved the day.")] = None,
    note: Annotated[str, typer.Option(help="What happened, for people.")] = "",
    reasons: Annotated[bool, typer.Option("--reasons", help="List the reasons, and to whom each may be laid.")] = False,
    user: MaybeUser = None,
    as_json: Json = False,
) -> None:
    """Record an avoidable day, with its reason and whose it is: the payer's own as well. No day is refused by it."""
    with told():
        known = _delay_reasons()
        if reasons:
            _list_reasons(known, as_json)
            return
        if stay is None or reason is None or user is None:
            missing = "STAY" if stay is None else "--reason" if reason is None else "--as"
            raise typer.BadParameter("is needed here; --reasons lists the reasons", param_hint=missing)
        here, who = office(context), user
        entry = AvoidableDay(
            day=needed_day(on, "--day"), reason=reason, attribution=attribution or _only(known, reason), note=note
        )
        number = stay
        reply = here.desk(lambda desk: stay_acts.note_avoidable_day(desk, number, entry, who))
        replies.show(reply, as_json)


@group.command()
def qio(
    context: typer.Context,
    stay: Annotated[str, typer.Argument(metavar="PLAN", help="The discharge plan (DP-...), or its stay (ST-...).")],
    about: Annotated[
        Literal["end_of_services", "discharge"],
        typer.Option(help="The end of services (NOMNC), or the discharge (IM)."),
    ],
    what: Annotated[
        Literal["asked", "has_information", "decided"], typer.Option(help="It was called, has the records, or decided.")
    ],
    upheld: Annotated[
        YesNo | None, typer.Option(help="Decided: whether it agrees with ending the services or with the discharge.")
    ] = None,
    timely: Annotated[YesNo | None, typer.Option(help="Asked: whether the member asked in time.")] = None,
    user: MaybeUser = None,
    as_json: Json = False,
) -> None:
    """Tell the discharge plan what the quality improvement organization said. The member is protected while it looks."""
    with told():
        here = office(context)
        actor = somebody(here, user)
        reply = here.desk(
            lambda desk: stay_acts.qio_news(desk, stay, about, what, yes_no(upheld), yes_no(timely), actor)
        )
        replies.show(reply, as_json)


# -- what was typed --------------------------------------------------------------------------------------------------------


def _brought(
    file: str | None, note: str | None, fact: list[str] | None, as_of: str | None, as_document: bool
) -> Brought:
    """Everything that comes along. Raises NotReadable."""
    return Brought(
        content=content_of(file) if file is not None else None,
        name=Path(file).name if file is not None else None,
        note=note,
        facts=_typed(fact) if fact else (),
        as_document=as_document,
        as_of=day(as_of, "--as-of"),
        channel=Channel.COMMAND_LINE if file is not None else Channel.PHONE,
    )


def _typed(said: list[str]) -> tuple[TypedFact, ...]:
    from rulebook.rulebook import load_rulebook

    return typed_facts(said, load_rulebook().criteria.dictionary)


def _delay_reasons() -> tuple[DelayReason, ...]:
    from rulebook.rulebook import load_rulebook

    return load_rulebook().stays.delays.reasons


def _only(known: tuple[DelayReason, ...], reason: str) -> Attribution:
    """The one to whom the reason may be laid; where it may be several, or nobody knows the reason, somebody has to say."""
    found = next((one for one in known if one.reason == reason), None)
    if found is None:
        raise typer.BadParameter(f"one of: {', '.join(one.reason for one in known)}", param_hint="--reason")
    if len(found.attributions) > 1:
        may = " or ".join(one.value for one in found.attributions)
        raise typer.BadParameter(f"this may be laid to {may}: say which", param_hint="--attribution")
    return found.attributions[0]


def _list_reasons(known: tuple[DelayReason, ...], as_json: bool) -> None:
    if as_json:
        output.as_json(list(known))
        return
    rows = [(one.reason, one.title, ", ".join(who.value for who in one.attributions)) for one in known]
    output.table(("Reason", "What it is", "May be laid to"), rows)


def _words(said: str, option: str) -> None:
    if not said.strip():
        raise typer.BadParameter("needs words", param_hint=option)
