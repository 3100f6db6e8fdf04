"""The view of a case by a person: allowed or not on file for them, and recorded."""

from __future__ import annotations

from domain.errors import NotOnFile
from services.case_lookup import is_on_file
from web.context import SignedIn, WebContext


async def view_case(context: WebContext, who: SignedIn, case_id: str, what: str) -> None:
    """Let this person see `what` of the case ('case', 'journal', 'letter', ...). Raises NotOnFile for a case that is none."""
    if not await context.services.read(is_on_file, case_id):
        raise NotOnFile(f"There is no case {case_id} for you.", "Search by member, provider or number.")
