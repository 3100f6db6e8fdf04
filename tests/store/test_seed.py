from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from domain.coverage.directory import NetworkStatus
from domain.errors import NotReadable
from domain.vocabulary import Lob, Role
from store import benefits, directory, seed
from store.session import Store
from tests.paths import SAMPLES

SAMPLE = SAMPLES / "plan" / "example_health.yaml"
TODAY = date(2026, 3, 2)


def test_the_sample_plan_loads_and_loading_it_again_changes_nothing(store: Store) -> None:
    first = seed.load_plan(store, SAMPLE)
    with store.begin() as s:
        benefits.reserve(s, "PA-1", "1", "MBR1000001-CPAP", Decimal(1))
    assert seed.load_plan(store, SAMPLE) == first
    assert first.members == 13 and first.providers == 15
    with store.read() as s:
        assert benefits.remaining(s, "MBR1000001-CPAP") == 0


def test_the_sample_plan_has_the_people_the_stories_need(store: Store) -> None:
    seed.load_plan(store, SAMPLE)
    with store.read() as s:
        alma = directory.coverage_on(s, "MBR1000001", TODAY)
        assert alma is not None and (alma.lob, alma.zone) == (Lob.MEDICARE_ADVANTAGE, "America/Chicago")
        priya = directory.coverage_on(s, "MBR1000004", TODAY)
        assert priya is not None and (priya.lob, priya.self_funded) == (Lob.COMMERCIAL_ERISA, True)
        assert directory.coverage_on(s, "MBR1000006", TODAY) is None
        assert directory.plan_contact(s, "1888888884") is not None
        sleep_lab = directory.provider(s, "1215000047")
        assert sleep_lab is not None and sleep_lab.network["1888888884"] is NetworkStatus.OUT_OF_NETWORK
        assert {role for reviewer in directory.reviewers(s) for role in reviewer.roles} >= set(Role) - {
            Role.DISCHARGE_PLANNER,
            Role.APPEALS,
        }
        neuro, untrained = directory.reviewer(s, "md.neuro.haile"), directory.reviewer(s, "md.untrained.grant")
        assert neuro is not None and all(licence.expires < TODAY for licence in neuro.licences)
        assert untrained is not None and untrained.training_valid_through is not None
        assert untrained.training_valid_through < TODAY


@pytest.mark.parametrize(
    ("old", "new", "place", "says"),
    [
        ("birth_date: 1951-04-12", "birth_date: someday", "members[0].birth_date", "date"),
        ("family_name: Whitfield", "surname: Whitfield", "members[0].surname", "Extra"),
        ("    given_name: Alma\n", "", "members[0].given_name", "required"),
        ("zone: America/New_York", "zone: America/Gotham", "members[1].coverages[0].zone", "no IANA time zone"),
        ("end: 2025-12-31\n\n  # Changed", "end: 2020-12-31\n\n  #", "members[5].coverages[0].end", "before it begins"),
        ('npi: "1999999984"', 'npi: "1999999985"', "providers[0].npi", "check digit"),
        ("MBR1000002-CPAP", "MBR1000001-CPAP", "members[1].coverages[0]", "used twice"),
        ("member_id: MBR1000002", "member_id: MBR1000001", "members[1].member_id", "in the file twice"),
        ("reports_to: supervisor.bell", "reports_to: nobody", "reviewers[0].reports_to", "no reviewer nobody"),
        ("    tty: ", "    fax: ", "plan.contact.fax", "written twice"),
        ('conflicts: ["1999999984"]', 'conflicts: ["12"]', "reviewers[14].conflicts[0]", "National Provider"),
    ],
)
def test_a_wrong_plan_file_is_refused_by_line_and_key(
    store: Store, tmp_path: Path, old: str, new: str, place: str, says: str
) -> None:
    text = SAMPLE.read_text(encoding="utf-8")
    assert old in text
    wrong = tmp_path / "plan.yaml"
    wrong.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(NotReadable) as refused:
        seed.load_plan(store, wrong)
    (problem,) = [problem for problem in refused.value.problems if problem.path.endswith(f": {place}")]
    assert says in problem.message
    assert problem.path.startswith(f"{wrong}:")
    with store.read() as s:
        assert directory.member(s, "MBR1000001") is None


@pytest.mark.parametrize("content", [b"", b"members: [", b"\xff\xfe", b"- a list", b"a: 2026-99-99"])
def test_a_file_that_is_no_plan_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "plan.yaml"
    path.write_bytes(content)
    with pytest.raises(NotReadable, match=r"plan\.yaml"):
        seed.read_plan(path)
    with pytest.raises(NotReadable, match="cannot be read"):
        seed.read_plan(tmp_path / "none.yaml")


def test_a_plan_file_with_aliases_is_refused_before_they_multiply(tmp_path: Path) -> None:
    levels = "".join(f"- &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 12))
    path = tmp_path / "plan.yaml"
    path.write_text(f"members:\n- &l0 [x, x]\n{levels}")
    with pytest.raises(NotReadable, match="alias"):
        seed.read_plan(path)


def test_a_provider_identifier_has_a_check_digit() -> None:
    assert seed.is_npi("1215000013")
    assert not any(seed.is_npi(text) for text in ("1215000012", "12", "²" * 10))
