"""`umpire account`: who signs in to the pages with a password or through another system."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from cli.terminal import output
from cli.terminal.context import cli_context
from cli.terminal.errors import handle_errors
from cli.terminal.options import Json
from domain.errors import refusal
from domain.plain_language.phrases import count_phrase

group = typer.Typer(no_args_is_help=True, help="Accounts of people who sign in to the pages.")
UserName = Annotated[str, typer.Argument(metavar="USER", help="The user name, in any case.")]


@group.command()
def add(
    context: typer.Context,
    user: UserName,
    subject: Annotated[
        str, typer.Option("--for", metavar="ID", help="The reviewer's id of the directory, or the provider's NPI.")
    ],
    no_password: Annotated[
        bool, typer.Option("--no-password", help="Only another system signs in to it (see 'account link-oidc').")
    ] = False,
) -> None:
    """Add an account for a reviewer of the directory or for a provider.

    The password is asked for, twice, or read as one line from standard input: it is never an argument.
    """
    from services.commands.accounts import add_account

    with handle_errors():
        password = None if no_password else _read_password()
        with cli_context(context).store.begin() as s:
            account = add_account(s, user, subject, password)
        output.print_lines(f"{account.user_name} signs in for {account.name} ({account.subject}).")


@group.command()
def password(context: typer.Context, user: UserName) -> None:
    """Set an account's password, and end all of its sessions."""
    from services.commands.accounts import require_account, set_password

    with handle_errors():
        here = cli_context(context)
        with here.read_store() as s:
            require_account(s, user)
        given = _read_password()
        with here.store.begin() as s:
            account = set_password(s, user, given, here.clock())
        output.print_lines(f"{account.user_name} has a new password, and has to sign in again everywhere.")


@group.command("list")
def list_accounts(context: typer.Context, as_json: Json = False) -> None:
    """List the accounts, with whom they act for."""
    from store.accounts import accounts

    with handle_errors():
        with cli_context(context).read_store() as s:
            found = accounts.list_all(s)
        if as_json:
            output.print_json([one.model_dump(mode="json", exclude={"password_hash"}) for one in found])
        elif not found:
            output.print_lines("There is no account. 'umpire account add' adds one.")
        else:
            rows = [
                (
                    one.user_name,
                    one.name,
                    one.subject,
                    "active" if one.active else "locked",
                    "invented" if one.synthetic else "password" if one.password_hash else "another system",
                )
                for one in found
            ]
            output.print_table(("User name", "Name", "Acts for", "State", "Signs in by"), rows)


@group.command()
def lock(context: typer.Context, user: UserName) -> None:
    """Lock an account, and end all of its sessions."""
    _set_active(context, user, active=False)


@group.command()
def unlock(context: typer.Context, user: UserName) -> None:
    """Unlock an account."""
    _set_active(context, user, active=True)


@group.command()
def remove(
    context: typer.Context,
    user: Annotated[str | None, typer.Argument(metavar="[USER]", help="The user name.")] = None,
    synthetic: Annotated[bool, typer.Option("--synthetic", help="All of the invented plan's people.")] = False,
) -> None:
    """Remove an account, or with --synthetic those of the invented plan's people. What they did stays in the journal."""
    from services.commands.accounts import remove_accounts

    with handle_errors():
        if (user is None) is not synthetic:
            raise refusal("account.which", "Name one account, or say --synthetic.", "'umpire account list' shows all.")
        here = cli_context(context)
        with here.store.begin() as s:
            count = remove_accounts(s, user, here.clock())
        output.print_lines(f"{count_phrase(count, 'account')} removed.")


@group.command("link-oidc")
def link_oidc(
    context: typer.Context,
    user: UserName,
    issuer: Annotated[str, typer.Option("--issuer", metavar="URL", help="The provider's issuer, as in its tokens.")],
    subject: Annotated[str, typer.Option("--subject", metavar="SUB", help="The person's `sub` at that provider.")],
) -> None:
    """Let a person of an OpenID provider sign in to an account."""
    from services.commands.accounts import link_identity

    with handle_errors():
        with cli_context(context).store.begin() as s:
            account = link_identity(s, user, issuer, subject)
        output.print_lines(f"{subject} of {issuer} signs in to {account.user_name}.")


def _set_active(context: typer.Context, user: str, active: bool) -> None:
    from services.commands.accounts import set_active

    with handle_errors():
        here = cli_context(context)
        with here.store.begin() as s:
            account = set_active(s, user, active, here.clock())
        output.print_lines(f"{account.user_name} is {'unlocked' if active else 'locked, and signed out everywhere'}.")


def _read_password() -> str:
    """The new password: asked for twice at a terminal, else one line of standard input."""
    if sys.stdin.isatty():
        return str(typer.prompt("New password", hide_input=True, confirmation_prompt="The same again"))
    return sys.stdin.readline().rstrip("\r\n")
