"""The one script of the pages: a name that is declared twice would stop all of it, on every page."""

from __future__ import annotations

import re
from collections import Counter

from web.rendering import STATIC


def test_each_name_of_the_script_is_declared_once_and_every_bracket_is_closed() -> None:
    script = (STATIC / "umpire.js").read_text()
    declared = Counter(re.findall(r"^(?:const|let|function) (\w+)", script, re.MULTILINE))
    assert {name for name, times in declared.items() if times > 1} == set()
    assert len(script.encode()) < 15_000
    code = re.sub(r"//[^\n]*|'[^'\n]*'|`[^`]*`", "", script)
    assert [code.count(left) - code.count(right) for left, right in ("()", "[]", "{}")] == [0, 0, 0]
