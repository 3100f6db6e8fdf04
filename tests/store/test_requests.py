from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from domain.errors import Corrupt, NotOnFile
from domain.vocabulary import ArrivalKind, Channel
from store import inbox, read_models, requests
from store.session import Store
from tests.store.samples import CASE, NOON, case_view, draft, json, request


def _arrival(store: Store) -> int:
    with store.begin() as s:
        return inbox.receive(s, b"{}", NOON, Channel.API, kind=ArrivalKind.REQUEST).inbox_id


def test_every_version_of_a_request_is_kept(store: Store) -> None:
    first, second = request("a|1"), request("a|2")
    with store.begin() as s:
        assert requests.save(s, CASE, first, _arrival_in(s), {"questions": ["q1"]}) == 1
        assert requests.save(s, CASE, second) == 2
    with store.read() as s:
        assert requests.load(s, CASE).request == second
        stored = requests.load(s, CASE, 1)
    assert (stored.request, stored.version, stored.answers) == (first, 1, {"questions": ["q1"]})


def _arrival_in(s: Session) -> int:
    return inbox.receive(s, b"{}", NOON, Channel.API, kind=ArrivalKind.REQUEST).inbox_id


def test_an_arrival_makes_one_version_only(store: Store) -> None:
    inbox_id = _arrival(store)
    with store.begin() as s:
        assert requests.save(s, CASE, request(), inbox_id) == 1
    with store.begin() as s:
        assert requests.save(s, CASE, request(), inbox_id) == 1
        with pytest.raises(Corrupt, match=f"became a request of {CASE}"):
            requests.save(s, "PA-OTHER", request(), inbox_id)


def test_a_case_without_request_is_an_error_that_names_it(store: Store) -> None:
    with store.read() as s, pytest.raises(NotOnFile, match=f"{CASE} has no request of version 3"):
        requests.load(s, CASE, 3)


def test_a_case_is_found_by_the_senders_number_and_by_ours(store: Store) -> None:
    with store.begin() as s:
        requests.save(s, CASE, request("urn:s|77"))
        requests.save(s, "PA-LATER", request("urn:s|77"))
        view = case_view(authorization_number="A-123")
        read_models.record_entries(s, CASE, [draft(1, case=json(view)[0])])
    with store.read() as s:
        assert requests.find_by_submission(s, "urn:s|77") == "PA-LATER"
        assert requests.find_by_submission(s, "urn:s|77", "1999999984") == "PA-LATER"
        assert requests.find_by_submission(s, "urn:s|77", "1215000013") is None
        assert requests.find_by_submission(s, "urn:s|78") is None
        assert requests.find_by_authorization_number(s, "A-123") == CASE
        assert requests.find_by_authorization_number(s, "A-124") is None


def test_a_case_is_found_by_a_number_that_its_requester_gave(store: Store) -> None:
    with store.begin() as s:
        requests.save(s, CASE, request(trace_numbers=("urn:t|1", "urn:t|2", "urn:t|1")))
        requests.save(s, "PA-LATER", request(trace_numbers=("urn:t|2",)))
    with store.read() as s:
        assert requests.find_by_trace_number(s, "urn:t|1", "1999999984") == CASE
        assert requests.find_by_trace_number(s, "urn:t|2", "1999999984") == "PA-LATER"
        assert requests.find_by_trace_number(s, "urn:t|1", "1215000013") is None
        assert requests.find_by_trace_number(s, "urn:t", "1999999984") is None
