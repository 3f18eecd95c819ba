"""The whole run comes in; `index.html` and `maps/*.png`, which need no network, go out."""

from __future__ import annotations

import logging
from pathlib import Path

from contracts.files import write_bytes, write_text
from report.inputs import Rendered, ReportInputs
from report.maps.catalogue import draw_all
from report.page.context import page_context
from report.page.render import render

_log = logging.getLogger(__name__)


def build_report(inputs: ReportInputs) -> Rendered:
    """Make the page of a run.

    Parameters
    ----------
    inputs : ReportInputs
        Everything the run wrote.

    Returns
    -------
    Rendered
        The page and its pictures; the same inputs and fonts give the same bytes.
    """
    pictures = draw_all(inputs)
    html = render(page_context(inputs, pictures))
    size, limit = len(html.encode("utf-8")) / 1e6, inputs.settings.report.page_limit_megabytes
    if size > limit:
        msg = (
            f"index.html must stay below {limit:g} MB; got {size:.2f} MB in run {inputs.run}. "
            "Name fewer sectors in report.map_sectors, or raise report.page_limit_megabytes."
        )
        raise ValueError(msg)
    _log.info("index.html: %.2f MB with %d maps", size, len(pictures))
    files = {
        name: image
        for picture in pictures
        for name, image in zip(picture.names, picture.images, strict=True)
    }
    return Rendered(html, files)


def write(rendered: Rendered, out_dir: str | Path) -> Path:
    """Write the page and its pictures, each whole or not at all.

    Parameters
    ----------
    rendered : Rendered
        From ``build_report``.
    out_dir : path
        Folder ``report/`` of the run.

    Returns
    -------
    Path
        ``index.html``.
    """
    folder = Path(out_dir)
    for name, image in sorted(rendered.pictures.items()):
        write_bytes(folder / "maps" / name, image)
    write_text(folder / "index.html", rendered.html)
    return folder / "index.html"
