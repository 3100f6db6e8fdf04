"""Exit codes and error messages: the problem, its rule and its remedy. No traceback for a user's mistake."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import typer

from cli.terminal.exit_codes import ExitCode
from cli.terminal.output import make_printable
from domain.errors import Corrupt, NotOnFile, NotReadable, Refused, RuleViolation, Unavailable, ValidationIssue
from engine.embedded import PortInUse
from engine.keyring import KeyringError
from engine.settings import Settings, SettingsError
from rulebook.errors import RulebookErrors
from services.context import TemporalUnavailable


@contextmanager
def handle_errors() -> Iterator[None]:
    """Turn errors that users can correct into a message on stderr and an exit code."""
    try:
        yield
    except Refused as error:
        print_violations(error.refusals)
        raise typer.Exit(ExitCode.REFUSED) from None
    except NotOnFile as error:
        print_error(error.message, error.way_out)
        raise typer.Exit(ExitCode.NOT_FOUND) from None
    except NotReadable as error:
        print_error("Not readable:")
        print_issues(error.problems)
        raise typer.Exit(ExitCode.NOT_READABLE) from None
    except RulebookErrors as error:
        print_error("The rulebook cannot be used:", *(str(one) for one in error.errors))
        raise typer.Exit(ExitCode.NOT_READABLE) from None
    except BrokenPipeError:
        raise  # the reader closed the output, which is no error
    except PortInUse as error:
        print_error(str(error))
        raise typer.Exit(ExitCode.UNREACHABLE) from None
    except (TemporalUnavailable, ConnectionError) as error:
        way_out = "Start it with 'umpire up', or set TEMPORAL_ADDRESS to the running server."
        print_error(str(error), "" if "umpire up" in str(error) or "TEMPORAL_" in str(error) else way_out)
        raise typer.Exit(ExitCode.UNREACHABLE) from None
    except Unavailable as error:
        print_error(f"The store does not answer: {error}", "Check DATABASE_URL and the database, then try again.")
        raise typer.Exit(ExitCode.UNREACHABLE) from None
    except (SettingsError, KeyringError) as error:
        print_error(str(error))
        raise typer.Exit(ExitCode.USAGE) from None
    except KeyboardInterrupt:
        raise typer.Exit(report_interrupt()) from None
    except typer.Abort as stopped:
        if isinstance(stopped.__context__, KeyboardInterrupt):  # Ctrl-C at a question, not the end of the answers
            raise typer.Exit(report_interrupt()) from None
        print_error("", "Stopped: an answer is missing. Give it as an option (see --help); scripts give --file FILE.")
        raise typer.Exit(ExitCode.USAGE) from None
    except Corrupt as error:
        print_error(f"Stored data contradicts itself: {error}", "Run 'umpire journal verify' and save its output.")
        raise typer.Exit(ExitCode.BROKEN) from None


def report_interrupt() -> int:
    """Say that Ctrl-C stopped the command, and where what was done before lies; the exit code."""
    print_error("", f"Stopped. What was done before this is kept; the state is in {state_place()}.")
    return ExitCode.INTERRUPTED


def state_place() -> str:
    """The place of the state, without a password: the folder, and the database where another one is set."""
    try:
        settings = Settings.from_environment()
    except SettingsError:
        return "the folder of UMPIRE_HOME"
    return str(settings.home) if settings.embedded_store else f"{settings.home} and in the database of DATABASE_URL"


def report_unexpected_error(error: Exception) -> int:
    """Report an unexpected error by its type. Its text may quote health information, so it is shown only on request."""
    print_error(f"Unexpected error: {type(error).__name__}.")
    if os.environ.get("UMPIRE_DEBUG"):
        traceback.print_exc(file=sys.stderr)
    else:
        print_error("Set UMPIRE_DEBUG=1 and run it again for details; the output may contain health information.")
    return ExitCode.BROKEN


def print_error(*lines: str) -> None:
    for line in lines:
        if line:
            typer.echo(make_printable(line), err=True)


def print_violations(found: Sequence[RuleViolation]) -> None:
    print_error("Refused:")
    for refusal in found:
        print_error(f"  {refusal.message} [{refusal.rule}]", f"    {refusal.way_out}")


def print_issues(found: Sequence[ValidationIssue]) -> None:
    for problem in found:
        print_error(f"  {problem}")
