"""`umpire api-key`: keys with which programs call the API in the name of an account."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from cli.terminal import output
from cli.terminal.context import cli_context
from cli.terminal.errors import handle_errors
from cli.terminal.options import Json
from services.commands import api_keys
from services.commands.api_keys import ApiScope
from store.api import keys

group = typer.Typer(no_args_is_help=True, help="Keys with which programs call the API.")
_ZONE = "UTC"


@group.command()
def create(
    context: typer.Context,
    whose: Annotated[
        str, typer.Argument(metavar="ACCOUNT", help="Whom the key acts for: a user name, reviewer id or NPI.")
    ],
    name: Annotated[str, typer.Option(help="The program that the key is for.")],
    scope: Annotated[list[ApiScope], typer.Option(help="A part of the API that it may call; may be repeated.")],
    days: Annotated[int, typer.Option(min=1, max=366, help="Days until it expires.")] = 90,
    as_json: Json = False,
) -> None:
    """Create a key and print it, once. The store keeps only its hash."""
    with handle_errors():
        here = cli_context(context)
        with here.read_store():
            pass  # a store that was never set up is refused, not made
        with here.store.begin() as s:
            key, token = api_keys.create_key(s, whose, name, scope, timedelta(days=days), here.clock())
        if as_json:
            output.print_json(key.model_dump(mode="json") | {"token": token})
            return
        output.print_lines(
            token,
            f"{key.key_id} for {key.account_id}: {', '.join(key.scopes)}.",
            f"It lasts until {output.say_instant(key.expires_at, _ZONE)}.",
            "It is shown this once. Send it as 'Authorization: Bearer TOKEN'.",
        )


@group.command("list")
def list_keys(context: typer.Context, as_json: Json = False) -> None:
    """List all keys, with their scopes and when they were last used."""
    with handle_errors():
        here = cli_context(context)
        with here.read_store() as s:
            found = keys.list_all(s)
        if as_json:
            output.print_json(found)
            return
        if not found:
            output.print_lines(
                "No API keys. Create one with 'umpire api-key create ACCOUNT --name PROGRAM --scope read'."
            )
            return
        now = here.clock()
        rows = [
            (
                one.key_id,
                one.account_id,
                one.name,
                ", ".join(one.scopes),
                "revoked" if one.revoked_at is not None else "expired" if now >= one.expires_at else "valid",
                output.format_instant(one.expires_at, _ZONE),
                output.format_instant(one.last_used_at, _ZONE) or "never",
            )
            for one in found
        ]
        output.print_table(("Key", "Account", "Program", "Scopes", "State", "Expires", "Last used"), rows)


@group.command()
def revoke(
    context: typer.Context,
    key: Annotated[str, typer.Argument(metavar="KEY", help="The key's number, such as AK-1A2B3C4D.")],
    as_json: Json = False,
) -> None:
    """Revoke a key. From now on nothing is answered to it."""
    with handle_errors():
        here = cli_context(context)
        with here.read_store():
            pass  # a store that was never set up is refused, not made
        with here.store.begin() as s:
            found = keys.revoke(s, key.strip().upper(), here.clock())
        if as_json:
            output.print_json(found)
            return
        output.print_lines(f"{found.key_id} ({found.name}) is revoked.")
