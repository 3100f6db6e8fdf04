"""Filling of the forms on a page with what was typed before: any page's, without the page knowing of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from html import escape
from html.parser import HTMLParser

_TYPED = frozenset({"", "text", "search", "tel", "url", "email", "number", "date", "time", "datetime-local", "month"})
_CHOSEN = frozenset({"radio", "checkbox"})
_PART_OF_FORM = frozenset({"input", "textarea", "select", "option", "button"})
Attributes = list[tuple[str, str | None]]


def fill_forms(page: str, action: str, fields: Mapping[str, Sequence[str]]) -> str:
    """The page with each form filled in that is sent to `action`, by itself or by one of its buttons. Hidden fields, passwords
    and files stay as the page has them; everything is escaped."""
    forms = _Senders(action)
    forms.feed(page)
    forms.close()
    filler = _Filler(forms.found, fields)
    filler.feed(page)
    filler.close()
    return "".join(filler.made)


class _Senders(HTMLParser):
    """Finds the forms of a page, by their place, that are sent to an address."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.found: set[int] = set()
        self._action = action
        self._seen = -1

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        given = dict(attrs)
        if tag == "form":
            self._seen += 1
        is_post = tag != "form" or (given.get("method") or "").lower() == "post"
        # What was kept has no query: a form whose address carries one is the same form.
        sent_to = (given.get("action") if tag == "form" else None, given.get("formaction"))
        if is_post and self._action in {(one or "").partition("?")[0] for one in sent_to}:
            self.found.add(self._seen)


class _Filler(HTMLParser):
    """Copies the page as it is, but for the fields of the form."""

    def __init__(self, forms: Collection[int], fields: Mapping[str, Sequence[str]]) -> None:
        super().__init__(convert_charrefs=False)
        self.made: list[str] = []
        self._wanted = forms
        self._seen = -1
        self._left = {name: list(values) for name, values in fields.items()}
        self._said = {name: frozenset(values) for name, values in fields.items()}
        self._forms: set[str] = set()
        self._inside = False
        self._select: str | None = None
        self._dropping = False

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        given = dict(attrs)
        if tag == "form":
            self._seen += 1
            self._inside = self._seen in self._wanted
            if self._inside and given.get("id"):
                self._forms.add(given["id"] or "")
        mine = self._inside or (given.get("form") or "") in self._forms
        name = given.get("name") or ""
        if tag not in _PART_OF_FORM or not (mine or tag == "option"):
            self._copy()
        elif tag == "input" and self._fill_input(name, given, attrs):
            pass
        elif tag == "textarea" and name in self._said:
            self._copy()
            self.made.append("\n" + escape(self._next(name)))
            self._dropping = True
        elif tag == "select":
            self._select = name if name in self._said else None
            self._copy()
        elif tag == "option" and self._select is not None:
            chosen = (given.get("value") or "") in self._said[self._select]
            self._write(tag, [one for one in attrs if one[0] != "selected"] + ([("selected", None)] if chosen else []))
        else:
            self._copy()

    def handle_startendtag(self, tag: str, attrs: Attributes) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "textarea":
            self._dropping = False
        elif tag == "select":
            self._select = None
        self.made.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._dropping:
            self.made.append(data)

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        self.made.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self.made.append(f"<!{decl}>")

    def _fill_input(self, name: str, given: dict[str, str | None], attrs: Attributes) -> bool:
        kind = (given.get("type") or "").lower()
        if kind in _CHOSEN and name:
            # A box that was left empty is not among the fields: of a form that was sent it is then not checked.
            checked = (given.get("value") or "on") in self._said.get(name, frozenset())
            self._write(
                "input", [one for one in attrs if one[0] != "checked"] + ([("checked", None)] if checked else [])
            )
            return True
        if kind in _TYPED and name in self._said:
            self._write("input", [one for one in attrs if one[0] != "value"] + [("value", self._next(name))])
            return True
        return False

    def _next(self, name: str) -> str:
        """The next value of a field that may stand on the form several times."""
        left = self._left[name]
        return left.pop(0) if left else ""

    def _copy(self) -> None:
        self.made.append(self.get_starttag_text() or "")

    def _write(self, tag: str, attrs: Attributes) -> None:
        written = "".join(f" {name}" if value is None else f' {name}="{escape(value)}"' for name, value in attrs)
        self.made.append(f"<{tag}{written}>")
