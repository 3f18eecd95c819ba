# From weather, or from footprint files, to where the air of each observation has been.
METEOROLOGY = (
    SETTINGS.transport is not None and SETTINGS.transport.meteorology is not None
)
# What must be there before anything expensive: a preview that breaks no limit, where there are limits.
ANSWERABLE = f"{OUT}/preview/{{period}}.passed" if SETTINGS.preview.stops else []
WEATHER = PLAN.external_footprints or [f"{OUT}/synthetic/weather.nc"]

if METEOROLOGY and not PLAN.given("meteorology"):

    rule prepare_meteorology:
        input:
            weather=WEATHER,
        output:
            f"{OUT}/meteorology/{{period}}.nc",
        log:
            f"{OUT}/logs/prepare_meteorology_{{period}}.log",
        benchmark:
            f"{OUT}/benchmarks/prepare_meteorology_{{period}}.tsv"
        threads: 1
        resources:
            mem_mb=1500,
        params:
            settings=sections("time", "transport", "grid", "regions"),
            code=code("prepare_meteorology"),
        message:
            "preparing the weather of {wildcards.period}"
        script:
            "../scripts/prepare_meteorology.py"


if SETTINGS.transport is not None and "footprints" not in SETTINGS.given:

    rule build_footprints:
        input:
            observations=f"{OUT}/problem/{{period}}/observations.nc",
            meteorology=f"{OUT}/meteorology/{{period}}.nc" if METEOROLOGY else [],
            files=[] if METEOROLOGY else PLAN.external_footprints,
            answerable=ANSWERABLE if SETTINGS.preview.every_days > 1 else [],
        output:
            temp(f"{OUT}/footprints/{{station}}/{{period}}.nc"),
        log:
            f"{OUT}/logs/build_footprints_{{station}}_{{period}}.log",
        benchmark:
            f"{OUT}/benchmarks/build_footprints_{{station}}_{{period}}.tsv"
        threads: 1
        resources:
            mem_mb=1500,
        params:
            settings=sections("transport", "grid", "regions"),
            code=code("build_footprints"),
        message:
            "footprints of {wildcards.station}, {wildcards.period}"
        script:
            "../scripts/build_footprints.py"
