"""The fonts of this machine come in; a font that can write Chinese, or none, goes out."""

from __future__ import annotations

import os
from pathlib import Path

CHINESE = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Microsoft YaHei",
    "PingFang SC",
    "SimHei",
)


def use_cache(folder: Path | None) -> None:
    """Let matplotlib keep its font list inside the run's folder, not in the user's home."""
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        os.environ["MPLCONFIGDIR"] = str(folder)


def chinese_font() -> str | None:
    """Return the first installed font of ``CHINESE``; None means pictures stay in English.

    Missing glyphs would be drawn as empty boxes, so no Chinese is written without a font for it.
    """
    from matplotlib.font_manager import fontManager

    installed = frozenset(entry.name for entry in fontManager.ttflist)
    return next((name for name in CHINESE if name in installed), None)


def style(chinese: str | None) -> dict[str, object]:
    """Return the matplotlib settings of every picture."""
    return {
        "font.family": ["DejaVu Sans"] + ([chinese] if chinese else []),
        "font.size": 9.0,
        "axes.linewidth": 0.6,
        "axes.unicode_minus": True,
        "hatch.linewidth": 0.55,
        "svg.hashsalt": "cityflux",
        "xtick.labelsize": 8.0,
        "ytick.labelsize": 8.0,
    }
