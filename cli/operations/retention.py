"""`umpire retention`: what may go by its period, legal holds, and the purge of records whose time is over."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.terminal import output
from cli.terminal.case_numbers import resolve_case_number
from cli.terminal.context import cli_context
from cli.terminal.errors import handle_errors, print_error
from cli.terminal.exit_codes import ExitCode
from cli.terminal.options import Json, User
from domain.errors import Corrupt, NotOnFile, Refused, refusal
from domain.plain_language.phrases import count_phrase
from domain.retention.periods import RetentionPolicy
from services.retention import purges, review
from services.retention.review import RetentionRow
from store.retention.holds import HoldScope, LegalHold
from store.retention.purging import PurgedRecord

group = typer.Typer(no_args_is_help=True, help="For how long records are kept, legal holds, and what may go.")
_MOST = 1000
_ZONE = "UTC"
Most = Annotated[int, typer.Option("--limit", min=1, max=100_000, help="At most this many cases.")]


@group.command()
def due(context: typer.Context, limit: Most = _MOST, as_json: Json = False) -> None:
    """List closed cases whose period is over: which may go, and what keeps the others."""
    with handle_errors():
        here = cli_context(context)
        with here.read_store() as s:
            rows = review.list_due(s, _policy(), here.clock(), limit)
        if as_json:
            output.print_json(rows)
            return
        if not rows:
            output.print_lines("No record's time is over.")
            return
        _print_rows(rows)


@group.command()
def periods(as_json: Json = False) -> None:
    """List the periods of the rulebook, with their sources and how sure each is."""
    with handle_errors():
        policy = _policy()
        if as_json:
            output.print_json(policy.model_dump(mode="json"))
            return
        rows = [
            (
                one.rule_id,
                ", ".join(lob.value.replace("_", " ") for lob in one.lobs) or "all",
                ", ".join(one.states) or "all",
                f"{one.years} years from {one.counts_from.value.replace('_', ' ')}",
                one.source,
                one.confidence.value,
            )
            for one in policy.periods
        ]
        output.print_table(("Rule", "Line of business", "State", "Kept", "Source", "Confidence"), rows)
        minors = policy.minors_until_age
        output.print_lines(f"Minors: until the age of {minors.value} ({minors.source}; {minors.confidence.value}).")


@group.command()
def hold(
    context: typer.Context,
    by: User,
    matter: Annotated[
        str, typer.Option(help="The matter, such as a docket number or an audit. No health information.")
    ],
    case: Annotated[str | None, typer.Option(metavar="CASE", help="Hold the record of one case.")] = None,
    member: Annotated[str | None, typer.Option(metavar="ID", help="Hold all records of a member.")] = None,
    lob: Annotated[str | None, typer.Option(metavar="LOB", help="Hold all records of a line of business.")] = None,
    as_json: Json = False,
) -> None:
    """Place a legal hold: what it reaches is not purged until it is released."""
    with handle_errors():
        named = [
            (scope, subject)
            for scope, subject in ((HoldScope.CASE, case), (HoldScope.MEMBER, member), (HoldScope.LOB, lob))
            if subject is not None
        ]
        if len(named) != 1:
            raise refusal(
                "retention.scope", "A hold reaches one thing.", "Name exactly one of --case, --member and --lob."
            )
        here = cli_context(context)
        with here.read_store():
            pass  # a store that was never set up is refused, not made
        with here.store.begin() as s:
            placed = purges.place_hold(s, *named[0], matter, by, here.clock())
        if as_json:
            output.print_json(placed)
            return
        output.print_lines(f"Legal hold {placed.hold_id} on {placed.scope.value} {placed.subject}: {placed.matter}.")


@group.command()
def holds(context: typer.Context, as_json: Json = False) -> None:
    """List all legal holds, released ones too."""
    with handle_errors():
        here = cli_context(context)
        with here.read_store() as s:
            found = review.list_holds(s)
        if as_json:
            output.print_json(found)
            return
        if not found:
            output.print_lines("No legal holds.")
            return
        rows = [(str(one.hold_id), f"{one.scope.value} {one.subject}", one.matter, *_hold_state(one)) for one in found]
        output.print_table(("Hold", "On", "Matter", "Placed", "State"), rows)


@group.command()
def release(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="HOLD", help="The number of the hold.")],
    by: User,
    reason: Annotated[str, typer.Option(help="Why it ends. No health information.")],
    as_json: Json = False,
) -> None:
    """Release a legal hold. The hold stays on file, with who released it and why."""
    with handle_errors():
        here = cli_context(context)
        with here.read_store():
            pass  # see above
        with here.store.begin() as s:
            released = purges.release_hold(s, number, reason, by, here.clock())
        if as_json:
            output.print_json(released)
            return
        output.print_lines(f"Legal hold {released.hold_id} is released: {released.release_reason}.")


@group.command()
def purge(
    context: typer.Context,
    by: User,
    case: Annotated[str | None, typer.Argument(metavar="[CASE]", help="Only this case.")] = None,
    confirm: Annotated[
        bool, typer.Option("--confirm", help="Do it. Without this, only what would go is printed.")
    ] = False,
    limit: Most = _MOST,
    as_json: Json = False,
) -> None:
    """Purge the records that may go: documents, letters, requests, and what the journal says. There is no way back.

    The journal keeps every entry's place and hashes and says who purged it, when and by which rule. Never an open case, one
    under a legal hold, one that was opened lately, or one that belongs to such a case.
    """
    with handle_errors():
        here, policy = cli_context(context), _policy()
        with here.read_store() as s:
            purges.require_purger(s, by)
            if case is None:
                rows = review.list_due(s, policy, here.clock(), limit)
            else:
                found = review.review_case(s, policy, resolve_case_number(s, case), here.clock())
                rows = (found,) if found is not None else ()
        going = [row for row in rows if row.may_go]
        if not confirm:
            if as_json:
                output.print_json({"would_go": going})
                return
            _print_rows(rows)
            output.print_lines(
                f"{count_phrase(len(going), 'record')} would be purged. Nothing was done: add --confirm."
            )
            return
        done: dict[str, PurgedRecord] = {}
        faults: list[str] = []
        for row in going:
            try:
                with here.store.begin() as s:
                    purged = purges.purge_case(s, policy, row.case_id, by, here.clock())
            except (Refused, NotOnFile, Corrupt) as error:  # changed since it was listed, or evidence: the others go on
                faults.append(f"{row.case_id}: {error}")
                continue
            if purged is not None:
                done[row.case_id] = purged
        if done:
            from activities.integrations.file_outbox import FileOutbox  # purging alone needs the outbox

            outbox = FileOutbox(here.settings.outbox)
            for case_id in done:
                outbox.remove_letters_of(case_id)
            here.store.compact()
        if as_json:
            output.print_json({"purged": done, "not_purged": faults})
        else:
            for case_id, purged in done.items():
                output.print_lines(f"{case_id}: {_describe(purged)}")
            output.print_lines(f"{count_phrase(len(done), 'record')} purged by {by}.")
        for fault in faults:
            print_error(fault)
        if faults:
            raise typer.Exit(ExitCode.BROKEN)


def _policy() -> RetentionPolicy:
    from rulebook.retention_rules import load_retention_policy
    from rulebook.rulebook import rulebook_root  # reading commands that need no rules load none

    return load_retention_policy(rulebook_root() / "retention.yaml")


def _print_rows(rows: tuple[RetentionRow, ...]) -> None:
    told = [
        (
            row.case_id,
            row.lob.value.replace("_", " ") if row.lob is not None else "",
            row.last_act.isoformat(),
            row.keep_until.isoformat() if row.keep_until is not None else "",
            ", ".join(row.rules),
            "may go" if row.may_go else f"stays: {purges.describe_hindrances(row)}",
        )
        for row in rows
    ]
    output.print_table(("Case", "Line of business", "Last act", "Kept until", "Rule", "State"), told)


def _hold_state(one: LegalHold) -> tuple[str, str]:
    placed = f"{output.format_instant(one.placed_at, _ZONE)} by {one.placed_by}"
    if one.released_at is None:
        return placed, "in force"
    return (
        placed,
        f"released {output.format_instant(one.released_at, _ZONE)} by {one.released_by}: {one.release_reason}",
    )


def _describe(purged: PurgedRecord) -> str:
    counts = [
        count_phrase(purged.entries, "journal row"),
        count_phrase(purged.letters, "letter"),
        count_phrase(purged.documents, "document"),
        count_phrase(purged.arrivals, "arrival"),
    ]
    return ", ".join(counts) + f" emptied; kept until {purged.kept_until} ({', '.join(purged.rules)})"
