"""Documents that come along."""

from __future__ import annotations

import base64
import hashlib

import pytest

from tests.interop.fhir.bundles import (
    PAS_CODES,
    RECEIVED_AT,
    add,
    add_supporting_information,
    concept,
    document,
    first_claim,
    info_cancelled,
    note_rules,
    problem_rules,
    read,
    request_bundle,
)

ATTACHMENT = "Bundle.entry[9].resource.content[0].attachment"


def test_a_document_is_known_by_the_hash_of_its_content() -> None:
    submission = read(add_supporting_information(request_bundle(), document(b"A clinic note"), "Clinic note", "CTL-9"))
    (attachment,) = submission.attachments
    assert attachment.content == b"A clinic note"
    reference = attachment.document_reference
    assert reference.document_id == hashlib.sha256(b"A clinic note").hexdigest()
    assert (reference.title, reference.content_type, reference.size_bytes) == ("Clinic note", "text/plain", 13)
    assert (reference.control_number, reference.received_at) == ("CTL-9", RECEIVED_AT)
    assert submission.request.documents == (reference,)


def test_the_same_content_twice_is_one_document() -> None:
    bundle = add_supporting_information(request_bundle(), document(b"same", "a"), "First")
    submission = read(add_supporting_information(bundle, document(b"same", "b"), "Second"))
    assert [found.title for found in submission.request.documents] == ["First"]


def test_a_title_is_looked_for_where_it_may_be() -> None:
    data = base64.b64encode(b"x").decode()
    titled = add(request_bundle(), document(title="On the attachment", data=data))
    assert read(titled).request.documents[0].title == "On the attachment"
    described = add(request_bundle(), document(b"x") | {"description": "On the resource"})
    assert read(described).request.documents[0].title == "On the resource"
    assert read(add(request_bundle(), document(b"x"))).request.documents[0].title == "Document"


def test_base64_may_be_broken_into_lines() -> None:
    data = base64.encodebytes(b"long " * 100).decode()
    submission = read(add(request_bundle(), document(data=data)))
    assert submission.attachments[0].content == b"long " * 100


@pytest.mark.parametrize("data", ["not base64!", "QQ=", "", "Ä"])
def test_content_that_is_not_base64_is_refused(data: str) -> None:
    assert problem_rules(add(request_bundle(), document(data=data))) == {f"{ATTACHMENT}.data": "umpire-base64"}


def test_a_document_that_is_only_linked_is_noted_and_not_fetched() -> None:
    submission = read(add_supporting_information(request_bundle(), document(url="http://example.org/Binary/1")))
    assert submission.attachments == ()
    assert note_rules(submission) == {ATTACHMENT: "umpire-attachment"}


def test_a_link_to_a_binary_of_the_bundle_is_followed() -> None:
    binary = {
        "resourceType": "Binary",
        "id": "scan",
        "contentType": "image/png",
        "data": base64.b64encode(b"pixels").decode(),
    }
    bundle = add(request_bundle(), document(url="Binary/scan"), binary)
    (attachment,) = read(bundle).attachments
    assert (attachment.content, attachment.document_reference.content_type) == (b"pixels", "image/png")


def test_content_that_is_not_what_its_hash_says_is_refused() -> None:
    data = base64.b64encode(b"content").decode()
    good = base64.b64encode(hashlib.sha1(b"content").digest()).decode()
    bad = base64.b64encode(hashlib.sha1(b"other").digest()).decode()
    assert read(add(request_bundle(), document(data=data, hash=good))).attachments
    assert problem_rules(add(request_bundle(), document(data=data, hash=bad))) == {
        f"{ATTACHMENT}.hash": "umpire-attachment"
    }


def test_a_message_in_the_claim_is_kept_as_a_document() -> None:
    bundle = request_bundle()
    message = {"sequence": 1, "category": concept(PAS_CODES, "freeFormMessage"), "valueString": "Please call first."}
    first_claim(bundle)["supportingInfo"] = [message]
    (attachment,) = read(bundle).attachments
    assert attachment.content == b"Please call first."
    assert attachment.document_reference.title == "Message from the provider"


def test_an_attachment_in_the_claim_is_read() -> None:
    bundle = request_bundle()
    data = base64.b64encode(b"inline").decode()
    value = {"contentType": "text/plain", "data": data, "title": "Inline"}
    info = {"sequence": 1, "category": concept(PAS_CODES, "additionalInformation"), "valueAttachment": value}
    first_claim(bundle)["supportingInfo"] = [info]
    assert read(bundle).attachments[0].content == b"inline"


def test_a_cancelled_document_is_left_out() -> None:
    bundle = add_supporting_information(request_bundle(), document())
    first_claim(bundle)["supportingInfo"][0]["modifierExtension"] = [info_cancelled()]
    assert read(bundle).attachments == ()
