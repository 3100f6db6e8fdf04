"""Readers of documents from outside: bytes in, domain types out. The entry point is `interop.reader.read_request`."""
