"""The page's values come in; one HTML text that can ask nothing of any network goes out."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files
from typing import Any

from markupsafe import Markup, escape

from report.wording import Pair


def policy(script: str) -> str:
    """Return the Content-Security-Policy that allows this one script and nothing from outside.

    Parameters
    ----------
    script : str
        Text between the page's script tags, byte for byte.

    Returns
    -------
    str
        Content of the meta element.
    """
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    return (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
        f"script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )


def both(text: Pair | str) -> Markup:
    """Return a text in both languages, of which the style sheet shows one.

    Examples
    --------
    >>> str(both(Pair("a<b", "甲")))
    '<span class="en" lang="en">a&lt;b</span><span class="zh" lang="zh-CN">甲</span>'
    """
    if isinstance(text, str):
        return escape(text)
    if text.en == text.zh:
        return escape(text.en)
    english = Markup('<span class="en" lang="en">{}</span>').format(text.en)
    return english + Markup('<span class="zh" lang="zh-CN">{}</span>').format(text.zh)


def render(context: dict[str, Any]) -> str:
    """Return the page.

    Parameters
    ----------
    context : dict
        From ``page_context``.

    Returns
    -------
    str
        HTML with style and script inside.
    """
    from jinja2 import DictLoader, Environment, StrictUndefined

    folder = files("report.page")
    parts = ("template", "batch", "macros", "network", "closing")
    names = [f"{part}.html.j2" for part in parts]
    loader = DictLoader({name: folder.joinpath(name).read_text("utf-8") for name in names})
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.globals["t"] = lambda english, chinese: both(Pair(english, chinese))
    environment.filters["both"] = both
    environment.filters["pair"] = lambda texts: Pair(*texts)
    script = folder.joinpath("script.js").read_text("utf-8").strip()
    return environment.get_template("template.html.j2").render(
        **context,
        policy=policy(script),
        script=Markup(script),
        style=Markup(folder.joinpath("style.css").read_text("utf-8")),
    )
