"""Drafts as pages name them: by when they were started, never by a number that could be taken for an authorization's."""

from __future__ import annotations

from datetime import datetime

from store.portal.drafts import Draft


class TitledDraft:
    """A draft with its title and what it is about."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft

    @property
    def draft_id(self) -> str:
        return self._draft.draft_id

    @property
    def saved_at(self) -> datetime:
        return self._draft.saved_at

    @property
    def expires_at(self) -> datetime:
        return self._draft.expires_at

    @property
    def remind_at(self) -> datetime:
        return self._draft.remind_at

    @property
    def about(self) -> str:
        """The first service and the member, as far as they were typed."""
        content = self._draft.content
        parts = (content.get("words-1") or content.get("code-1"), content.get("member"))
        return ", ".join(str(part) for part in parts if part)

    def title(self, zone: str) -> str:
        """'Draft of Dec 1, 10:12 AM', in this zone."""
        return self._draft.title(zone)
