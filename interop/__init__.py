"""Documents from outside: bytes in, domain types out. The door is `interop.reading.read_request`."""
