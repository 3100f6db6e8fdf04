"""Exit codes, and how every failure is told: what, by which rule, and the way out. Never a traceback for a user's mistake."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import IntEnum

import typer

from domain.errors import Corrupt, NotReadable, Problem, Refusal, Refused, Unavailable
from engine.codec import KeyringError
from engine.embedded import PortInUse
from engine.settings import SettingsError
from rulebook.yamlfile import RulebookErrors
from services.context import EngineDown, NotFound


class Exit(IntEnum):
    """What a command says to the shell."""

    OK = 0
    BROKEN = 1
    USAGE = 2
    REFUSED = 3
    NOT_FOUND = 4
    UNREACHABLE = 5
    NOT_READABLE = 6
    KEPT = 7


EXIT_CODES = (
    "Exit codes: 0 done; 1 something is broken (also: a journal that does not verify); 2 usage; 3 refused by a rule; "
    "4 not found; 5 Temporal, a worker or the database does not answer; 6 a document, form or rulebook is not readable; "
    "7 kept: nothing is lost, and it goes on by itself when the engine or a worker is back."
)


@contextmanager
def told() -> Iterator[None]:
    """Turn what people can mend into words on stderr and an exit code."""
    try:
        yield
    except Refused as error:
        refusals(error.refusals)
        raise typer.Exit(Exit.REFUSED) from None
    except NotFound as error:
        complain(error.message, error.way_out)
        raise typer.Exit(Exit.NOT_FOUND) from None
    except NotReadable as error:
        complain("Not readable:")
        problems(error.problems)
        raise typer.Exit(Exit.NOT_READABLE) from None
    except RulebookErrors as error:
        complain("The rulebook cannot be used:", *(str(one) for one in error.errors))
        raise typer.Exit(Exit.NOT_READABLE) from None
    except BrokenPipeError:
        raise  # whoever read the output has closed it, which is no fault of the engine
    except PortInUse as error:
        complain(str(error))
        raise typer.Exit(Exit.UNREACHABLE) from None
    except (EngineDown, ConnectionError) as error:
        way_out = "Start it with 'umpire up', or set TEMPORAL_ADDRESS to the server that runs."
        complain(str(error), "" if "umpire up" in str(error) or "TEMPORAL_" in str(error) else way_out)
        raise typer.Exit(Exit.UNREACHABLE) from None
    except Unavailable as error:
        complain(f"The store does not answer: {error}", "Check DATABASE_URL and the database, then try again.")
        raise typer.Exit(Exit.UNREACHABLE) from None
    except (SettingsError, KeyringError) as error:
        complain(str(error))
        raise typer.Exit(Exit.USAGE) from None
    except typer.Abort:
        complain("", "Stopped: an answer is missing. Give it as an option (see --help); scripts give --json FILE.")
        raise typer.Exit(Exit.USAGE) from None
    except Corrupt as error:
        complain(f"Stored data contradicts itself: {error}", "Run 'umpire journal verify' and keep what it says.")
        raise typer.Exit(Exit.BROKEN) from None


def surprise(error: Exception) -> int:
    """What nobody foresaw: its kind, and how to see more. The text may quote health information, so it is not shown unasked."""
    complain(f"Something went wrong that should not have: {type(error).__name__}.")
    if os.environ.get("UMPIRE_DEBUG"):
        traceback.print_exc(file=sys.stderr)
    else:
        complain("Set UMPIRE_DEBUG=1 and run it again to see where; the output may hold health information.")
    return Exit.BROKEN


def complain(*lines: str) -> None:
    for line in lines:
        if line:
            typer.echo(line, err=True)


def refusals(found: Sequence[Refusal]) -> None:
    complain("Refused:")
    for refusal in found:
        complain(f"  {refusal.message} [{refusal.rule}]", f"    {refusal.way_out}")


def problems(found: Sequence[Problem]) -> None:
    for problem in found:
        complain(f"  {problem}")
