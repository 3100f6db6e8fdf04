"""Sign-in at an OpenID provider, which runs beside the test, and bearer tokens."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from domain.errors import Refused
from domain.vocabulary import Role
from engine.web_settings import OidcSettings
from services.commands.accounts import add_account, link_identity
from store.session import Store
from web.app import build_app
from web.context import SignedIn, WebContext
from web.security.identities import principal_of_bearer
from web.security.oidc import NotSignedIn, OidcProvider
from web.security.sessions import read_signed_in
from web.security.step_up import confirm_identity, way_to_prove

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import oidc_provider_mock

ADAMS, CHEN, STALE, STRANGER = "u-adams", "u-chen", "u-stale", "u-stranger"
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:authlib")


@dataclass
class Plan:
    """The pages of a plan whose people sign in at a provider."""

    context: WebContext
    issuer: str

    def browser(self) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(build_app(self.context))
        return httpx.AsyncClient(transport=transport, base_url="http://umpire.test")

    async def sign_in(self, browser: httpx.AsyncClient, sub: str, begin: str = "/sign-in/oidc") -> httpx.Response:
        """Sign in at the provider as this person, and come back."""
        there = await browser.get(begin)
        assert there.status_code == 303, there.text
        return await browser.get(self.consent(there.headers["location"], sub))

    def consent(self, address: str, sub: str) -> str:
        """The address with which the provider sends the browser back."""
        assert address.startswith(f"{self.issuer}/oauth2/authorize?")
        answer = httpx.post(address, data={"sub": sub})
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    def with_settings(self, **changes: Any) -> Plan:
        oidc = self.context.settings.oidc
        assert oidc is not None
        changed = replace(self.context.settings, oidc=replace(oidc, **changes))
        return replace(self, context=replace(self.context, settings=changed))

    async def signed_in(self, browser: httpx.AsyncClient) -> SignedIn:
        services = self.context.services
        token = browser.cookies["umpire_session"]
        found = await services.read(read_signed_in, token, services.clock(), self.context.settings.idle)
        assert found is not None
        return found


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """A provider with four people."""
    chen = {"umpire_reviewer": "md.ortho.chen", "groups": ["um-physicians"]}
    people = (
        oidc_provider_mock.User(sub=ADAMS),
        oidc_provider_mock.User(sub=CHEN, claims=chen),
        oidc_provider_mock.User(sub=STALE, claims=chen | {"auth_time": 1_700_000_000}),
        oidc_provider_mock.User(sub=STRANGER, claims={"umpire_reviewer": "nobody.known"}),
    )
    with oidc_provider_mock.run_server_in_thread(user_claims=people) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def plan(web_context: WebContext, plan_store: Store, issuer: str) -> Plan:
    """A nurse's identity is linked to her account; a physician is named by a claim."""
    with plan_store.begin() as s:
        add_account(s, "grace", "nurse.adams", None)
        link_identity(s, "grace", issuer, ADAMS)
    oidc = OidcSettings(issuer, "umpire", "secret", audience="umpire", reviewer_claim="umpire_reviewer")
    return Plan(replace(web_context, settings=replace(web_context.settings, oidc=oidc)), issuer)


async def test_a_linked_person_signs_in_at_the_provider_and_comes_back_to_the_page(plan: Plan) -> None:
    browser = plan.browser()
    assert "Use your plan's sign-in" in (await browser.get("/sign-in")).text
    back = await plan.sign_in(browser, ADAMS, "/sign-in/oidc?next=/worklist%3Fwho%3Dmine&kept=K")
    assert back.status_code == 200
    onward = re.search(r'content="0;url=([^"]+)"', back.text)
    assert onward is not None
    assert unescape(onward[1]) == "/worklist?who=mine&kept=K"
    assert "Grace Adams, RN" in (await browser.get("/worklist")).text


async def test_a_person_named_by_a_claim_gets_an_account_and_others_none(plan: Plan) -> None:
    browser = plan.browser()
    await plan.sign_in(browser, CHEN)
    found = await plan.signed_in(browser)
    assert (found.principal.reviewer_id, found.principal.roles) == ("md.ortho.chen", {Role.PHYSICIAN})
    stranger = plan.browser()
    answer = await plan.sign_in(stranger, STRANGER)
    assert answer.status_code == 403
    assert "umpire_session" not in stranger.cookies


async def test_the_providers_groups_take_roles_away_and_give_none_that_the_directory_does_not(plan: Plan) -> None:
    roles = (("um-physicians", "physician"), ("um-physicians", "compliance"), ("um-nurses", "nurse"))
    mapped = plan.with_settings(roles_claim="groups", roles=roles)
    browser, without = mapped.browser(), mapped.browser()
    await mapped.sign_in(browser, CHEN)
    assert (await mapped.signed_in(browser)).principal.roles == {Role.PHYSICIAN}
    await mapped.sign_in(without, ADAMS)
    assert (await mapped.signed_in(without)).principal.roles == frozenset()
    assert (await without.get("/worklist")).status_code == 403
    assert (await without.get("/")).headers["location"] == "/settings"


async def test_an_answer_that_this_browser_did_not_ask_for_signs_nobody_in(plan: Plan) -> None:
    mine, theirs = plan.browser(), plan.browser()
    asked = (await mine.get("/sign-in/oidc")).headers["location"]
    answer = plan.consent(asked, ADAMS)
    assert (await theirs.get(answer)).status_code == 403, "another browser"
    assert (await mine.get(answer)).status_code == 403, "and a state serves once"
    for wrong in ({"state": "guessed"}, {"code": "guessed"}, {"iss": "https://elsewhere.test"}, {"error": "denied"}):
        said = plan.consent((await mine.get("/sign-in/oidc")).headers["location"], ADAMS)
        given = {name: values[0] for name, values in parse_qs(urlsplit(said).query).items()} | wrong
        assert (await mine.get("/sign-in/oidc/callback", params=given)).status_code == 403, wrong
    assert "umpire_session" not in mine.cookies


async def test_the_request_carries_a_challenge_a_state_and_a_nonce(plan: Plan) -> None:
    asked = parse_qs(urlsplit((await plan.browser().get("/sign-in/oidc")).headers["location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert all(len(asked[name][0]) > 30 for name in ("code_challenge", "state", "nonce"))
    assert "client_secret" not in asked


async def test_a_signature_takes_a_new_sign_in_for_its_task_and_takes_it_once(plan: Plan) -> None:
    browser = plan.browser()
    await plan.sign_in(browser, CHEN)
    who = await plan.signed_in(browser)
    way = await way_to_prove(plan.context, who, "T-1", "/tasks/T-1/decision")
    assert (way.by_password, way.is_given) == (False, False)
    with pytest.raises(Refused, match=r"sign\.identity"):
        await confirm_identity(plan.context, who, {"password": "umpire"}, "T-1")
    asked = parse_qs(urlsplit((await browser.get(way.link)).headers["location"]).query)
    assert (asked["prompt"], asked["max_age"]) == (["login"], ["0"])
    assert (await plan.sign_in(browser, CHEN, way.link)).status_code == 200
    who = await plan.signed_in(browser)
    assert (await way_to_prove(plan.context, who, "T-1", "/")).is_given
    assert not (await way_to_prove(plan.context, who, "T-2", "/")).is_given
    await confirm_identity(plan.context, who, {}, "T-1")
    with pytest.raises(Refused, match=r"sign\.identity"):
        await confirm_identity(plan.context, who, {}, "T-1")


async def test_a_new_sign_in_for_a_signature_leads_back_to_its_page_with_the_lists_filters(plan: Plan) -> None:
    browser, page = plan.browser(), "/tasks/T-1/decision?list=lob%3Dmedicaid%26state%3DTX"
    await plan.sign_in(browser, CHEN)
    link = (await way_to_prove(plan.context, await plan.signed_in(browser), "T-1", page)).link
    onward = re.search(r'content="0;url=([^"]+)"', (await plan.sign_in(browser, CHEN, link)).text)
    assert onward is not None and unescape(onward[1]) == page


async def test_somebody_elses_sign_in_or_one_of_long_ago_is_no_proof(plan: Plan) -> None:
    browser = plan.browser()
    await plan.sign_in(browser, CHEN)
    link = (await way_to_prove(plan.context, await plan.signed_in(browser), "T-1", "/")).link
    assert (await plan.sign_in(browser, ADAMS, link)).status_code == 403
    asleep = plan.browser()
    await plan.sign_in(asleep, STALE)
    assert (await plan.sign_in(asleep, STALE, link)).status_code == 403, "the provider did not ask anew"
    with pytest.raises(Refused):
        await confirm_identity(plan.context, await plan.signed_in(browser), {}, "T-1")


# -- bearer tokens -------------------------------------------------------------------------------------------------------------

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
KEY, OTHER = RSAKey.generate_key(2048, {"kid": "one"}), RSAKey.generate_key(2048, {"kid": "two"})
HOUSE = "https://id.example.com"


def token(key: RSAKey = KEY, alg: str = "RS256", **changes: Any) -> str:
    at = int(NOW.timestamp())
    claims = {"iss": HOUSE, "aud": "umpire-api", "sub": "u-1", "iat": at - 60, "exp": at + 600} | changes
    header = {"alg": alg, "kid": str(key.kid)}
    return jwt.encode(header, {name: value for name, value in claims.items() if value is not None}, key)


def provider(*keys: RSAKey) -> tuple[OidcProvider, list[RSAKey]]:
    published = list(keys)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/openid-configuration"):
            return httpx.Response(200, json={"issuer": HOUSE, "jwks_uri": f"{HOUSE}/jwks"})
        return httpx.Response(200, json=KeySet(list(published)).as_dict(private=False))

    settings = OidcSettings(HOUSE, "umpire", audience="umpire-api")
    return OidcProvider(settings, httpx.MockTransport(answer)), published


async def test_a_bearer_token_counts_only_with_signature_issuer_audience_and_time() -> None:
    checked, _ = provider(KEY)
    assert (await checked.check_bearer(token(), NOW))["sub"] == "u-1"
    at = int(NOW.timestamp())
    forged = RSAKey.generate_key(2048, {"kid": "one"})
    header, body, signature = token().split(".")
    bad = {
        "issuer": token(iss="https://elsewhere.test"),
        "audience": token(aud="another-api"),
        "ended": token(exp=at - 60),
        "not yet": token(nbf=at + 600),
        "endless": token(exp=None),
        "no subject": token(sub=None),
        "signature": token(forged),
        "changed": ".".join((header, body[:-2] + ("AA" if body[-2:] != "AA" else "BB"), signature)),
        "unsigned": ".".join(("eyJhbGciOiJub25lIn0", body, "")),
        "nothing": "no token at all",
    }
    for why, wrong in bad.items():
        with pytest.raises(NotSignedIn):
            await checked.check_bearer(wrong, NOW)
            pytest.fail(why)


async def test_a_provider_changes_its_keys_at_any_time() -> None:
    checked, published = provider(KEY)
    await checked.check_bearer(token(), NOW)
    published[:] = [OTHER]
    later = datetime.fromtimestamp(NOW.timestamp() + 120, UTC)
    assert (await checked.check_bearer(token(OTHER), later))["sub"] == "u-1"
    with pytest.raises(NotSignedIn):
        await checked.check_bearer(token(KEY), datetime.fromtimestamp(later.timestamp() + 120, UTC))


async def test_a_token_of_the_running_provider_is_its_person_here(plan: Plan) -> None:
    with pytest.raises(NotSignedIn):
        await principal_of_bearer(plan.context, token())
    id_token = _id_token(plan, ADAMS)
    assert (await principal_of_bearer(plan.context, id_token)).reviewer_id == "nurse.adams"
    with pytest.raises(NotSignedIn):
        await principal_of_bearer(plan.context, _id_token(plan, STRANGER))


def _id_token(plan: Plan, sub: str) -> str:
    """A token that the provider signs, got as any other client of it would."""
    back = "http://client.test/back"
    asked = {"client_id": "umpire", "response_type": "code", "redirect_uri": back, "scope": "openid"}
    sent = httpx.post(f"{plan.issuer}/oauth2/authorize", params=asked, data={"sub": sub}).headers["location"]
    said = {"grant_type": "authorization_code", "redirect_uri": back, "code": parse_qs(urlsplit(sent).query)["code"][0]}
    return str(httpx.post(f"{plan.issuer}/oauth2/token", data=said, auth=("umpire", "secret")).json()["id_token"])


async def test_the_api_knows_a_person_by_the_providers_token_and_opens_what_its_scopes_name(plan: Plan) -> None:
    async with plan.browser() as program:
        known = await program.get("/api/v1/worklist", headers={"authorization": f"Bearer {_id_token(plan, ADAMS)}"})
        unknown = await program.get("/api/v1/worklist", headers={"authorization": f"Bearer {token()}"})
    assert (known.status_code, known.json()["violations"][0]["rule"]) == (403, "api.scope"), "no scope of the API in it"
    assert unknown.status_code == 401
