"""`umpire authorization`: look authorizations up, and enter what is asked of them after the decision; `umpire reopen`."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from cli.cases.authorization_tables import print_sheets
from cli.cases.party_statements import AskedThrough, Asker, AskingParty, SaidNote, ShownBy, make_statement
from cli.terminal import command_results, output
from cli.terminal.case_numbers import resolve_request_number
from cli.terminal.context import CliContext, cli_context
from cli.terminal.errors import handle_errors
from cli.terminal.instants import DAY_FORMATS, as_day
from cli.terminal.options import Json, User
from domain.authorization.messages import PartyStatement
from domain.errors import NotOnFile
from domain.follow_ups.changes import AskedChange, LineChange
from domain.requests.after_decision import AfterDecisionKind, ReopeningGround
from domain.requests.request import ProviderReference
from domain.vocabulary import AskedBy, Channel
from services.queries.authorizations import AuthorizationFilter, find_authorizations
from store import cases, requests

group = typer.Typer(
    no_args_is_help=True, help="Look authorizations up, and enter what is asked of them after the decision."
)

Number = Annotated[str, typer.Argument(metavar="NUMBER", help="The authorization number, or the number of its case.")]
Why = Annotated[str, typer.Option(help="The reason, in words for the letter.")]
Line = Annotated[str, typer.Option(help="The line.")]
Day = Annotated[datetime | None, typer.Option(formats=DAY_FORMATS, help="A day, as 2027-01-31.")]


@group.command("show")
def show_authorizations(
    context: typer.Context,
    number: Annotated[str | None, typer.Argument(metavar="NUMBER", help="Its number, or that of its case.")] = None,
    member: Annotated[str | None, typer.Option(help="The member id in the directory.")] = None,
    provider: Annotated[str | None, typer.Option(help="The NPI of who asked for the service or gives it.")] = None,
    claim: Annotated[str | None, typer.Option(help="The case of a claim (RR-...) that billed it.")] = None,
    as_json: Json = False,
) -> None:
    """Show authorizations with their versions, the units used and left, and what was asked since."""
    with handle_errors():
        here = cli_context(context)
        wanted = AuthorizationFilter(number and number.strip().upper(), member, provider, claim)
        with here.read_store() as s:
            found = find_authorizations(s, wanted, here.clock())
        if as_json:
            output.print_json(list(found))
        else:
            print_sheets(found)


@group.command("dates")
def change_dates(
    context: typer.Context,
    number: Number,
    user: User,
    by: AskingParty,
    person: Asker,
    why: Why,
    line: Line = "1",
    start: Day = None,
    end: Day = None,
    channel: AskedThrough = Channel.PHONE,
    document: ShownBy = None,
    note: SaidNote = None,
    as_json: Json = False,
) -> None:
    """Ask for other days: extended, or moved. The units stay as they are."""
    change = LineChange(line_id=line, start=as_day(start), end=as_day(end))
    asked = AskedChange(kind=AfterDecisionKind.DATES, lines=(change,))
    _ask(context, number, asked, by, make_statement(context, person, channel, None, document, note), user, why, as_json)


@group.command("provider")
def change_provider(
    context: typer.Context,
    number: Number,
    user: User,
    by: AskingParty,
    person: Asker,
    why: Why,
    npi: Annotated[str, typer.Option(help="The NPI of who is to give the service.")],
    name: Annotated[str | None, typer.Option(help="The provider's name, if the directory lacks it.")] = None,
    channel: AskedThrough = Channel.PHONE,
    document: ShownBy = None,
    note: SaidNote = None,
    as_json: Json = False,
) -> None:
    """Ask that another provider gives the service."""
    asked = AskedChange(kind=AfterDecisionKind.PROVIDER, servicing_provider=ProviderReference(npi=npi, name=name))
    _ask(context, number, asked, by, make_statement(context, person, channel, None, document, note), user, why, as_json)


@group.command("place")
def change_place(
    context: typer.Context,
    number: Number,
    user: User,
    by: AskingParty,
    person: Asker,
    why: Why,
    place: Annotated[str, typer.Option(help="The place of service (two digits).")],
    line: Line = "1",
    channel: AskedThrough = Channel.PHONE,
    document: ShownBy = None,
    note: SaidNote = None,
    as_json: Json = False,
) -> None:
    """Ask that the service is given at another place."""
    asked = AskedChange(kind=AfterDecisionKind.PLACE, lines=(LineChange(line_id=line, place_of_service=place),))
    _ask(context, number, asked, by, make_statement(context, person, channel, None, document, note), user, why, as_json)


@group.command("more")
def ask_for_more(
    context: typer.Context,
    number: Number,
    user: User,
    by: AskingParty,
    person: Asker,
    why: Why,
    units: Annotated[str, typer.Option(help="How many more units.")],
    line: Line = "1",
    start: Day = None,
    end: Day = None,
    channel: AskedThrough = Channel.PHONE,
    document: ShownBy = None,
    note: SaidNote = None,
    as_json: Json = False,
) -> None:
    """Ask for more units: a request like the first, with an authorization number of its own."""
    change = LineChange(line_id=line, quantity=_parse_units(units), start=as_day(start), end=as_day(end))
    asked = AskedChange(kind=AfterDecisionKind.MORE_UNITS, lines=(change,))
    _ask(context, number, asked, by, make_statement(context, person, channel, None, document, note), user, why, as_json)


@group.command("correct")
def correct_authorization(
    context: typer.Context,
    number: Number,
    user: User,
    why: Why,
    line: Line = "1",
    start: Day = None,
    end: Day = None,
    place: Annotated[str | None, typer.Option(help="The right place of service.")] = None,
    as_json: Json = False,
) -> None:
    """Set a clerical error right. What was decided stays: nothing is taken away by a correction."""
    change = LineChange(line_id=line, start=as_day(start), end=as_day(end), place_of_service=place)
    asked = AskedChange(kind=AfterDecisionKind.CORRECTION, lines=(change,))
    statement = make_statement(context, user, Channel.COMMAND_LINE, None, None, why)
    _ask(context, number, asked, AskedBy.PLAN, statement, user, why, as_json)


@group.command("void")
def void_authorization(
    context: typer.Context,
    number: Number,
    user: User,
    by: AskingParty,
    person: Asker,
    why: Why,
    channel: AskedThrough = Channel.PHONE,
    document: ShownBy = None,
    note: SaidNote = None,
    as_json: Json = False,
) -> None:
    """Record that the requester or the member gives the authorization back."""
    asked = AskedChange(kind=AfterDecisionKind.VOID)
    _ask(context, number, asked, by, make_statement(context, person, channel, None, document, note), user, why, as_json)


@group.command("end")
def end_early(
    context: typer.Context,
    number: Number,
    user: User,
    why: Why,
    on: Annotated[datetime, typer.Option(formats=DAY_FORMATS, help="The first day that is no longer covered.")],
    as_json: Json = False,
) -> None:
    """Propose that an authorization ends early (physicians only), where a rule of the line allows it.

    A review of its own decides, with a physician's signature and the days of notice of the rule; until then it stands.
    """
    with handle_errors():
        here = cli_context(context)
        from intake.follow_ups import reduction_notice  # loads the Temporal client
        from rulebook.rulebook import load_rulebook

        with here.read_store() as s:
            view = cases.get(s, _case_of(s, number))
        rule = load_rulebook().stays.policy.reduction_for(view.lob) if view is not None and view.lob else None
        because = rule.because if rule is not None else "The rulebook has no rule for it in this line of business."
        notice = reduction_notice(
            rule.days_of_notice if rule is not None else None, rule.source if rule is not None else "no rule", because
        )
    asked = AskedChange(kind=AfterDecisionKind.END_EARLY, effective_on=on.date(), notice=notice)
    statement = make_statement(context, user, Channel.COMMAND_LINE, None, None, why)
    _ask(context, number, asked, AskedBy.PLAN, statement, user, why, as_json)


def reopen(
    context: typer.Context,
    case: Annotated[str, typer.Argument(metavar="CASE", help="The decided case.")],
    user: User,
    by: AskingParty,
    person: Asker,
    why: Why,
    ground: Annotated[ReopeningGround, typer.Option(help="The ground.")],
    channel: AskedThrough = Channel.PHONE,
    document: ShownBy = None,
    note: SaidNote = None,
    as_json: Json = False,
) -> None:
    """Ask to reopen what was denied, by the rule of the line: a case of its own with its own receipt and clock.

    Records go first, with 'umpire add-document': they open it by themselves.
    """
    _ask(
        context,
        case,
        None,
        by,
        make_statement(context, person, channel, None, document, note),
        user,
        why,
        as_json,
        ground,
    )


def _ask(
    context: typer.Context,
    number: str,
    change: AskedChange | None,
    by: AskedBy,
    asked: PartyStatement,
    user: str,
    why: str,
    as_json: bool,
    ground: ReopeningGround | None = None,
) -> None:
    with handle_errors():
        from intake.follow_ups import SaidAfterDecision, ask_after_decision  # loads the Temporal client

        here: CliContext = cli_context(context)
        with here.read_store() as s:
            case_id = _case_of(s, number)
        said = SaidAfterDecision(
            case_id=case_id, by=by, asked=asked, entered_by=user, why=why, ground=ground, change=change
        )
        result = here.run_with_services(lambda services: ask_after_decision(services, said), without_temporal=True)
        command_results.print_submission(result, as_json)


def _case_of(s: Session, number: str) -> str:
    """The case of an authorization number, or the case itself. Raises NotOnFile."""
    known = requests.find_by_authorization_number(s, number.strip().upper())
    if known is not None:
        return known
    try:
        return resolve_request_number(s, number)
    except NotOnFile:
        way_out = "Look for it with 'umpire authorization show --member NUMBER'."
        raise NotOnFile(f"There is no authorization {number}.", way_out) from None


def _parse_units(said: str) -> Decimal:
    """A number of units as typed. Raises BadParameter for what is no number above zero."""
    try:
        units = Decimal(said.strip())
    except InvalidOperation:
        units = Decimal(0)
    if not units.is_finite() or units <= 0:
        raise typer.BadParameter("expected a number above zero, such as 12", param_hint="--units")
    return units
