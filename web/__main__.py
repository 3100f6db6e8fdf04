"""`python -m web`: the same as `umpire-web`."""

from __future__ import annotations

from web.server import main

if __name__ == "__main__":
    main()
