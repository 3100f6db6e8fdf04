"""The API at /api/v1: an application of its own, with its own proof of identity, limits, problems and OpenAPI document."""

from __future__ import annotations

import logging
import re
import traceback
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.commands.api_keys import SCOPES
from web.api import (
    act_routes,
    call_routes,
    case_routes,
    desk_routes,
    disclosure_routes,
    list_routes,
    provider_routes,
    stay_routes,
    submission_routes,
)
from web.api.callers import Authentication, BearerReader, RateLimit
from web.api.limits import BodyLimits
from web.api.problems import MEDIA_TYPE, ProblemDetail, answer_problems, problem_response
from web.context import WebContext
from web.security.identities import read_bearer

PREFIX = "/api/v1"
VERSION = "1.0"
ROUTERS = (
    list_routes.router,
    disclosure_routes.router,
    case_routes.router,
    act_routes.router,
    stay_routes.router,
    call_routes.router,
    desk_routes.router,
    submission_routes.router,
    provider_routes.router,
)
log = logging.getLogger("umpire.api")
_ABOUT = """The abilities of the pages and the command line as JSON, from the same functions.

**Who you are.** `Authorization: Bearer TOKEN`, with an API key (`umpire api-key create`) or a bearer token of the plan's OpenID
provider. Whoever the credential is of acts; nobody can be named in a body. Cookies prove nothing here.

**Writes are done once.** Each needs an `Idempotency-Key`. The same request under the same key gets the same answer
(`Idempotent-Replayed: true`); another request under it is 422; while the first is being done, 409.

**202** means: kept, and goes on by itself; `look_at` shows what became of it.

**Errors** are problem+json (RFC 9457). `violations` name the rules that stand against it, each with its way out.

**Signing.** A decision is signed by a person who has just proved who they are: see `POST /tasks/{task_id}/complete`. No API key
signs, and nothing here says no by itself.
"""


def build_api(context: WebContext, reader: BearerReader = read_bearer, limit: RateLimit | None = None) -> FastAPI:
    """Put the API together. `reader` knows bearer tokens that are no API keys."""
    api = _route_all()
    api.state.context = context
    answer_problems(api)
    api.add_middleware(BodyLimits)
    api.add_middleware(Authentication, context=context, reader=reader, limit=limit or RateLimit())
    api.add_middleware(_Unexpected)
    api.openapi = lambda: describe_api(api)  # type: ignore[method-assign]
    return api


class ApiMount(Mount):
    """The place of the API in an application: whatever stands in the path, newlines too, is the API's to answer."""

    def __init__(self, api: ASGIApp) -> None:
        super().__init__(PREFIX, api)
        self.path_regex = re.compile(self.path_regex.pattern, re.DOTALL)


def write_document() -> dict[str, Any]:
    """The OpenAPI document, without an installation behind it."""
    return describe_api(_route_all())


def _route_all() -> FastAPI:
    api = FastAPI(
        title="Umpire API",
        version=VERSION,
        docs_url=None,
        redoc_url=None,
        root_path_in_servers=False,
        redirect_slashes=False,
    )
    for router in ROUTERS:
        api.include_router(router)
    return api


def describe_api(api: FastAPI) -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    if api.openapi_schema is not None:
        return api.openapi_schema
    document = get_openapi(
        title=api.title,
        version=api.version,
        openapi_version="3.1.0",
        description=_ABOUT,
        routes=api.routes,
        servers=[{"url": PREFIX}],
    )
    parts = document.setdefault("components", {})
    shapes = parts.setdefault("schemas", {})
    problem = ProblemDetail.model_json_schema(ref_template="#/components/schemas/{model}")
    shapes.update(problem.pop("$defs", {}))
    shapes["ProblemDetail"] = problem
    for name in ("HTTPValidationError", "ValidationError"):
        shapes.pop(name, None)
    told = "; ".join(f"`{scope.value}`: {words}" for scope, words in SCOPES.items())
    parts["securitySchemes"] = {
        "apiKey": {
            "type": "http",
            "scheme": "bearer",
            "description": f"A key of `umpire api-key create`, shown once. Scopes: {told}",
        },
        "person": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "An access token of the plan's OpenID provider.",
        },
    }
    document["security"] = [{"apiKey": []}, {"person": []}]
    for one in document["paths"].values():
        for operation in one.values():
            _finish(operation)
    api.openapi_schema = document
    return document


def _finish(operation: dict[str, Any]) -> None:
    """Problems instead of the framework's own shape of errors, and Retry-After where it is sent."""
    for status, answer in operation["responses"].items():
        if status == "422":
            answer["content"] = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetail"}}}
        if status in ("429", "503"):
            seconds = {"schema": {"type": "string"}, "description": "Seconds after which to try again."}
            answer["headers"] = {"Retry-After": seconds}
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "header" and parameter["name"].casefold() == "idempotency-key":
            parameter["required"] = True
            parameter["name"] = "Idempotency-Key"
            parameter["schema"] = {"type": "string", "minLength": 8, "maxLength": 255, "pattern": "^[!-~]{8,255}$"}
            parameter["example"] = "0e5a9c1e-5f0d-4d53-9f0c-6f1a2b3c4d5e"


class _Unexpected:
    """ASGI middleware for what nobody foresaw: a problem without its cause, which stands in the log alone."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def send_on(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, send_on)
        except Exception as error:
            if scope["type"] != "http" or begun:
                raise
            # Its message may quote a value that is about a patient; where it arose is enough.
            where = "".join(traceback.format_tb(error.__traceback__))
            log.error("the API failed unexpectedly: %s\n%s", type(error).__name__, where)
            await problem_response(500, "Something went wrong here. It is logged.")(scope, receive, send)
