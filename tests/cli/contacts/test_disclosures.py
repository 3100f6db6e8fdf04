"""`umpire disclosures` lists who asked for criteria, and says of each whether it was sent."""

from __future__ import annotations

from activities.delivery import hand_over_standalone
from demo.time_skipping_lab import Lab
from domain.criteria.statements import state_guideline
from domain.letters.standalone import StandaloneKind
from services.commands.criteria_disclosures import CriteriaOrder, record_disclosure
from store.disclosures.criteria_disclosures import CriteriaDisclosure, DisclosureWay
from templates.standalone_letters import printer_of
from tests.cli.terminal import Terminal


async def test_the_list_says_who_asked_and_whether_it_was_sent(lab: Lab, terminal: Terminal) -> None:
    assert "Nobody has asked" in (await terminal.type("disclosures")).out
    services, book = await lab.services(), lab.dependencies.rulebook
    text = state_guideline(next(one for one in book.criteria.guidelines if one.id == "SNF"), book.criteria.dictionary)
    order = CriteriaOrder(text, printer_of(book.notices.standalone[StandaloneKind.CRITERIA_ASKED_FOR], text))
    for act, way, to in (("a", DisclosureWay.READ_OUT, ""), ("b", DisclosureWay.EMAIL, "dana@clinic.example")):
        one = CriteriaDisclosure(
            act=act,
            at=services.clock(),
            by="intake.kim",
            guideline_id=text.guideline_id,
            version=text.version,
            rulebook_version=book.version,
            caller_kind="provider",
            caller_name="Dana Ruiz",
            caller_organization="Lakeside Spine Center",
            way=way,
            sent_to=to,
        )
        await record_disclosure(services, one, order)
    listed = (await terminal.type("disclosures", "--wide")).out
    assert "to be sent" in listed and "by people" in listed and "Dana Ruiz" in listed
    assert hand_over_standalone(lab.store, lab.dependencies.carrier, services.clock()) == 1
    sent, told = (await terminal.type("disclosures", "--json")).data
    assert (sent["sending"], told["sending"]) == ("sent", "by_people")
    assert sent["sent_at"] and sent["sent_to"] == "dana@clinic.example"
