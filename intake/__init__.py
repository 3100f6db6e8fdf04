"""The edge: bytes from outside become a running case, and people's messages reach it."""
