"""Reading a form out of HTML as a browser without JavaScript would post it."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

UNSENT: Final = {"submit", "button", "image", "reset", "file"}


@dataclass
class HtmlForm:
    """A form's action and the fields that it would post unchanged."""

    action: str
    method: str
    attributes: dict[str, str]
    data: dict[str, str] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)

    def filled(self, **values: str) -> dict[str, str]:
        """Return what is posted once ``values`` are typed in. A field that the form does not have is a mistake."""
        unknown = set(values) - self.names
        assert not unknown, f"no such fields: {sorted(unknown)}; there are {sorted(self.names)}"
        return {**self.data, **values}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[HtmlForm] = []
        self._form: HtmlForm | None = None
        self._select = ""
        self._textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = HtmlForm(given.get("action", ""), given.get("method", "get").lower(), given)
            self.forms.append(self._form)
        elif self._form is not None:
            self._field(tag, given)

    def _field(self, tag: str, given: dict[str, str]) -> None:
        assert self._form is not None
        name = given.get("name", "")
        if name and tag in {"input", "select", "textarea", "button"}:
            self._form.names.add(name)
        if tag == "input":
            self._input(name, given)
        elif tag == "select":
            self._select = name
        elif tag == "textarea":
            self._textarea = name
            self._form.data[name] = ""
        elif tag == "option" and self._select:
            self._option(given)

    def _input(self, name: str, given: dict[str, str]) -> None:
        assert self._form is not None
        kind = given.get("type", "text")
        ticked = kind not in {"checkbox", "radio"} or "checked" in given
        if name and ticked and kind not in UNSENT:
            self._form.data[name] = given.get("value", "on" if kind == "checkbox" else "")

    def _option(self, given: dict[str, str]) -> None:
        assert self._form is not None
        if "selected" in given or self._select not in self._form.data:
            self._form.data[self._select] = given.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._form is not None and self._textarea:
            self._form.data[self._textarea] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._textarea = ""


def forms_in(html: str | bytes) -> list[HtmlForm]:
    """Return every form of a page in its order."""
    reader = _Reader()
    reader.feed(html.decode() if isinstance(html, bytes) else html)
    return reader.forms


def sign_form_in(html: str | bytes) -> HtmlForm:
    """Return the one form that signs."""
    found = [form for form in forms_in(html) if "data-stamp-url" in form.attributes]
    assert len(found) == 1, f"{len(found)} sign forms"
    return found[0]
