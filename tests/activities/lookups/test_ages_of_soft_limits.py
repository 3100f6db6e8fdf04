"""The age under which a limit is soft, by the calendar of the member's plan."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from activities.lookups.plan_provisions import is_under_age
from domain.requests.request import AuthorizationRequest
from domain.vocabulary import Lob
from rulebook.review_rules import load_review_rules
from store import directory
from store.session import Store
from tests.activities.lookups.test_clock_inputs import asked

SIGNER = load_review_rules().benefit_signer(Lob.MEDICAID)


@pytest.mark.parametrize(
    ("hour", "start", "under"),
    [(3, None, True), (18, None, False), (18, date(2026, 3, 9), True), (3, date(2026, 3, 10), False)],
)
def test_the_day_before_the_birthday_lasts_until_midnight_where_the_member_lives(
    store: Store, monkeypatch: pytest.MonkeyPatch, hour: int, start: date | None, under: bool
) -> None:
    request: AuthorizationRequest = asked(received_at=datetime(2026, 3, 10, hour, tzinfo=UTC))
    with store.read() as s:
        found = directory.member(s, request.member.member_id)
        assert found is not None
        born = found.model_copy(update={"birth_date": date(2005, 3, 10)})
        monkeypatch.setattr(directory, "member", lambda s, member_id: born)
        line = request.lines[0].model_copy(update={"start": start})
        assert is_under_age(s, SIGNER, request, line, "America/Chicago") is under
