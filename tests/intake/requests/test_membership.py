"""A member is the one of the directory, by whatever form of their name."""

from __future__ import annotations

from datetime import date

import pytest

from domain.coverage.directory import Member
from domain.requests.request import MemberReference
from intake.requests.membership import member_mismatches

KNOWN = Member(
    member_id="M",
    family_name="Whitfield-Ray",
    given_name="Alma",
    birth_date=date(1951, 4, 12),
    address=("1 Example Street",),
)


@pytest.mark.parametrize("name", ["Whitfield-Ray", "WHITFIELD RAY", "Alma Whitfield-Ray", "Whitfield-Ray, Alma J."])
def test_a_whole_name_in_one_piece_is_compared_with_the_whole_name(name: str) -> None:
    assert member_mismatches(MemberReference(member_id="M", family_name=name), KNOWN) == ()


@pytest.mark.parametrize(
    ("name", "given"), [("Alma Ashgrove", None), ("Ashgrove", None), ("Alma Whitfield-Ray", "Alma")]
)
def test_another_family_name_is_a_mismatch(name: str, given: str | None) -> None:
    said = MemberReference(member_id="M", family_name=name, given_name=given)
    assert [issue.path for issue in member_mismatches(said, KNOWN)] == ["member.family_name"]
