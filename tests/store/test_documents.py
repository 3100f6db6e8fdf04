from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

from domain.errors import NotOnFile
from store import criteria_traces, documents
from store.session import Store
from tests.store.samples import CASE, NOON

PDF = b"%PDF-1.7 \x00\xfe"


def test_the_same_content_is_kept_once(store: Store) -> None:
    with store.begin() as s:
        first = documents.put(s, PDF, "Sleep study", "application/pdf", NOON)
        second = documents.put(s, PDF, "Copy", "application/pdf", NOON + timedelta(days=1))
        assert documents.get(s, first.document_id) == PDF
    assert first.document_id == second.document_id == hashlib.sha256(PDF).hexdigest()
    assert first.size_bytes == len(PDF)


def test_a_document_belongs_to_a_case_from_its_first_attachment(store: Store) -> None:
    with store.begin() as s:
        reference = documents.put(s, PDF, "Sleep study", "application/pdf", NOON)
        other = documents.put(s, b"note", "Note", "text/plain", NOON)
        later = NOON + timedelta(hours=1)
        documents.attach(s, CASE, reference.document_id, later, control_number="ACN-1")
        again = documents.attach(s, CASE, reference.document_id, NOON + timedelta(days=9), title="Renamed")
        documents.attach(s, CASE, other.document_id, NOON)
        documents.attach(s, "PA-OTHER", reference.document_id, NOON)
        found = documents.of_case(s, CASE)
    assert [document.title for document in found] == ["Note", "Sleep study"]
    assert found[1] == again == reference.model_copy(update={"received_at": later, "control_number": "ACN-1"})


def test_an_unknown_document_is_an_error(store: Store) -> None:
    with store.begin() as s:
        with pytest.raises(NotOnFile, match="no document abc"):
            documents.get(s, "abc")
        with pytest.raises(NotOnFile, match="no document abc"):
            documents.attach(s, CASE, "abc", NOON)


def test_the_same_verdict_has_the_same_id(store: Store) -> None:
    trace = {"state": "met", "nodes": [{"id": "a", "value": 55.0}]}
    with store.begin() as s:
        verdict_id = criteria_traces.save(s, CASE, "1", 1, "HOME-O2", trace)
        assert criteria_traces.save(s, CASE, "1", 1, "HOME-O2", dict(reversed(trace.items()))) == verdict_id
        other = criteria_traces.save(s, CASE, "1", 2, "HOME-O2", trace)
        assert other != verdict_id
        assert criteria_traces.load(s, verdict_id).verdict == trace
        assert [stored.verdict_id for stored in criteria_traces.of_case(s, CASE)] == [verdict_id, other]
        with pytest.raises(NotOnFile, match="V-none"):
            criteria_traces.load(s, "V-none")
