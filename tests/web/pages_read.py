"""Reading of pages as a browser does: the fields of a form with what it would send."""

from __future__ import annotations

from html.parser import HTMLParser


class FormReader(HTMLParser):
    """Collects what a browser sends of every form on a page, without the buttons."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[str, list[str]] = {}
        self._area: str | None = None
        self._text = ""
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name")
        if tag == "input" and name is not None:
            if given.get("type") in ("radio", "checkbox") and "checked" not in given:
                return
            self._send(name, given.get("value") or "")
        elif tag == "textarea" and name is not None:
            self._area, self._text = name, ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and "selected" in given and self._select is not None:
            self._send(self._select, given.get("value") or "")

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area is not None:
            self._send(self._area, self._text.removeprefix("\n").replace("\n", "\r\n"))
            self._area = None
        elif tag == "select":
            self._select = None

    def _send(self, name: str, value: str) -> None:
        self.sent.setdefault(name, []).append(value)


def sent_by(page: str) -> dict[str, list[str]]:
    """The fields that a browser sends of the forms on this page, as they stand there."""
    reader = FormReader()
    reader.feed(page)
    return reader.sent


class TextReader(HTMLParser):
    """Collects what a person reads on a page, without what others wrote (`doc`, `paper`, `data-verbatim`) and what is typed."""

    _VOID = frozenset({"area", "br", "col", "hr", "img", "input", "link", "meta", "path", "circle", "rect", "line"})
    _UNREAD = frozenset({"script", "style", "textarea", "template"})

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._kept: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._VOID:
            return
        given = dict(attrs)
        classes = set((given.get("class") or "").split())
        verbatim = tag in self._UNREAD or bool(classes & {"doc", "paper"}) or "data-verbatim" in given
        self._kept.append(verbatim or (bool(self._kept) and self._kept[-1]))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element without a content says nothing."""

    def handle_endtag(self, tag: str) -> None:
        if tag not in self._VOID and self._kept:
            self._kept.pop()

    def handle_data(self, data: str) -> None:
        if not (self._kept and self._kept[-1]) and data.strip():
            self.said.append(" ".join(data.split()))


def read_words(page: str) -> list[str]:
    """The pieces of text that a person reads on the page, in order."""
    reader = TextReader()
    reader.feed(page)
    return reader.said
