"""A stay, a plan, a review, a concern or a callback for people: the sentence on top, then what its process shows of itself."""

from __future__ import annotations

from typing import Any

from cli.cases import sheet_rendering
from cli.cases import tables as dossier_parts
from cli.cases.case_data import NOUNS, common_data, sentence
from cli.cases.sheet_order import in_order
from cli.terminal import output
from cli.terminal.context import Office
from services.queries.case_detail import DossierDetail


def show(detail: DossierDetail, message: dict[str, Any] | None, here: Office, as_json: bool) -> None:
    """Everything, as tables or as JSON. `message` is what a caller left, who they are and their number; None for all else."""
    if as_json:
        output.as_json(common_data(detail, here) | ({"message": message} if message is not None else {}))
        return
    now = here.clock()
    output.say(sentence(detail.view, detail.case_id))
    _about(detail)
    if detail.sheet is not None:
        sheet_rendering.render(NOUNS.get(detail.case_id[:3], "Dossier"), in_order(detail.sheet), detail.zone)
    if message is not None:
        sheet_rendering.render("Message", message, detail.zone)
    dossier_parts.clocks(detail, now)
    dossier_parts.tasks(detail, now)
    dossier_parts.letters_of(detail, here)
    dossier_parts.documents(detail)
    dossier_parts.journal(detail)


def _about(detail: DossierDetail) -> None:
    view = detail.view
    if view is None:
        return
    law = ", ".join(word for word in (output.words(view.law), view.state) if word)
    rows = [
        ("What", view.title),
        ("Member", view.member_id or "none known"),
        ("Law", f"{law or 'nobody knows'}; days counted in {view.zone}"),
        ("Received", output.instant(view.received_at, view.zone)),
    ]
    output.heading("Dossier")
    output.table(("", ""), rows, show_header=False)
