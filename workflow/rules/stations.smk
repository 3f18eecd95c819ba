# From raw files to the observations that the inversion looks at.
RECORDS = expand(f"{OUT}/stations/{{station}}.nc", station=PLAN.stations)
# a record that was brought has no list of files
LISTINGS = [
    f"{OUT}/stations/{station}.files.json"
    for station in ([] if "stations" in SETTINGS.given else PLAN.stations)
]
STATUS = f"{OUT}/network_status.nc" if PLAN.stations else []


if "stations" not in SETTINGS.given:

    rule ingest_station:
        input:
            raw=lambda wildcards: PLAN.raw_files(wildcards.station),
            registry=SETTINGS.stations.registry if SETTINGS.stations else [],
            manual=lambda wildcards: PLAN.manual_flags(wildcards.station),
        output:
            station=f"{OUT}/stations/{{station}}.nc",
            quarantine=f"{OUT}/stations/{{station}}.quarantine.jsonl",
            files=f"{OUT}/stations/{{station}}.files.json",
        log:
            f"{OUT}/logs/ingest_station_{{station}}.log",
        benchmark:
            f"{OUT}/benchmarks/ingest_station_{{station}}.tsv"
        threads: 1
        resources:
            mem_mb=1500,
        params:
            settings=sections("gas", "stations"),
            code=code("ingest_station"),
        message:
            "reading the raw files of {wildcards.station}"
        script:
            "../scripts/ingest_station.py"


rule monitor:
    input:
        stations=RECORDS,
        receptors=PLAN.receptor_files,
    output:
        status=f"{OUT}/network_status.nc",
        json=f"{OUT}/network_status.json",
    log:
        f"{OUT}/logs/monitor.log",
    benchmark:
        f"{OUT}/benchmarks/monitor.tsv"
    threads: 1
    resources:
        mem_mb=1500,
    params:
        settings=sections("stations"),
        code=code("monitor"),
    message:
        "looking for drift and gaps in the network"
    script:
        "../scripts/monitor.py"


if PLAN.network_only:

    rule network_page:
        input:
            stations=RECORDS,
            files=LISTINGS,
            status=STATUS,
        output:
            page=f"{OUT}/report/index.html",
            summary=f"{OUT}/report/summary.txt",
        log:
            f"{OUT}/logs/network_page.log",
        benchmark:
            f"{OUT}/benchmarks/network_page.tsv"
        threads: 1
        resources:
            mem_mb=1500,
        params:
            everything=EVERYTHING,
            code=code("network_page"),
        message:
            "writing the page of the network"
        script:
            "../scripts/network_page.py"


if not PLAN.network_only and not PLAN.given("observations"):

    rule build_observations:
        input:
            stations=RECORDS,
            status=STATUS,
            footprints=PLAN.external_footprints,
        output:
            f"{OUT}/problem/{{period}}/observations.nc",
        log:
            f"{OUT}/logs/build_observations_{{period}}.log",
        benchmark:
            f"{OUT}/benchmarks/build_observations_{{period}}.tsv"
        threads: 1
        resources:
            mem_mb=1500,
        params:
            settings=sections("stations", "time", "transport"),
            code=code("build_observations"),
        message:
            "choosing the observations of {wildcards.period}"
        script:
            "../scripts/build_observations.py"
