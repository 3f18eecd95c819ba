"""Footprints and a plume in real weather come in; drawings and the page real-weather.md go out."""

import json

import matplotlib as mpl
import numpy as np
import real_weather as runs
from matplotlib.colors import LogNorm

mpl.use("Agg")
import matplotlib.pyplot as plt

SCALE_KM = {"matimba": 50, "munich": 10, "wrf": 50}
ARROW_M = 100.0  # height of the wind drawn


def draw_case(folder, name):
    """Return the drawing of all footprints of a case, in kilometres about the middle of its grid."""
    case, found = runs.CASES[name], list(runs.footprints(folder, name).values())
    count = len(case.receptors)
    tall = np.ptp(case.grid.row_edges) / np.ptp(case.grid.column_edges)
    rows = len(found) // count
    figure, axes = plt.subplots(
        rows, count, figsize=(4.0 * count, rows * (3.4 * tall + 0.5) + 0.5),
        layout="constrained", squeeze=False, sharex=True, sharey=True,
    )  # fmt: skip
    middle = [float(edges.mean()) for edges in (case.grid.column_edges, case.grid.row_edges)]
    for axis, (receptor, start, footprint) in zip(axes.flat, found, strict=True):
        _draw(axis, case, middle, receptor, footprint)
        _arrows(axis, runs.weather(folder, name), np.datetime64(start, "ns"), middle)
        axis.set_title(f"{receptor[0]}, {receptor[3]:.0f} m, {start}:00", fontsize=9)
        _furniture(axis, SCALE_KM[name])
    figure.colorbar(axes[0, 0].collections[0], ax=axes, label="footprint of a cell [m² s mol⁻¹]")
    figure.suptitle(f"{case.title}: arrows are the wind at {ARROW_M:.0f} m", fontsize=10)
    return figure


def _draw(axis, case, middle, receptor, footprint):
    """Draw cells, and the receptor."""
    edges = [
        (edge - at) / 1e3
        for edge, at in zip((case.grid.column_edges, case.grid.row_edges), middle, strict=True)
    ]
    cells = runs.on_cells(footprint)
    shown = np.ma.masked_less_equal(cells, 0.0)
    axis.pcolormesh(*edges, shown, norm=LogNorm(1e-5, 1e-1), cmap="magma_r", rasterized=True)
    at = case.grid.project(receptor[1], receptor[2])
    axis.plot(
        *((place - centre) / 1e3 for place, centre in zip(at, middle, strict=True)),
        "o", ms=7, mfc="none", mec="tab:blue", mew=1.8,
    )  # fmt: skip
    axis.set(xlim=edges[0][[0, -1]], ylim=edges[1][[0, -1]], aspect="equal")
    if not (cells > 0.0).any():
        axis.text(0.5, 0.75, "no contact with the ground", ha="center", transform=axis.transAxes)


def _arrows(axis, met, time, middle):
    """Draw the wind at one height and hour, a few arrows each way."""
    part = met.interp(time=time + np.timedelta64(30, "m"), level=ARROW_M)
    thin = {dim: slice(None, None, max(met.sizes[dim] // 7, 1)) for dim in ("northing", "easting")}
    part = part.isel(thin)
    axis.quiver(
        (part["easting"] - middle[0]) / 1e3, (part["northing"] - middle[1]) / 1e3,
        part["eastward_wind"], part["northward_wind"], color="0.55", width=0.004,
    )  # fmt: skip


def _furniture(axis, scale_km):
    """Draw a scale bar and where north is."""
    west, south = axis.get_xlim()[0], axis.get_ylim()[0]
    wide, tall = np.ptp(axis.get_xlim()), np.ptp(axis.get_ylim())
    left, low = west + 0.05 * wide, south + 0.06 * tall
    axis.plot([left, left + scale_km], [low, low], "k-", lw=3)
    axis.text(left, low + 0.03 * tall, f"{scale_km} km", fontsize=8)
    axis.annotate(
        "N", (0.95, 0.97), (0.95, 0.8), xycoords="axes fraction", ha="center", fontsize=8,
        arrowprops={"arrowstyle": "->"}, annotation_clip=False,
    )  # fmt: skip
    axis.set(xlabel="east of the middle [km]", ylabel="north [km]")
    axis.label_outer()
    axis.tick_params(labelsize=8)


def draw_plume(folder):
    """Return the observed and the modelled plume side by side, about the stacks."""
    case = runs.CASES["matimba"]
    met, centre = runs.weather(folder, "matimba"), case.grid.project(*runs.SOURCE)
    figure, axes = plt.subplots(
        1, 2, figsize=(9.5, 4.0), layout="constrained", sharex=True, sharey=True
    )
    column, row, excess = runs.observed(folder)
    shown = np.ma.masked_less_equal(1e6 * excess, 0.0)
    first = axes[0].scatter(
        (column - centre[0]) / 1e3, (row - centre[1]) / 1e3, c=shown, s=26, marker="s",
        norm=LogNorm(30, 500), cmap="magma_r",
    )  # fmt: skip
    bar = figure.colorbar(
        first, ax=axes[0], label="NO₂ above background [µmol m⁻²]", location="bottom", shrink=0.8
    )
    bar.set_ticks([30, 100, 300], labels=["30", "100", "300"])
    bar.ax.minorticks_off()
    edges = [
        (edge - at) / 1e3
        for edge, at in zip((case.grid.column_edges, case.grid.row_edges), centre, strict=True)
    ]
    flown = runs.plume(met)
    mesh = axes[1].pcolormesh(
        *edges, np.ma.masked_less_equal(flown / flown.max(), 0.0), norm=LogNorm(1e-2, 1),
        cmap="magma_r", rasterized=True,
    )  # fmt: skip
    figure.colorbar(
        mesh, ax=axes[1], label="column of particles / largest", location="bottom", shrink=0.8
    )
    seen, modelled = np.radians(runs.direction(folder)[-1, 2:4])
    for axis, title in zip(
        axes, ("TROPOMI, 2021-07-25 11:44", "particles, mean of 11:00 to 12:00"), strict=True
    ):
        for bearing, style, label in ((seen, "b--", "observed"), (modelled, "g:", "particles")):
            axis.plot([0, 100 * np.sin(bearing)], [0, 100 * np.cos(bearing)], style, label=label)
        axis.plot(0, 0, "^", color="tab:red", ms=6)
        axis.set(xlim=(-130, 40), ylim=(-80, 40), aspect="equal")
        axis.set_title(title, fontsize=9)
        _furniture(axis, 50)
        axis.set(xlabel="east of the stacks [km]")
    axes[0].legend(fontsize=8, title="mean bearing", title_fontsize=8, loc="upper left")
    return figure


def write_page(folder, into):
    """Write real-weather.md and its drawings into a folder, from the folder of weather files."""
    into.mkdir(parents=True, exist_ok=True)
    drawings = {name: draw_case(folder, name) for name in runs.CASES}
    for name, figure in (drawings | {"plume": draw_plume(folder)}).items():
        figure.savefig(into / f"real_weather_{name}.png", dpi=75, metadata={"Software": None})
        plt.close(figure)
    parts = [HEAD, _weathers(folder)]
    for name, case in runs.CASES.items():
        parts.append(f"## {case.title}\n\n{ABOUT[name]}\n\n![{name}](real_weather_{name}.png)\n")
    parts += [_budgets(folder), _plume(folder), LIMITS]
    (into / "real-weather.md").write_text("\n".join(parts), encoding="utf-8")


def table(head, rows):
    """Return a table in Markdown."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows]) + "\n"


def _weathers(folder):
    """Return what each weather was made of."""
    rows = []
    for name, case in runs.CASES.items():
        met = runs.weather(folder, name)
        counts = json.loads(met.attrs["counts"])
        below, points = counts.get("points_below_ground", 0), counts["points"]
        raised = f"{counts.get('mixing_heights_raised', 0)} of {counts['columns']}"
        rows.append(
            (case.title, met.sizes["time"], f"{below} of {points}", raised, met.attrs["diagnosed"])
        )
    head = ("weather", "instants", "points below ground, not used", "mixing heights raised to 50 m")
    return "## The weather\n\n" + table((*head, "worked out, not in the files"), rows)


def _budgets(folder):
    """Return the budget of every footprint."""
    rows = []
    for name, case in runs.CASES.items():
        windows = dict(case.hours)
        for receptor, start, footprint in runs.footprints(folder, name).values():
            one = runs.budget(footprint)
            parts = [f"{one[part]:.4f}" for part in ("total", "inside", "outside", "noise")]
            ends = [one[part] for part in ("flew on", "side", "top")]
            label = f"{name}: {receptor[0]}, {receptor[3]:.0f} m"
            rows.append((label, f"{start}:00", windows[start], *parts, *ends))
    most = max(
        runs.gap(one[2]) for name in runs.CASES for one in runs.footprints(folder, name).values()
    )
    head = ("receptor", "hour (UTC)", "window [h]", "total", "inside the grid", "outside", "noise")
    return (
        "## Budgets\n\nTotals in m² s mol⁻¹; 2000 particles each. Inside + outside = total within "
        f"{most:.0e} of it. A particle ends at the window's end, or where it leaves the weather by "
        "a side or by the top; what it would have touched after that is not in the total.\n\n"
        + table((*head, "particles to the end", "left by a side", "by the top"), rows)
    )


def _plume(folder):
    """Return the comparison with the observed plume, and the flight back and forth."""
    met = runs.weather(folder, "matimba")
    rows = [
        (f"{low:.0f} to {high:.0f}", f"{seen:.1f}", f"{flown:.1f}", f"{angle:+.1f}")
        for low, high, seen, flown, angle in runs.direction(folder)
    ]
    others = ", ".join(
        f"{runs.direction(folder, heights)[-1, -1]:+.1f}° from {heights[0]:.0f} to "
        f"{heights[1]:.0f} m"
        for heights in ((50.0, 100.0), (600.0, 1000.0))
    )
    planted = runs.direction(folder, planted=True)[-1, -1]
    back, ahead = runs.reciprocity(met)
    near, far = runs.reciprocity(met, number=60_000, box=runs.NARROW)
    head = ("from the stacks [km]", "observed [°]", "particles [°]", "angle [°]")
    return (
        PLUME + table(head, rows) + f"\nReleased at other heights the angle of the last line is "
        f"{others}; with the wind's northward part turned round it is {planted:+.0f}° and the test "
        f"fails.\n\nBack and forth (T7): residence at the stacks of air flown back from a box "
        f"50 km downwind, over that of air flown forward, is {back / ahead:.3f} with boxes 20 km wide and 50 to 850 m "
        f"high (noise about 0.03), {near / far:.3f} with boxes of 10 km and 100 to 400 m (0.03).\n"
    )


HEAD = """# Certificate: the particle model in real weather

Written by `make validate-transport` where the shared data are there, from its own run
(`tests/validate_transport/test_real_weather.py`). Weather as its models wrote it, read by
`transport.meteorology`; footprints by `transport.particles` with its default settings. Each
drawing shows the sum over the window; circles are receptors, north of the grid is up.
"""
ABOUT = {
    "matimba": "25 July 2021, South Africa, pressure levels up to 700 hPa. From 100 m in the mixed "
    "layer of noon contact begins at once; from 300 m at night, above the mixing height, it begins "
    "some 30 km away, where the mixing height of the evening, some 320 m, still held the air.",
    "munich": "1 May 2025, 3 h of a stable night with weak wind and mixing heights at the floor of "
    "50 m. The inlet of 200 m has no contact with the ground within 2 h: the total is zero.",
    "wrf": "28 August 2005, a nest that follows the storm, 3-hourly. Without `diagnose` the file is "
    "refused: PBLH, UST, HFX and ZNT are missing. The receptors are some 300 km "
    "south-west of the eye: air comes round it from the north-west, and all of it has come from "
    "outside the points used.",
}
PLUME = """## The plume of Matimba

![plume](real_weather_plume.png)

Air of the stacks, released from 250 to 550 m since 04:00, flown forward with the same kernel;
column of the hour that holds the overpass. Against it the tropospheric NO₂ columns of TROPOMI,
more than 30 µmol m⁻² above the background of 15. Mean bearings about the stacks, from north of
the grid, weighted by column:

"""
LIMITS = """## Limits

One day, one source and one wind regime: the plume tests direction and travel, not amounts. NO₂ is
not conserved, the emission varies, the release heights are a guess, and ERA5 at 0.25° has one
wind for many pixels of TROPOMI; two stations 6 km apart are one point here. The observed plume
bends from ring to ring (247 to 254°) where ours hardly does. At Matimba friction velocity, heat
flux, roughness, humidity and vertical wind are worked out from the other fields; pressure levels
end below the mixing height of the afternoon (up to 2 km), so the wind of 1600 m serves above, and
air that the sinking lid leaves there is lost by the top. The vertical wind that continuity gives
is interpolated with the rest, so mass closes in the mean and not in every cell: in small boxes
back and forth may differ by some percent more than the noise. The hurricane's surface layer is
diagnosed over water with a roughness of land (0.1 m), and 3-hourly wind does not follow its eye:
those footprints show that the reader and the model run, not that they are right.
"""
