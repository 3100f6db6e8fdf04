"""Descriptions of what may be sent to the plan: templates of requests, schemas of the formats, facts that criteria ask for."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from interop.plain.schema import SchemaName, schema_of_format
from interop.plain.templates import TemplateName, write_template


def request_template(name: TemplateName, now: datetime) -> str:
    """A complete request of this kind as JSON text with comments, dated around the day of `now`."""
    return write_template(name, now.date(), f"{name}-{now:%Y%m%d}-{secrets.token_hex(3)}")


def format_schema(name: SchemaName) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a plain format."""
    return schema_of_format(name)
