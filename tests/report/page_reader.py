"""Reads a page: links, texts by language, numbers, tables."""

import re
from html.parser import HTMLParser

VOID = {"meta", "img", "br", "link", "input", "hr"}
BROKEN = re.compile(r"\b(nan|None|NaN|undefined|null|inf|Infinity)\b")


class Page(HTMLParser):
    """Collects links, sources, texts by language and the text of scripts."""

    def __init__(self, text):
        super().__init__()
        self.links, self.stack, self.parts, self.script, self.data = [], [], [], "", []
        self.images, self.headers, self.ids = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.links += [
            attrs[key] for key in ("src", "href", "xlink:href", "action") if key in attrs
        ]
        if tag == "data":
            self.data.append(float(attrs["value"]))
        if tag == "img":
            self.images.append(attrs)
        if tag == "th":
            self.headers.append(attrs)
        if "id" in attrs:
            self.ids.append(attrs["id"])
        if tag not in VOID:
            language = attrs.get("class") if attrs.get("class") in ("en", "zh") else None
            self.stack.append((tag, language))

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.stack.pop()

    def handle_endtag(self, tag):
        while self.stack and self.stack.pop()[0] != tag:
            pass

    def handle_data(self, text):
        tags = [tag for tag, _ in self.stack]
        if tags and tags[-1] == "script":
            self.script += text
        elif "style" not in tags and "title" not in tags and text.strip():
            languages = [language for _, language in self.stack if language]
            self.parts.append((languages[-1] if languages else None, text.strip()))


def broken_texts(text):
    """Return the texts that show a value that does not exist."""
    return [part for _, part in Page(text).parts if BROKEN.search(part)]


def empty_tables(text):
    """Return the heads of tables that have no row."""
    tables = re.findall(r"<table.*?</table>", text, re.DOTALL)
    return [table for table in tables if "<tr" not in table.split("<tbody>")[1]]
