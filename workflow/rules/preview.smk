# What a run would tell and cost, before anything expensive: `snakemake preview`.
# Where footprints are made here, those of a few days stand for all.
FORESEEN = (
    SETTINGS.transport is not None
    and "footprints" not in SETTINGS.given
    and not PLAN.given("jacobian")
    and SETTINGS.preview.every_days > 1
)
KNOWN = ("observations", "background", "prior", "prior_covariance")


rule preview:
    input:
        expand(f"{OUT}/preview/{{period}}.json", period=PLAN.batches),


if FORESEEN:

    rule sample_observations:
        input:
            f"{OUT}/problem/{{period}}/observations.nc",
        output:
            temp(f"{OUT}/preview/observations/{{period}}.nc"),
        log:
            f"{OUT}/logs/sample_observations_{{period}}.log",
        benchmark:
            f"{OUT}/benchmarks/sample_observations_{{period}}.tsv"
        threads: 1
        resources:
            mem_mb=1000,
        params:
            settings=sections("preview", "time"),
            code=code("sample_observations"),
        message:
            "observations of every few days of {wildcards.period}"
        script:
            "../scripts/sample_observations.py"

    rule sample_footprints:
        input:
            observations=f"{OUT}/preview/observations/{{period}}.nc",
            meteorology=f"{OUT}/meteorology/{{period}}.nc" if METEOROLOGY else [],
            files=[] if METEOROLOGY else PLAN.external_footprints,
        output:
            temp(f"{OUT}/preview/footprints/{{station}}/{{period}}.nc"),
        log:
            f"{OUT}/logs/sample_footprints_{{station}}_{{period}}.log",
        benchmark:
            f"{OUT}/benchmarks/sample_footprints_{{station}}_{{period}}.tsv"
        threads: 1
        resources:
            mem_mb=1500,
        params:
            settings=sections("transport", "grid", "regions"),
            code=code("build_footprints"),
        message:
            "footprints of {wildcards.station} for the preview of {wildcards.period}"
        script:
            "../scripts/build_footprints.py"


rule preview_batch:
    input:
        **{name: f"{OUT}/problem/{{period}}/{name}.nc" for name in KNOWN},
        jacobian=[] if FORESEEN else f"{OUT}/problem/{{period}}/jacobian.nc",
        mismatch=[] if FORESEEN else f"{OUT}/problem/{{period}}/mismatch.nc",
        footprints=(
            expand(
                f"{OUT}/preview/footprints/{{station}}/{{period}}.nc",
                station=PLAN.towers,
                allow_missing=True,
            )
            if FORESEEN
            else []
        ),
        times=(
            expand(
                f"{OUT}/benchmarks/sample_footprints_{{station}}_{{period}}.tsv",
                station=PLAN.towers,
                allow_missing=True,
            )
            if FORESEEN
            else []
        ),
    output:
        json=f"{OUT}/preview/{{period}}.json",
        table=f"{OUT}/preview/{{period}}.txt",
    log:
        f"{OUT}/logs/preview_{{period}}.log",
    benchmark:
        f"{OUT}/benchmarks/preview_{{period}}.tsv"
    threads: 1
    resources:
        mem_mb=3000,
    params:
        settings=sections("errors", "gas", "preview", "solver", "time"),
        jobs=len(PLAN.stations) // max(len(PLAN.batches), 1) + 12,
        sweeps=1 + SETTINGS.osse.planted if PLAN.made else 0,
        code=code("preview"),
    message:
        "what {wildcards.period} would tell, and what it costs"
    script:
        "../scripts/preview.py"


# A run whose settings hold limits waits for this file before anything expensive.
rule answerable:
    input:
        f"{OUT}/preview/{{period}}.json",
    output:
        f"{OUT}/preview/{{period}}.passed",
    log:
        f"{OUT}/logs/answerable_{{period}}.log",
    benchmark:
        f"{OUT}/benchmarks/answerable_{{period}}.tsv"
    threads: 1
    resources:
        mem_mb=500,
    params:
        settings=sections(),
        code=code("answerable"),
    message:
        "can {wildcards.period} answer its question?"
    script:
        "../scripts/answerable.py"
