"""Readers of the project's own plain JSON formats, such as ``umpire-request/1``."""
