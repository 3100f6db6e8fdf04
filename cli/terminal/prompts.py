"""Terminal prompts without default answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import typer

from cli.terminal import output

T = TypeVar("T")


def ask_yes_no(question: str) -> bool:
    """Ask a yes/no question without a default answer."""
    answer: bool = typer.confirm(question, default=None)
    return answer


def ask_choice(question: str, choices: tuple[T, ...]) -> T:
    """Ask for one of the choices, by number or name; by name only where the names are numbers."""
    names = [str(choice) for choice in choices]
    counted = not any(name.isdecimal() for name in names)
    if counted:
        for number, name in enumerate(names, start=1):
            output.print_lines(f"  {number} {output.spell_out(name)}")
    else:
        output.print_lines(f"  {' | '.join(names)}")
    while True:
        said = str(typer.prompt(question)).strip().lower().replace(" ", "_")
        if said in names:
            return choices[names.index(said)]
        if counted and said.isdecimal() and 1 <= int(said) <= len(names):
            return choices[int(said) - 1]
        wanted = f"a number from 1 to {len(names)}, or with the name" if counted else "one of them"
        output.print_lines(f"Answer with {wanted}.")


def ask_text(question: str) -> str:
    """Ask for words. An empty answer is asked again."""
    while True:
        said = str(typer.prompt(question)).strip()
        if said:
            return said


def ask_optional(question: str) -> str | None:
    """Ask for words that may be missing: an empty answer is none."""
    said = str(typer.prompt(f"{question} (empty: not stated)", default="", show_default=False)).strip()
    return said or None


def ask_parsed(question: str, parse: Callable[[str], T | None], expected: str) -> T:
    """Ask until the answer can be read. `parse` gives None, or raises ValueError, for one that cannot."""
    while True:
        said = ask_text(question)
        try:
            found = parse(said)
        except ValueError:
            found = None
        if found is not None:
            return found
        output.print_lines(f"Expected {expected}.")
