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
