# A made city with a known truth: the same kinds of files as real ones, and the truths apart.
if PLAN.synthetic:

    rule make_synthetic_city:
        input:
            registry=SETTINGS.stations.registry,
        output:
            raw=[file for station in PLAN.stations for file in PLAN.raw_files(station)],
            weather=f"{OUT}/synthetic/weather.nc",
            proxies=f"{OUT}/synthetic/proxies.nc",
            table=f"{OUT}/synthetic/inventory.csv",
            truth=f"{OUT}/synthetic/truth.nc",
            truths=f"{OUT}/synthetic/truths.nc",
        log:
            f"{OUT}/logs/make_synthetic_city.log",
        benchmark:
            f"{OUT}/benchmarks/make_synthetic_city.tsv"
        threads: 1
        resources:
            mem_mb=2500,
        params:
            settings=sections(
                "synthetic", "grid", "regions", "time", "stations", "inventories"
            ),
            code=code("make_synthetic_city"),
        message:
            "making the synthetic city, its records and the drawn truths (a minute)"
        script:
            "../scripts/make_synthetic_city.py"


# Real footprints and no records: a drawn truth is carried by them, and raw files are made of it.
if SETTINGS.synthetic_records is not None:

    rule release_footprints:
        input:
            files=PLAN.external_footprints,
            registry=SETTINGS.stations.registry,
        output:
            [
                temp(f"{OUT}/synthetic/footprints/{station}.nc")
                for station in PLAN.towers
            ],
        log:
            f"{OUT}/logs/release_footprints.log",
        benchmark:
            f"{OUT}/benchmarks/release_footprints.tsv"
        threads: 1
        resources:
            mem_mb=1500,
        params:
            settings=sections("transport", "grid", "regions"),
            towers=PLAN.towers,
            code=code("release_footprints"),
        message:
            "footprints of every hour at which air was released"
        script:
            "../scripts/release_footprints.py"

    rule make_synthetic_records:
        input:
            footprints=rules.release_footprints.output,
            prior=f"{OUT}/problem/{PLAN.batches[0]}/prior.nc",
            registry=SETTINGS.stations.registry,
        output:
            raw=[file for station in PLAN.stations for file in PLAN.raw_files(station)],
            truth=f"{OUT}/synthetic/truth.nc",
            truths=f"{OUT}/synthetic/truths.nc",
        log:
            f"{OUT}/logs/make_synthetic_records.log",
        benchmark:
            f"{OUT}/benchmarks/make_synthetic_records.tsv"
        threads: 1
        resources:
            mem_mb=2500,
        params:
            settings=sections("synthetic_records", "time"),
            code=code("make_synthetic_records"),
        message:
            "making SYNTHETIC records on real footprints, and the drawn truths"
        script:
            "../scripts/make_synthetic_records.py"
