# From raw files to the observations that the inversion looks at.
rule ingest_station:
    input:
        raw=lambda wildcards: PLAN.raw_files(wildcards.station),
        registry=SETTINGS.stations.registry,
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
        settings=sections("stations"),
        code=code("ingest_station"),
    message:
        "reading the raw files of {wildcards.station}"
    script:
        "../scripts/ingest_station.py"


rule monitor:
    input:
        stations=expand(f"{OUT}/stations/{{station}}.nc", station=PLAN.stations),
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


if not PLAN.given("observations"):

    rule build_observations:
        input:
            stations=expand(f"{OUT}/stations/{{station}}.nc", station=PLAN.stations),
            status=f"{OUT}/network_status.nc",
            footprints=PLAN.data(SETTINGS.transport.files),
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
