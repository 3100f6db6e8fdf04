"""Problems in the form of RFC 9457: every error of the API, with the rules that stand against it and the ways out.

Nothing about a patient stands in one beyond what its caller sent; values that were wrong are not quoted.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import ConfigDict, Field
from starlette.exceptions import HTTPException

from domain.errors import NotOnFile, NotReadable, Refused, RuleViolation, UmpireError, ValidationIssue
from domain.model import Model
from domain.plain_language.value_errors import describe_value_error

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = 5
"""Seconds after which a caller may try again what could not be done now."""
log = logging.getLogger("umpire.api")


class ProblemDetail(Model):
    """An error (RFC 9457). `violations` are the rules that stand against what was asked, each with its way out; `problems` are
    the places in the document or request that could not be read."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:umpire:problem:refused",
                    "title": "Refused by a rule",
                    "status": 409,
                    "detail": "Somebody else has claimed the task. [task.claimed] Ask them, or a supervisor.",
                    "violations": [
                        {
                            "rule": "task.claimed",
                            "message": "Somebody else has claimed the task.",
                            "way_out": "Ask them, or a supervisor.",
                        }
                    ],
                    "problems": [],
                }
            ]
        }
    )

    type: str = Field(description="The kind of problem: urn:umpire:problem:NAME.")
    title: str = Field(description="The kind in words.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="This occurrence in words.")
    violations: tuple[RuleViolation, ...] = ()
    problems: tuple[ValidationIssue, ...] = ()


KINDS: Mapping[int, tuple[str, str]] = {
    400: ("malformed", "Not readable as HTTP or JSON"),
    401: ("unauthenticated", "No valid key or token"),
    403: ("forbidden", "Not allowed with this key or role"),
    404: ("not-on-file", "Not on file"),
    405: ("method", "No such method here"),
    409: ("refused", "Refused by a rule"),
    413: ("too-large", "Too large"),
    415: ("media-type", "Not a content type that is read here"),
    422: ("invalid", "Not valid"),
    429: ("too-many", "Too many requests"),
    503: ("unavailable", "Not available now"),
}
"""The kind of problem and its title, by status."""


class ApiError(Exception):
    """An error that is answered as a problem of this status, with these headers."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        violations: tuple[RuleViolation, ...] = (),
        problems: tuple[ValidationIssue, ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, dict(headers or {})
        self.violations, self.problems = violations, problems


def problem_response(
    status: int,
    detail: str,
    *,
    violations: tuple[RuleViolation, ...] = (),
    problems: tuple[ValidationIssue, ...] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The answer with this problem."""
    name, title = KINDS.get(status) or ("http", HTTPStatus(status).phrase)
    told = ProblemDetail(
        type=f"urn:umpire:problem:{name}",
        title=title,
        status=status,
        detail=detail,
        violations=violations,
        problems=problems,
    )
    more = {"retry-after": str(RETRY_AFTER)} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    return JSONResponse(told.model_dump(mode="json"), status, headers=more | dict(headers or {}), media_type=MEDIA_TYPE)


def problem_of(error: Exception) -> Response | None:
    """The answer for what services raise; None for an error of ours."""
    match error:
        case ApiError():
            return problem_response(
                error.status,
                error.detail,
                violations=error.violations,
                problems=error.problems,
                headers=error.headers,
            )
        case Refused():
            return problem_response(409, str(error), violations=error.refusals)
        case NotOnFile():
            return problem_response(404, str(error))
        case NotReadable():
            return problem_response(422, "The document could not be read.", problems=error.problems)
        case UmpireError():
            return problem_response(503, str(error))
        case _:
            return None


def answer_problems(app: FastAPI) -> None:
    """Answer every error of the application as a problem."""

    async def known(_request: Request, error: Exception) -> Response:
        found = problem_of(error)
        assert found is not None
        return found

    for kind in (ApiError, UmpireError):
        app.add_exception_handler(kind, known)

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> Response:
        found = tuple(_issue(one) for one in error.errors())
        return problem_response(422, "The request is not valid.", problems=found)

    @app.exception_handler(OverflowError)
    async def beyond(_request: Request, _error: Exception) -> Response:
        return problem_response(422, "A number or a time of the request is larger than any that is kept.")

    @app.exception_handler(HTTPException)
    async def http(_request: Request, error: HTTPException) -> Response:
        return problem_response(error.status_code, str(error.detail), headers=error.headers)


def _issue(error: Mapping[str, Any]) -> ValidationIssue:
    place, *rest = (str(part) for part in error["loc"]) if error["loc"] else ("request",)
    path = ".".join((place, *rest))
    said = "not JSON" if error["type"] == "json_invalid" else describe_value_error(error)
    return ValidationIssue(path=path, rule="request.form", message=said)


RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"description": title, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetail"}}}}
    for status, (_name, title) in KINDS.items()
}
"""The problems as an OpenAPI document describes them, by status."""


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems that a route may answer with, beyond those of every route."""
    return {status: RESPONSES[status] for status in (401, 403, 422, 429, 503, *statuses)}
