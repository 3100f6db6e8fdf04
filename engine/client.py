"""Temporal client of every Umpire process: one address, one data converter, one keyring."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import Sequence
from typing import TypedDict

from temporalio.client import Client, Interceptor
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter, DefaultFailureConverterWithEncodedAttributes
from temporalio.runtime import Runtime
from temporalio.service import TLSConfig

from engine.codec import KeyringCodec, KeyringPayloadConverter
from engine.packing import PackingCodec
from engine.payload_converter import LenientPayloadConverter
from engine.settings import Settings, TemporalAccess

log = logging.getLogger("umpire.client")


_CONVERTER = dataclasses.replace(
    pydantic_data_converter, payload_converter_class=LenientPayloadConverter, payload_codec=PackingCodec()
)


def data_converter(ring: dict[str, bytes]) -> DataConverter:
    """Pydantic payloads, large ones packed; with a keyring also encrypted, failure messages included (they may quote what
    failed)."""
    if not ring:
        return _CONVERTER
    return dataclasses.replace(
        pydantic_data_converter,
        payload_converter_class=KeyringPayloadConverter,
        payload_codec=PackingCodec(KeyringCodec(ring)),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )


class Credentials(TypedDict):
    tls: bool | TLSConfig
    api_key: str | None


def connection_options(access: TemporalAccess) -> Credentials:
    """The arguments of a client for this way into the server."""
    tls: bool | TLSConfig = access.tls
    if access.tls and (access.server_ca or access.client_cert or access.server_name):
        tls = TLSConfig(
            server_root_ca_cert=access.server_ca,
            domain=access.server_name,
            client_cert=access.client_cert,
            client_private_key=access.client_key,
        )
    return {"tls": tls, "api_key": access.api_key}


async def connect(
    settings: Settings,
    runtime: Runtime | None = None,
    patience_seconds: float = 60,
    interceptors: Sequence[Interceptor] = (),
) -> Client:
    """Connect, retrying while the server starts. Raises ConnectionError with the remedy after `patience_seconds`."""
    deadline = asyncio.get_running_loop().time() + patience_seconds
    delay = 0.1
    while True:
        try:
            return await Client.connect(
                settings.temporal_address,
                namespace=settings.temporal_namespace,
                data_converter=data_converter(settings.keyring),
                runtime=runtime,
                interceptors=interceptors,
                **connection_options(settings.temporal_access),
            )
        except RuntimeError as error:
            if asyncio.get_running_loop().time() + delay > deadline:
                raise ConnectionError(
                    f"No Temporal server answers at {settings.temporal_address}. "
                    + (
                        "Check TEMPORAL_ADDRESS, and TEMPORAL_TLS with its certificates or key."
                        if settings.temporal_access.tls
                        else "Start one with 'umpire up', or set TEMPORAL_ADDRESS."
                    )
                ) from error
            log.info("temporal server not there yet, trying again in %.1f s", delay)
            await asyncio.sleep(delay)
            delay = min(delay * 2, 5)
