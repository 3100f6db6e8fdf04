"""`umpire rulebook import-labels`: import of drug labels (drug code, indication, diagnoses) into the rulebook."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from cli.terminal import output
from cli.terminal.errors import handle_errors
from rulebook.pharmacy.labels import COLUMNS, LABELS_FILE, read_labels, render_labels_csv
from rulebook.rulebook import rulebook_root


def import_labels(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help=f"CSV file in UTF-8 with the columns {', '.join(COLUMNS)}.")
    ],
    folder: Annotated[
        Path | None,
        typer.Option("--out", metavar="FOLDER", help="Target folder; review/ of the rulebook in use unless given."),
    ] = None,
) -> None:
    """Read drug labels into drug_labels.csv, which says for which diagnoses a drug is labeled.

    Nothing is written unless the whole file could be read. Cases keep their pinned assessment.
    """
    with handle_errors():
        labels = read_labels(file)
        target = folder or rulebook_root() / "review"
        target.mkdir(parents=True, exist_ok=True)
        made = target / f"{LABELS_FILE}.part"
        made.write_text(render_labels_csv(labels), encoding="utf-8")
        os.replace(made, target / LABELS_FILE)
        drugs = len({label.drug_code for label in labels})
        output.print_lines(f"{len(labels)} indications of {drugs} drugs written to {target / LABELS_FILE}.")
