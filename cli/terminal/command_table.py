"""Commands that are listed from a table and loaded only when they are called: most runs of `umpire` need one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

if TYPE_CHECKING:
    from typer._click.core import Command, Context
    from typer._click.formatting import HelpFormatter


@dataclass(frozen=True)
class CommandEntry:
    """A command or group: its function or Typer as MODULE:NAME, or the `members` of a group that is itself a table.

    `help` is the first paragraph of its own help, which lists show.
    """

    name: str
    help: str
    target: str = ""
    panel: str | None = None
    members: tuple[CommandEntry, ...] = ()

    def load(self) -> Command:
        """Import the command."""
        if self.members:
            return TableGroup(
                self.members, name=self.name, help=self.help, no_args_is_help=True, rich_help_panel=self.panel
            )
        module, _, name = self.target.partition(":")
        found: typer.Typer | Callable[..., Any] = getattr(import_module(module), name)
        holder = typer.Typer(add_completion=False)
        if isinstance(found, typer.Typer):
            holder.add_typer(found, name=self.name, rich_help_panel=self.panel)
        else:
            holder.command(self.name, rich_help_panel=self.panel)(found)
        return get_group(holder).commands[self.name]

    def listed(self) -> Command:
        """A command of this name and help that is only listed."""
        return TyperCommand(name=self.name, help=self.help, rich_help_panel=self.panel)


class CommandTable(Mapping[str, "Command"]):
    """The commands of a group by name, each loaded when it is asked for."""

    def __init__(self, entries: tuple[CommandEntry, ...]) -> None:
        self.entries = {entry.name: entry for entry in entries}
        self._loaded: dict[str, Command] = {}

    def __getitem__(self, name: str) -> Command:
        if name not in self._loaded:
            self._loaded[name] = self.entries[name].load()
        return self._loaded[name]

    def __contains__(self, name: object) -> bool:
        return name in self.entries

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)


class TableGroup(TyperGroup):
    """A group whose commands are a table. Its help page lists the table and loads no command."""

    def __init__(self, entries: tuple[CommandEntry, ...], **settings: Any) -> None:
        super().__init__(**settings)
        self._table = CommandTable(entries)
        self.commands: Any = self._table

    def list_commands(self, ctx: Context) -> list[str]:
        return list(self._table)

    def format_help(self, ctx: Context, formatter: HelpFormatter) -> None:
        page = TyperGroup(
            name=self.name,
            params=self.params,
            help=self.help,
            epilog=self.epilog,
            rich_markup_mode=self.rich_markup_mode,
            commands={name: entry.listed() for name, entry in self._table.entries.items()},
        )
        page.format_help(ctx, formatter)
