"""One configuration with every fault at once: each is told with file, line, key, found, expected and what to do."""

import textwrap

import pytest

from contracts.settings.load import load_settings, read_document, read_yaml, readable_part
from contracts.settings.model import Settings
from contracts.settings.problems import SettingsError
from inversion.__main__ import main
from workflow.check import check_config

CONFIG = """\
run: faulty
title: "Eight faults"
titel: "one key too many"
data_root: {root}
time:
  batches:
    june: {{start: 2025-06-01T00:00:00, end: 2025-06-20T00:00:00}}
    later: {{start: 2025-06-19T00:00:00, end: 2025-06-30T00:00:00}}
grid:
  cell_size_m: 4000
  cell_size_m: 8000
stations:
  registry: {root}/registry.yaml
transport:
  files: [weather.nc]
inventories:
  table: table.csv
  proxies: proxies.nc
  sectors:
    industry: {{proxy: industry}}
    transport: {{proxy: roads}}
background:
  stations: [DMS]
errors:
  prior:
    spatial_efolding_km: .nan
    declared:
      city: 2.5
      district: 0.1
      sector: 0.1
"""
REGISTRY = """\
stations:
  GSH:
    title: a tower
    latitude: 30.335
    longitude: 120.150
    ground_height_m: 8
    inlet_height_m: 120
    instrument_error_umol_mol: 0.12
    calibration_scale: WMO-CO2-X2019
    files: [gsh.dat]
    reader: {format: gcwerks, label: centre, slot_seconds: 1200, unit: ppt}
  FAR:
    title: a tower in another city
    latitude: 39.9
    longitude: 116.4
    ground_height_m: 40
    inlet_height_m: 120
    instrument_error_umol_mol: 0.12
    calibration_scale: WMO-CO2-X2019
    files: [far.dat]
    reader: {format: gcwerks, label: centre, slot_seconds: 1200}
  DMS:
    title: a mountain
    latitude: 30.030
    longitude: 118.990
    ground_height_m: 1480
    inlet_height_m: 10
    role: background
    instrument_error_umol_mol: 0.15
    calibration_scale: WMO-CO2-X2019
    files: [dms.dat]
    reader: {format: gcwerks, label: centre, slot_seconds: 1200}
"""
DISTRICTS = ("02", "05", "06", "08", "09", "10", "11", "12", "13", "14", "22", "27", "82")
HEADER = "region,sector,period_start,period_end,total_t,standard_deviation_percent,scope,gas,source"


@pytest.fixture
def city(tmp_path):
    """Return a folder with all files of the configuration but the weather."""
    import numpy as np
    import xarray as xr

    rows = [
        f"3301{district},{sector},2025-06-01,2025-07-01,1000,20,1,CO2,made up"
        for district in DISTRICTS
        for sector in ("industry", "transport")
    ]
    (tmp_path / "table.csv").write_text("\n".join([HEADER, *rows]) + "\n")
    (tmp_path / "registry.yaml").write_text(REGISTRY)
    for name in ("gsh.dat", "far.dat", "dms.dat"):
        (tmp_path / name).write_text("")
    fields = {name: ("cell", np.ones(1)) for name in ("industry", "roads")}
    xr.Dataset(fields).to_netcdf(tmp_path / "proxies.nc")
    (tmp_path / "config.yaml").write_text(CONFIG.format(root=tmp_path))
    return tmp_path


def line(text, key, nth=1):
    """Return the number of the nth line that holds `key`."""
    numbers = [number for number, row in enumerate(text.splitlines(), 1) if key in row]
    return numbers[nth - 1]


def test_all_eight_faults_are_told_at_once(city, capsys):
    config, registry = city / "config.yaml", city / "registry.yaml"
    text, rows = CONFIG, REGISTRY
    assert main(["check", str(config)]) == 1
    said = capsys.readouterr().out.splitlines()
    at, station = f"{config}:{{}}: ", f"{config}:13: stations.registry: {registry}:{{}}: "
    wanted = {
        "duplicate key": at.format(line(text, "cell_size_m", 2)) + "grid.cell_size_m: expected "
        "each key once; found the key 'cell_size_m' again (first on line 10). Delete one",
        "unknown key": at.format(line(text, "titel")) + "titel: expected a known key; found the "
        "unknown key 'titel'. See config/README.md.",
        "NaN": at.format(line(text, ".nan")) + "errors.prior.spatial_efolding_km: expected Input "
        "should be a finite number; found nan. See config/README.md.",
        "overlap": at.format(line(text, "batches:")) + "time.batches: expected batches without "
        "overlap; found june and later overlap. Shorten one.",
        "missing file": at.format(line(text, "weather.nc")) + "transport.files.0: expected a file; "
        f"found no file {city}/weather.nc. Check path and data_root.",
        "wrong unit": station.format(line(rows, "unit: ppt")) + "GSH.reader.unit: expected a unit "
        "of mole fractions; found 'ppt'. unit of a mole_fraction must be one of [",
        "outside": station.format(line(rows, "FAR:")) + "FAR: expected a tower inside the grid; "
        "found longitude 116.4, latitude 39.9, outside the domain. Correct its place.",
        "infeasible": at.format(line(text, "declared:")) + "errors.prior.declared: expected "
        "declared totals that can hold together; found the city's declared standard deviation "
        "must lie between ",
    }  # fmt: skip
    for fault, start in wanted.items():
        assert [row for row in said if row.startswith(start)], (fault, said)
    assert said[-1] == f"{config}: {len(said) - 1} problems"
    infeasible = [row for row in said if "errors.prior.declared" in row]
    assert len(said) - 1 == len(wanted) - 1 + len(infeasible)  # nothing told that is no fault
    assert all("Change the city's or the" in row for row in infeasible)


def test_the_same_configuration_without_faults_passes(city, capsys):
    (city / "weather.nc").write_text("")
    mended = CONFIG.format(root=city)
    for wrong, right in (
        ('titel: "one key too many"\n', ""),
        ("  cell_size_m: 8000\n", ""),
        ("2025-06-19", "2025-06-20"),
        (".nan", "5"),
        ("city: 2.5", "city: 0.07"),
    ):
        assert wrong in mended
        mended = mended.replace(wrong, right)
    (city / "config.yaml").write_text(mended)
    rows = REGISTRY.replace("unit: ppt", "unit: ppb").replace("39.9", "30.2")
    (city / "registry.yaml").write_text(rows.replace("116.4", "120.2"))
    assert main(["check", str(city / "config.yaml")]) == 0
    assert capsys.readouterr().out.endswith(": no problems\n")


def test_the_built_in_city_has_no_problems(capsys):
    assert main(["check", "config/config.yaml"]) == 0
    assert capsys.readouterr().out == "config/config.yaml: no problems\n"


def test_totals_are_only_compared_when_asked(city):
    shallow, deep = (check_config(city / "config.yaml", deep=deep) for deep in (False, True))
    more = [problem.where for problem in deep if problem not in shallow]
    assert more
    assert all("errors.prior.declared" in where for where in more)
    assert [problem for problem in shallow if problem not in deep] == []


def test_a_faulty_row_hides_no_tower_outside_the_grid(city):
    rows = REGISTRY.replace(
        "    calibration_scale: WMO-CO2-X2019\n    files: [gsh", "    files: [gsh"
    )
    (city / "registry.yaml").write_text(rows.replace("label: centre", "label: middle", 1))
    told = "\n".join(map(str, check_config(city / "config.yaml")))
    assert f"registry.yaml:{line(rows, 'GSH:')}: GSH.calibration_scale: expected Field req" in told
    assert f"registry.yaml:{line(rows, 'ppt')}: GSH.reader.gcwerks.label: expected" in told
    assert f"registry.yaml:{line(rows, 'ppt')}: GSH.reader.unit: expected a unit" in told
    assert f"registry.yaml:{line(rows, 'FAR:')}: FAR: expected a tower inside the grid" in told


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("stations: [1, 2]\n", "stations"),
        ("stations: {A: 5}\n", "A"),
        ("stations: {A: {longitude: .nan, latitude: 30}}\n", "A.title"),
        ("stations: {A: {longitude: east, latitude: 30, reader: 5}}\n", "A.reader"),
        ("stations: {A: {}\n", "file"),
    ],
)
def test_registries_that_cannot_be_read_are_told_and_hide_nothing(city, rows, told):
    (city / "registry.yaml").write_text(rows)
    problems = check_config(city / "config.yaml")
    registry = [p.where for p in problems if "stations.registry: " in p.where]
    assert any(where.endswith(f": {told}") for where in registry)
    assert any("transport.files.0" in problem.where for problem in problems)


@pytest.mark.parametrize(
    ("wrong", "right", "told", "asked"),
    [
        ("run: faulty", "run: Has Blanks", ":1: run: expected String should match", True),
        ("run: faulty", "assumptions: []", ": run: expected Field required; found nothing", True),
        ("  files: [weather.nc]", "  files: [weather.nc, 7]", ":15: transport.files.1: ", False),
        ("  files: [weather.nc]", "  hours_back: 1", ":15: transport.hours_back: expected", False),
        ("stations: [DMS]", "stations: []", ":23: background.stations", True),
        ("  registry: {root}/registry.yaml", "  local_hours: [17, 12]", ":12: stations: ", True),
        ("{{proxy: roads}}", "{{weekday_profile: [1]}}", ":21: inventories.sectors.tra", True),
        ("  batches:", "  batchs:", ":6: time.batchs: expected a known key", False),
        ("time:", "times:", ": time: expected Field required; found nothing", False),
        ("      city: 2.5", "      city: {{a: {{b: 1}}}}", ":28: errors.prior.declared.city", True),
        ("errors:", "errors: 5\nerrs:", ":24: errors: expected", True),
        ("titel: ", "synthetic: 3\ntitel: ", ":3: synthetic: expected", True),
    ],
)
def test_what_is_refused_hides_the_rest_only_where_it_must(city, wrong, right, told, asked):
    text = CONFIG.replace(wrong, right, 1)
    assert text != CONFIG
    (city / "config.yaml").write_text(text.format(root=city))
    problems = check_config(city / "config.yaml")
    lines = "\n".join(map(str, problems))
    assert f"config.yaml{told}" in lines
    assert "titel: expected a known key" in lines
    files = [problem for problem in problems if "transport.files.0" in problem.where]
    assert bool(files) is asked


def test_a_refused_entry_falls_back_to_its_default(city):
    document = {**read_document(city / "config.yaml")[0]}
    part = readable_part(document)
    assert isinstance(part, Settings)
    assert part.errors.prior.spatial_efolding_km == 5.0
    assert part.errors.prior.declared.city == 2.5
    assert part.grid.cell_size_m == 4000.0
    assert readable_part({**document, "time": {"batches": {"June": None}}}) is None
    assert "titel" in document


def test_every_key_given_twice_is_told_with_its_place(tmp_path):
    path = tmp_path / "twice.yaml"
    path.write_text(
        textwrap.dedent("""\
        a: 1
        b:
          - {c: 1, c: 2}
        a: 3
        d: {e: {f: 1, g: 2, f: 3}}
        """)
    )
    with pytest.raises(SettingsError, match=r"3 problem\(s\)") as caught:
        read_yaml(path)
    wheres = [problem.where for problem in caught.value.problems]
    assert wheres == [f"{path}:3: b.0.c", f"{path}:4: a", f"{path}:5: d.e.f"]
    assert read_document(path)[0]["a"] == 1


def test_what_is_no_configuration_at_all_is_told(tmp_path, capsys):
    path = tmp_path / "config.yaml"
    assert main(["check", str(path)]) == 1
    assert "expected a YAML file; found no file. Check the path." in capsys.readouterr().out
    with pytest.raises(SettingsError, match="expected a YAML file; found no file"):
        load_settings(path)
    for text, told in (
        ("", "expected a mapping of sections; found NoneType."),
        ("- a\n", "expected a mapping of sections; found CommentedSeq."),
        ("a: [1\nb: 2\n", "config.yaml:2: expected readable YAML; found "),
    ):
        path.write_text(text)
        assert main(["check", str(path)]) == 1
        assert told in capsys.readouterr().out
        with pytest.raises(SettingsError, match=r"1 problem\(s\) in the configuration"):
            load_settings(path)


def test_overrides_take_the_place_of_sections(city):
    overrides = {"transport": {"files": ["table.csv"]}, "time": {"batches": {"2025-06": None}}}
    told = "\n".join(map(str, check_config(city / "config.yaml", overrides)))
    assert "transport.files" not in told
    assert "overlap" not in told
    assert "FAR" in told
