"""Positions, colours and words come in; SVG elements as text, the same bytes each time, go out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup, escape

from report.wording import Pair

INK, SOFT, GRID = "#1b1f24", "#5a6068", "#e3e6ea"
ATMOSPHERE, POSTERIOR, PRIOR, TRUTH, BACKGROUND = (
    "#0072b2",
    "#1b1f24",
    "#d55e00",
    "#009e73",
    "#8a8f98",
)


def number(value: float) -> str:
    """Return a coordinate with at most one decimal.

    Examples
    --------
    >>> number(3.14), number(2.0)
    ('3.1', '2')
    """
    return f"{value:.1f}".removesuffix(".0")


def element(name: str, content: str = "", **attributes: object) -> Markup:
    """Return one SVG element; underscores in names become hyphens."""
    parts = [
        f' {key.rstrip("_").replace("_", "-")}="{escape(_plain(value))}"'
        for key, value in attributes.items()
    ]
    head = f"<{name}{''.join(parts)}"
    return Markup(f"{head}>{content}</{name}>" if content else f"{head}/>")


def _plain(value: object):
    return number(value) if isinstance(value, float) else str(value)


def words(across: float, down: float, text: Pair | str, **style: object) -> Markup:
    """Return a text in both languages, of which the page shows one."""
    if isinstance(text, str) or text.en == text.zh:
        plain = text if isinstance(text, str) else text.en
        return element("text", str(escape(plain)), x=float(across), y=float(down), **style)
    return Markup("").join(
        element(
            "text",
            str(escape(part)),
            x=float(across),
            y=float(down),
            class_=language,
            lang="zh-CN" if language == "zh" else "en",
            **style,
        )
        for language, part in (("en", text.en), ("zh", text.zh))
    )


def line(start: tuple[float, float], stop: tuple[float, float], **style: object) -> Markup:
    """Return a straight line."""
    return element(
        "line", x1=float(start[0]), y1=float(start[1]), x2=float(stop[0]), y2=float(stop[1]),
        **style,
    )  # fmt: skip


def polyline(across: np.ndarray, down: np.ndarray, lifted: np.ndarray, **style: object) -> Markup:
    """Return a line through points, (n,) each, parted before each point that is ``lifted``."""
    pieces = [
        f"{'M' if new else 'L'}{number(right)} {number(below)}"
        for right, below, new in zip(across, down, lifted, strict=True)
    ]
    return element("path", d="".join(pieces), fill="none", **style)


def band(across: np.ndarray, low: np.ndarray, high: np.ndarray, **style: object) -> Markup:
    """Return the filled area between two lines, (n,) each."""
    points = [*zip(across, low, strict=True), *zip(across[::-1], high[::-1], strict=True)]
    path = "L".join(f"{number(right)} {number(below)}" for right, below in points)
    return element("path", d=f"M{path}Z", **style)


def drawing(width: float, height: float, parts: Sequence[str], label: Pair) -> Markup:
    """Return a whole SVG with a label for readers that do not see it, in both languages."""
    titles = element("title", str(escape(f"{label.en} / {label.zh}")))
    body = Markup("").join([titles, *parts])
    return element(
        "svg", body, viewBox=f"0 0 {number(width)} {number(height)}", role="img", class_="chart",
        xmlns="http://www.w3.org/2000/svg",
    )  # fmt: skip


def round_ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Return round values inside an interval.

    Examples
    --------
    >>> round_ticks(0.0, 1.0)
    [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    """
    if not high > low:
        return [low]
    rough = (high - low) / about
    power = 10.0 ** np.floor(np.log10(rough))
    step = next(s * power for s in (1.0, 2.0, 2.5, 5.0, 10.0) if s * power >= rough * 0.999)
    first = np.ceil(low / step - 1e-9)
    count = int(np.floor(high / step + 1e-9) - first) + 1
    return [float(f"{(first + k) * step:.10g}") for k in range(count)]


def tick_text(value: float) -> str:
    """Return a tick's number with a true minus sign."""
    return f"{value:g}".replace("-", "−")
