"""A coverage certificate comes in; its table for the page goes out."""

from __future__ import annotations

from typing import Any

from report.inputs import Batch
from report.names import names_of
from report.numbers import show
from report.wording import Pair, same


def certificate_context(batch: Batch) -> dict[str, Any] | None:
    """Return how often the intervals held in made-up truths; None where this was never tested.

    Parameters
    ----------
    batch : Batch
        Its certificate and its prior's names are read.
    """
    if batch.certificate is None:
        return None
    of_regions = names_of(batch).of_regions
    names = {
        "city": Pair("The whole", "整体") if of_regions else Pair("City", "全市"),
        "districts": Pair("Regions", "区域") if of_regions else Pair("Districts", "区县"),
        "sectors": Pair("Sectors", "行业"),
        "biosphere": Pair("Biosphere", "生物圈"),
    }
    rows = [
        {
            "family": names.get(str(row["family"]), same(str(row["family"]))),
            "covered": f"{row['covered']} / {row['n']}",
            "coverage": f"{show(100 * row['coverage'], 1)} %",
            "interval": "–".join(show(100 * end, 1) for end in row["interval"]) + " %",
            "band": "–".join(show(100 * end, 0) for end in row["band"]) + " %",
            "rmse": show(row["rmse_ratio"], 2),
            "inflation": show(row["inflation"], 2),
            "inside": row["band"][0] <= row["coverage"] <= row["band"][1],
        }
        for row in batch.certificate["rows"]
    ]
    passed = bool(batch.certificate["passed"])
    note = str(batch.certificate.get("note", ""))
    return {"draws": batch.certificate["draws"], "passed": passed, "rows": rows, "note": note}
