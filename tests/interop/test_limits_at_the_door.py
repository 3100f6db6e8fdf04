"""A document too large to be worked on is refused at the door with a reason; one that is accepted, works."""

from __future__ import annotations

from typing import Any

import pytest

from domain.errors import NotReadable
from domain.vocabulary import Channel
from interop.reader import read_request
from tests.interop.fhir.bundles import RECEIVED_AT, as_bytes
from tests.interop.plain.test_requests import plain


def lines(count: int, **more: Any) -> list[dict[str, Any]]:
    first = plain()["lines"][0]
    return [first | more | {"line_id": str(number)} for number in range(1, count + 1)]


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"lines": lines(3_000)}, "lines"),
        ({"lines": lines(1, description="d" * 1_500_000)}, "description"),
        ({"lines": lines(900, description="d" * 2_000)}, "document"),
    ],
)
def test_a_request_beyond_the_limits_is_refused_with_the_place_and_what_is_possible(
    changes: dict[str, Any], place: str
) -> None:
    with pytest.raises(NotReadable) as caught:
        read_request(as_bytes(plain(**changes)), RECEIVED_AT, Channel.API)
    found = {problem.path: problem for problem in caught.value.problems}
    assert found[place].rule == "umpire-limits" and found[place].expected


def test_a_request_of_many_lines_within_the_limits_is_read() -> None:
    read = read_request(as_bytes(plain(lines=lines(999))), RECEIVED_AT, Channel.API)
    assert len(read.request.lines) == 999
