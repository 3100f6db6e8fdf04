"""The metadata of all tables together: of `store.tables`, and of the rooms that keep their own."""

from __future__ import annotations

from store.accounts import tables as account_tables
from store.api import tables as api_tables
from store.correspondence import tables as correspondence_tables
from store.disclosures import tables as disclosure_tables
from store.drafts import tables as draft_tables
from store.oversight import tables as oversight_tables
from store.portal import tables as portal_tables
from store.retention import tables as retention_tables
from store.tables import metadata
from store.worklist import tables as worklist_tables

TABLES_OF_ROOMS = (
    account_tables,
    api_tables,
    correspondence_tables,
    disclosure_tables,
    draft_tables,
    oversight_tables,
    portal_tables,
    retention_tables,
    worklist_tables,
)
__all__ = ["TABLES_OF_ROOMS", "metadata"]
