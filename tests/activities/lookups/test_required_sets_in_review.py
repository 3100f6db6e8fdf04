"""A look at a behavioral request where a law names the set, and at a medication for which none may be asked."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from activities.authorization_review import AuthorizationLookups
from activities.integrations.eligibility import DirectoryEligibility
from domain.authorization.assessment import LineAssessment
from domain.authorization.orders import ReviewInput
from domain.criteria.required_sets import LicensedAnswer, LicensedCriteria, LicensedQuestion
from domain.requests.request import AuthorizationRequest, MemberReference, ProviderReference, ServiceLine, UrgencyClaim
from domain.three_valued import Tri
from domain.vocabulary import AskedBy, Channel, CodeSystem, Lob, ServiceKind, Urgency
from rulebook.rulebook import load_rulebook
from store import directory, requests
from store.session import Store

BOOK = load_rulebook({})
NOON = datetime(2026, 3, 10, 18, tzinfo=UTC)


class Connected:
    """A connected set that answers in the name of `set_id`, whichever set is asked."""

    def __init__(self, set_id: str) -> None:
        self._set_id = set_id

    def answer(self, question: LicensedQuestion) -> LicensedAnswer | None:
        return LicensedAnswer(set_id=self._set_id, edition="a test edition", outcome=Tri.MET, reference="case 7")


def looked_at(
    store: Store,
    code: str,
    state: str,
    licensed: LicensedCriteria | None = None,
    *,
    lob: Lob = Lob.COMMERCIAL_ACA,
    self_funded: bool | None = None,
) -> LineAssessment:
    """A line with this code, for a member of an insured plan in this State."""
    request = AuthorizationRequest(
        submission_id="test|1",
        received_at=NOON,
        channel=Channel.PORTAL,
        service_kind=ServiceKind.BEHAVIORAL,
        urgency=UrgencyClaim(urgency=Urgency.STANDARD, asked_by=AskedBy.PROVIDER),
        member=MemberReference(member_id="MBR1000001"),
        requesting_provider=ProviderReference(npi="1999999984"),
        lines=(ServiceLine(line_id="1", code=code, code_system=CodeSystem.HCPCS, start=date(2026, 4, 1)),),
    )
    with store.begin() as s:
        for one in directory.coverages(s, "MBR1000001"):
            changes = {"lob": lob, "state": state, "self_funded": self_funded}
            directory.put_coverage(s, one.model_copy(update=changes))
        requests.save(s, "PA-1", request)
    order = ReviewInput(case_id="PA-1", request_version=1, received_at=NOON, events=(), now=NOON)
    look = AuthorizationLookups(store, BOOK, DirectoryEligibility(store), licensed=licensed).look_into(order)
    return look.assessment.lines[0]


def test_a_plans_own_guideline_judges_nothing_where_the_law_names_a_set(store: Store) -> None:
    line = looked_at(store, "H0018", "IL")
    assert line.criteria is None and line.requirement.required is True
    assert line.required_set is not None and line.required_set.set_ids == ("ASAM",)
    assert line.required_set.answer is None


def test_the_same_guideline_judges_in_a_state_that_names_none(store: Store) -> None:
    line = looked_at(store, "H0018", "NC")
    assert line.criteria is not None and line.criteria.guideline_id == "EXRES" and line.required_set is None


def test_in_texas_nothing_of_the_plans_judges_and_a_clinician_is_told_which_two_sets_there_are(store: Store) -> None:
    line = looked_at(store, "H0018", "TX")
    assert line.criteria is None and line.required_set is not None
    assert line.required_set.set_ids == ("ASAM", "MCG") and "28 TAC 3.8001" in line.required_set.in_words


def test_the_answer_of_a_connected_set_is_shown_with_its_edition_and_approves_nothing(store: Store) -> None:
    line = looked_at(store, "H0018", "IL", Connected("ASAM"))
    assert line.criteria is None
    assert line.required_set is not None and line.required_set.answer is not None
    assert line.required_set.in_words.endswith("ASAM, a test edition, says met (case 7)")


def test_an_answer_in_the_name_of_another_set_does_not_count(store: Store) -> None:
    line = looked_at(store, "H0018", "IL", Connected("LOCUS"))
    assert line.required_set is not None and line.required_set.answer is None


@pytest.mark.parametrize("state", ["IL", "NY", "CO", "AR", "CA"])
def test_no_authorization_is_asked_for_opioid_medication_where_the_law_forbids_it(store: Store, state: str) -> None:
    line = looked_at(store, "Q9991", state)
    assert line.requirement.required is False and "forbids prior authorization" in line.requirement.because
    assert f"{state}-OPIOID-MEDICATION" in line.requirement.citation


def test_the_plans_list_stands_where_no_law_forbids_it(store: Store) -> None:
    assert looked_at(store, "Q9991", "TX").requirement.required is True


def test_a_plan_known_to_be_funded_by_the_employer_keeps_its_list(store: Store) -> None:
    assert looked_at(store, "Q9991", "IL", lob=Lob.COMMERCIAL_ERISA, self_funded=True).requirement.required is True


def test_a_plan_whose_funding_is_unknown_asks_for_nothing(store: Store) -> None:
    assert looked_at(store, "Q9991", "IL", lob=Lob.COMMERCIAL_ERISA).requirement.required is False


def test_medicare_advantage_is_outside_of_state_law(store: Store) -> None:
    assert looked_at(store, "Q9991", "IL", lob=Lob.MEDICARE_ADVANTAGE).requirement.required is True
