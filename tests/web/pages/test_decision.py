"""The decision page: the letter that is read before is the letter that is sent, and nothing is signed around a rule."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from activities import case_records
from demo.time_skipping_lab import Lab
from domain.cases.tasks import Task, TaskKind
from domain.cases.views import CaseStatus
from domain.letters.context import RenderedLetter
from domain.requests.numbers import case_id_for
from services.commands import signing
from services.context import CommandResult, CommandStatus, TemporalUnavailable
from store import documents, letters
from store.accounts import sessions
from store.installation import installation_key
from tests.web.browsers import WebClient
from tests.web.conftest import lab_context
from tests.web.pages_read import sent_by
from tests.workflows.care_requests import FUSION, FUSION_NOT_MET, request
from tests.workflows.closing_scenarios import LIMIT, OF_PLAN, sent_to_benefit_staff
from tests.workflows.lab_case import LabCase
from web.app import build_app
from web.context import WebContext
from web.letter_preview import LetterPreview, preview_letters
from web.pages import decision
from web.presentation.decisions.benefit_form import read_benefit_form
from web.presentation.decisions.reading import read_form
from web.security.synthetic_people import PASSWORD

CHEN, NOVAK, FALK = "md.ortho.chen", "md.derm.novak", "benefits.falk"
TEXTS = {
    "asked.1": "Fusion of one joint of the lower spine.",
    "plain.1": "Medicare covers this surgery after 12 months of other treatment, such as physical therapy. "
    "The records that your doctor sent show 6 months of physical therapy so far.",
    "rule.1": "Spine fusion for a curve of the spine is covered after 12 months of other treatment.",
    "change.1": "Records that show 12 months of treatment without surgery.",
    "gap.1": "Six months of treatment are missing.",
}
ATTACK = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'


class Desk:
    """A physician's review in the lab, with browsers over its pages."""

    def __init__(
        self, lab: Lab, context: WebContext, case: LabCase, kind: TaskKind = TaskKind.PHYSICIAN_REVIEW
    ) -> None:
        self.lab, self.context, self.case, self.kind = lab, context, case, kind
        self._transport = httpx.ASGITransport(build_app(context))

    @property
    def task(self) -> Task:
        return self.case.task(self.kind)

    @property
    def address(self) -> str:
        return f"/tasks/{self.task.task_id}/decision"

    def browser(self, subject: str = CHEN) -> WebClient:
        http = httpx.AsyncClient(transport=self._transport, base_url="http://umpire.test")
        return WebClient(http, subject)

    async def answers(self, **changes: str) -> dict[str, str]:
        """The form filled in properly, but for `changes`; an empty text leaves the field out."""
        asked = await self.lab.open_criteria(self.case.case_id, self.task.task_id)
        answered = {f"answer.{node}": "not_met" for node in asked}
        noted = {f"note.{node}": "6 months of physical therapy are documented." for node in asked}
        filled = {"outcome.1": "denied", "free": "yes", "attested": "yes", **TEXTS, **answered, **noted, **changes}
        return {name: said for name, said in filled.items() if said}

    async def letters_before(self, answers: Mapping[str, str], who: str = CHEN) -> tuple[LetterPreview, ...]:
        """The letters as the page has them of these answers."""
        services = self.context.services
        now = services.clock()
        desk = await services.read(signing.read_desk, self.task.task_id, who, now)
        typed = {name: [said] for name, said in answers.items()}
        if self.kind is TaskKind.BENEFIT_REVIEW:
            tried = signing.try_benefit_decision(desk, read_benefit_form(typed, desk.case.zone), now)
        else:
            tried = signing.try_decision(desk, read_form(desk.case, desk.before, typed), now)
        shown, _ = await preview_letters(self.context, tried.orders)
        return shown

    def letter(self, audience: str) -> RenderedLetter:
        with self.lab.store.read() as s:
            return letters.get(s, f"{self.case.case_id}:adverse_determination:{audience}:1").rendered

    def is_undecided(self) -> bool:
        return self.case.view().decided_at is None and not self.case.entries("message_refused")


async def open_desk(lab: Lab, *, settled: bool = True, with_record: bool = False) -> Desk:
    asked = request(FUSION, known=FUSION_NOT_MET)
    if with_record:
        with lab.store.begin() as s:
            held = documents.put(s, b"Six months of physical therapy.", "Clinic notes", "text/plain", asked.received_at)
            case_id = case_id_for(asked, installation_key(s))
            documents.attach(s, case_id, held.document_id, asked.received_at)
    case = LabCase(lab, await lab.open(asked))
    await case.refer()
    if settled:
        await case.send(await case.settled("held"))
    return Desk(lab, await lab_context(lab), case)


def kept(page: str, answers: Mapping[str, str]) -> bool:
    """Whether the page's form still holds everything that was typed."""
    sent = sent_by(page)
    return all(said in sent.get(name, ()) for name, said in answers.items())


async def test_what_is_read_before_signing_is_what_is_sent_and_nothing_is_signed_before_all_holds(lab: Lab) -> None:
    desk = await open_desk(lab, with_record=True)
    browser, answers = desk.browser(), await desk.answers()
    blank = await browser.get(desk.address)
    assert not {name for name in sent_by(blank.text) if name.startswith(("outcome", "answer", "free", "attested"))}
    assert not any(said for name, (said, *_) in sent_by(blank.text).items() if name in TEXTS)
    assert "There is no letter yet" in blank.text

    async def sign(**changes: str) -> httpx.Response:
        sent = {**answers, "password": PASSWORD, **changes}
        return await browser.post(f"{desk.address}/sign", "/worklist", **{n: t for n, t in sent.items() if t})

    unread = await sign()
    assert unread.status_code == 409 and "Not signed. One rule stands against it." in unread.text
    assert "Open Clinic notes" in unread.text and 'name="password"' not in unread.text
    assert kept(unread.text, answers) and desk.is_undecided()

    with lab.store.read() as s:
        (record,) = documents.of_case(s, desk.case.case_id)
    await desk.case.open_record(CHEN, record.document_id)
    await lab.settle()
    node = next(name for name in answers if name.startswith("answer."))
    unanswered = await sign(**{node: ""})
    assert unanswered.status_code == 409 and f"Not answered: {node.removeprefix('answer.')}." in unanswered.text
    assert desk.is_undecided()

    wrong = await sign(password="a guess")
    assert wrong.status_code == 422 and "That is not your password. Nothing was signed." in wrong.text
    assert kept(wrong.text, answers) and "a guess" not in wrong.text and desk.is_undecided()

    before = await desk.letters_before(answers)
    page = await browser.post(desk.address, desk.address, **answers)
    assert 'name="password"' in page.text and all(one.is_complete and str(one.body) in page.text for one in before)
    part = await browser.post(f"{desk.address}/preview", desk.address, **answers)
    assert "<html" not in part.text and str(before[0].body) in part.text

    answers["act"] = "act-of-this-page"
    done = await sign()
    assert (done.status_code, done.headers["location"]) == (303, "/worklist")
    assert "Signed and sent." in (await browser.get("/worklist")).text
    assert desk.case.view().status is CaseStatus.DENIED
    assert [(one.html, one.text) for one in before] == [
        (desk.letter(one.audience.value).html, desk.letter(one.audience.value).text) for one in before
    ]
    again = await sign()
    assert (again.status_code, again.headers["location"]) == (303, f"/cases/{desk.case.case_id}")
    assert len(desk.case.entries("determination_made")) == 1


async def test_who_does_not_fit_gets_both_rules_and_hands_the_task_to_who_does(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = await open_desk(lab, settled=False)
    with monkeypatch.context() as older:  # a claim under a release that did not look at specialties stands
        older.setattr(case_records, "_nurse_states", lambda *_given: None)
        await desk.case.send(await desk.case.claim(TaskKind.PHYSICIAN_REVIEW, NOVAK))
    browser, answers = desk.browser(NOVAK), await desk.answers()
    forged = await browser.post(f"{desk.address}/sign", desk.address, **answers, password=PASSWORD)
    assert forged.status_code == 409 and "Not signed. Two rules stand against it." in forged.text
    assert "The specialty does not fit the service" in forged.text
    assert "has not yet had the offered peer-to-peer" in forged.text
    assert f'href="/cases/{desk.case.case_id}/peer-to-peer#h-res"' in forged.text
    assert f'name="to" value="{CHEN}"' in forged.text and 'value="md.untrained.grant"' not in forged.text
    assert kept(forged.text, answers) and desk.is_undecided()
    handed = await browser.post(f"{desk.address}/hand-over", desk.address, to=CHEN)
    assert handed.status_code == 303 and desk.task.assignee == CHEN
    assert "task.specialty" in await desk.case.refused(await desk.case.claim(TaskKind.PHYSICIAN_REVIEW, NOVAK))

    texts = dict.fromkeys((*TEXTS, "criterion.1", "finding.1", *(n for n in answers if n.startswith("note."))), ATTACK)
    attacked = await desk.browser().post(desk.address, desk.address, **{**answers, **texts})
    (member, provider) = await desk.letters_before({**answers, **texts})
    for shown in (attacked.text, member.html, provider.html):
        assert "<script>alert" not in shown and "<img src=x" not in shown
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown


async def test_an_approval_needs_an_account_and_nothing_typed_is_lost_with_a_session_or_an_engine(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = await open_desk(lab)
    browser, answers = desk.browser(), await desk.answers()
    secret = sent_by((await browser.get(desk.address)).text)["csrf"][0]
    with lab.store.begin() as s:
        sessions.end(s, browser.http.cookies["umpire_session"], await lab.now())
    late = await browser.http.post(f"{desk.address}/sign", data={"csrf": secret, **answers, "password": PASSWORD})
    assert late.status_code == 303 and late.headers["location"].startswith("/sign-in?")
    key = dict(parse_qsl(urlsplit(late.headers["location"]).query))["kept"]
    browser = desk.browser()
    again = await browser.get(f"{desk.address}/sign", kept=key)
    back = await browser.get(again.headers["location"])
    assert kept(back.text, answers) and f'value="{PASSWORD}"' not in back.text and desk.is_undecided()

    async def away(*_given: object) -> CommandResult:
        raise TemporalUnavailable("Temporal does not answer.")

    async def slow(*_given: object) -> CommandResult:
        return CommandResult(kind=CommandStatus.QUEUED, case_id=desk.case.case_id, message_id="m", says="It has it.")

    with monkeypatch.context() as patched:
        patched.setattr(decision, "_send", away)
        down = await browser.post(f"{desk.address}/sign", desk.address, **answers, password=PASSWORD)
        assert down.status_code == 503 and "Not signed: Temporal does not answer." in down.text
        assert kept(down.text, answers)
        patched.setattr(decision, "_send", slow)
        late = await browser.post(f"{desk.address}/sign", desk.address, **answers, password=PASSWORD)
        assert late.status_code == 303
        assert "you need not send it again" in (await browser.get("/worklist")).text

    await desk.case.send(await desk.case.claim(TaskKind.PHYSICIAN_REVIEW, CHEN))
    bare = await browser.post(f"{desk.address}/sign", desk.address, **{"outcome.1": "approved"})
    assert bare.status_code == 409 and "An approval needs its rationale." in bare.text
    account = {"rationale": "Nothing less has helped.", "why_none": "The criteria leave this to the physician."}
    done = await browser.post(f"{desk.address}/sign", desk.address, **{"outcome.1": "approved"}, **account)
    assert done.status_code == 303
    await lab.settle()
    assert desk.case.view().status is CaseStatus.APPROVED


async def test_benefit_staff_sign_by_the_plans_documents_with_their_own_proof_and_nowhere_else(lab: Lab) -> None:
    case = await sent_to_benefit_staff(lab)
    desk = Desk(lab, await lab_context(lab), case, TaskKind.BENEFIT_REVIEW)
    await case.send(await case.claim(TaskKind.BENEFIT_REVIEW, FALK))
    browser = desk.browser(FALK)
    answers = {
        "result": "denied",
        "provision_id": LIMIT.provision_id,
        "asked": OF_PLAN.asked,
        "counted": OF_PLAN.findings[0].finding,
        "gap": OF_PLAN.gap,
        "what_would_change": OF_PLAN.what_would_change,
        "plain_words": OF_PLAN.plain_words,
        "no_conflict_of_interest": "yes",
        "attested": "yes",
    }
    elsewhere = await browser.post(f"/tasks/{desk.task.task_id}", desk.address, outcome="done", **answers)
    assert (elsewhere.status_code, elsewhere.headers["location"]) == (303, desk.address)
    unsaid = {name: said for name, said in answers.items() if name != "counted"}
    refused = await browser.post(f"{desk.address}/sign", desk.address, **unsaid, password=PASSWORD)
    assert refused.status_code == 409 and 'href="#f-counted"' in refused.text and desk.is_undecided()
    before = await desk.letters_before(answers, FALK)
    unproven = await browser.post(f"{desk.address}/sign", desk.address, **answers, password="a guess")
    assert unproven.status_code == 422 and "Your credential" in unproven.text and desk.is_undecided()
    assert str(before[0].body) in unproven.text
    done = await browser.post(f"{desk.address}/sign", desk.address, **answers, password=PASSWORD)
    assert done.status_code == 303
    await lab.settle()
    assert case.view().status is CaseStatus.DENIED
    assert [one.text for one in before] == [desk.letter(one.audience.value).text for one in before]
