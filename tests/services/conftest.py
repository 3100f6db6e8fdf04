"""The stores of the store's own tests: queries are tested on both databases."""

from tests.store.conftest import backend, postgres_store, postgres_url, sqlite_template, store

__all__ = ["backend", "postgres_store", "postgres_url", "sqlite_template", "store"]
