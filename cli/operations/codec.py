"""`umpire codec`: the codec server with which Temporal's tools show what the keyring encrypts."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from cli.terminal.errors import handle_errors


def codec(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Listen on this port of this machine.")] = 8088,
    origin: Annotated[
        str | None,
        typer.Option(help="The address of Temporal's web interface; that of the embedded server unless given."),
    ] = None,
) -> None:
    """Serve /encode and /decode to Temporal's web interface and command line, on this machine alone. Ctrl-C stops it.

    Whoever decodes is signed in to the workbench or sends an API key, may see every case, and is recorded as having seen them.
    """
    with handle_errors():
        command = [sys.executable, "-m", "web.codec", "--port", str(port), *(("--origin", origin) if origin else ())]
        os.execv(sys.executable, command)
