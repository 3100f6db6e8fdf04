"""The project's own plain request JSON, ``umpire-request/1``."""
