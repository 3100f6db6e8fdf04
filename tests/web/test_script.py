"""The script and the style sheet of the pages: a name declared twice would stop the script, and size slows each page."""

from __future__ import annotations

import re
from collections import Counter

from web.rendering import PAGES, STATIC


def test_each_name_of_the_script_is_declared_once_and_every_bracket_is_closed() -> None:
    script = (STATIC / "umpire.js").read_text()
    declared = Counter(re.findall(r"^(?:const|let|function) (\w+)", script, re.MULTILINE))
    assert {name for name, times in declared.items() if times > 1} == set()
    code = re.sub(r"//[^\n]*|'[^'\n]*'|`[^`]*`", "", script)
    assert [code.count(left) - code.count(right) for left, right in ("()", "[]", "{}")] == [0, 0, 0]


def test_style_sheet_and_script_stay_within_what_a_first_page_may_weigh() -> None:
    """Uncompressed: 25 KB of style, 15 KB of script."""
    assert len((STATIC / "umpire.css").read_bytes()) < 25_000
    assert len((STATIC / "umpire.js").read_bytes()) < 15_000


def test_every_class_of_the_style_sheet_stands_on_some_page() -> None:
    style = re.sub(r"/\*.*?\*/", "", (STATIC / "umpire.css").read_text(), flags=re.DOTALL)
    named = set(re.findall(r"\.([a-zA-Z_][\w-]*)", re.sub(r"[\w-]+:[^;{}]*(?=[;}])", "", style)))
    said = "".join(
        one.read_text() for one in (*PAGES.rglob("*.html"), *STATIC.parent.rglob("*.py"), STATIC / "umpire.js")
    )
    assert named > {"card", "wl"}
    assert {one for one in named if not re.search(rf"(?<![\w-]){re.escape(one)}(?![\w-])", said)} == set()
