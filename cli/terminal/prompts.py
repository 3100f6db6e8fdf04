"""Questions at the terminal that assume no answer."""

from __future__ import annotations

from typing import TypeVar

import typer

from cli.terminal import output

T = TypeVar("T")


def yes(question: str) -> bool:
    """Nothing is assumed: an answer has to be given."""
    answer: bool = typer.confirm(question, default=None)
    return answer


def choice(question: str, choices: tuple[T, ...]) -> T:
    """One of the choices, by its number or its name; by its name alone where the names are numbers themselves."""
    names = [str(choice) for choice in choices]
    counted = not any(name.isdecimal() for name in names)
    if counted:
        for number, name in enumerate(names, start=1):
            output.say(f"  {number} {output.words(name)}")
    else:
        output.say(f"  {' | '.join(names)}")
    while True:
        said = str(typer.prompt(question)).strip().lower().replace(" ", "_")
        if said in names:
            return choices[names.index(said)]
        if counted and said.isdecimal() and 1 <= int(said) <= len(names):
            return choices[int(said) - 1]
        wanted = f"a number from 1 to {len(names)}, or with the word" if counted else "one of them"
        output.say(f"Answer with {wanted}.")
