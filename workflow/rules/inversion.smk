# From observations, footprints and the prior to fluxes with their full covariance, and how far to trust them.
# threads: 1 everywhere: Snakemake hands its threads to BLAS, and bytes must not depend on cores.
from inventories.inputs import input_files

MAKES_PRIOR = not all(PLAN.given(name) for name in ("prior", "prior_covariance"))
PRIOR_FILES = {
    name: str(path)
    for name, path in (
        input_files(
            SETTINGS.inventories,
            lambda name: Path(SETTINGS.data_root) / name,
            Path(f"{OUT}/synthetic") if PLAN.synthetic else None,
        )
        if MAKES_PRIOR
        else {}
    ).items()
}

if MAKES_PRIOR:

    rule build_prior:
        input:
            unpack(lambda wildcards: PRIOR_FILES),
            footprints=(
                PLAN.external_footprints
                if SETTINGS.grid.source == "footprints"
                else []
            ),
        output:
            prior=f"{OUT}/problem/{{period}}/prior.nc",
            prior_covariance=f"{OUT}/problem/{{period}}/prior_covariance.nc",
            inventory=f"{OUT}/problem/{{period}}/inventory.nc",
        log:
            f"{OUT}/logs/build_prior_{{period}}.log",
        benchmark:
            f"{OUT}/benchmarks/build_prior_{{period}}.tsv"
        threads: 1
        resources:
            mem_mb=1500,
        params:
            settings=sections(
                "inventories", "errors", "gas", "time", "grid", "regions", "transport"
            ),
            code=code("build_prior"),
        message:
            "prior fluxes and inventory totals of {wildcards.period}"
        script:
            "../scripts/build_prior.py"


if not PLAN.given("background"):

    rule build_background:
        input:
            observations=f"{OUT}/problem/{{period}}/observations.nc",
            stations=RECORDS,
        output:
            f"{OUT}/problem/{{period}}/background.nc",
        log:
            f"{OUT}/logs/build_background_{{period}}.log",
        benchmark:
            f"{OUT}/benchmarks/build_background_{{period}}.tsv"
        threads: 1
        resources:
            mem_mb=1500,
        params:
            settings=sections("background", "time"),
            code=code("build_background"),
        message:
            "background of {wildcards.period}"
        script:
            "../scripts/build_background.py"


if not PLAN.given("jacobian"):

    rule build_jacobian:
        input:
            observations=f"{OUT}/problem/{{period}}/observations.nc",
            prior=f"{OUT}/problem/{{period}}/prior.nc",
            footprints=expand(
                f"{OUT}/footprints/{{station}}/{{period}}.nc",
                station=PLAN.towers,
                allow_missing=True,
            ),
        output:
            f"{OUT}/problem/{{period}}/jacobian.nc",
        log:
            f"{OUT}/logs/build_jacobian_{{period}}.log",
        benchmark:
            f"{OUT}/benchmarks/build_jacobian_{{period}}.tsv"
        threads: 1
        resources:
            mem_mb=3000,
        params:
            settings=sections(),
            code=code("build_jacobian"),
        message:
            "Jacobian of {wildcards.period}"
        script:
            "../scripts/build_jacobian.py"


if not PLAN.given("mismatch"):

    rule build_mismatch:
        input:
            observations=f"{OUT}/problem/{{period}}/observations.nc",
            jacobian=f"{OUT}/problem/{{period}}/jacobian.nc",
            prior=f"{OUT}/problem/{{period}}/prior.nc",
        output:
            f"{OUT}/problem/{{period}}/mismatch.nc",
        log:
            f"{OUT}/logs/build_mismatch_{{period}}.log",
        benchmark:
            f"{OUT}/benchmarks/build_mismatch_{{period}}.tsv"
        threads: 1
        resources:
            mem_mb=1500,
        params:
            settings=sections("errors", "time"),
            code=code("build_mismatch"),
        message:
            "mismatch errors of {wildcards.period}"
        script:
            "../scripts/build_mismatch.py"


if not PLAN.given("posterior"):

    rule solve:
        input:
            observations=f"{OUT}/problem/{{period}}/observations.nc",
            background=f"{OUT}/problem/{{period}}/background.nc",
            jacobian=f"{OUT}/problem/{{period}}/jacobian.nc",
            prior=f"{OUT}/problem/{{period}}/prior.nc",
            prior_covariance=f"{OUT}/problem/{{period}}/prior_covariance.nc",
            mismatch=f"{OUT}/problem/{{period}}/mismatch.nc",
            answerable=ANSWERABLE,
        output:
            f"{OUT}/posterior/{{period}}.nc",
        log:
            f"{OUT}/logs/solve_{{period}}.log",
        benchmark:
            f"{OUT}/benchmarks/solve_{{period}}.tsv"
        threads: 1
        resources:
            mem_mb=4000,
        params:
            settings=sections("errors", "solver", "gas", "time"),
            code=code("solve"),
        message:
            "solving {wildcards.period} (a minute or two)"
        script:
            "../scripts/solve.py"


rule diagnose:
    input:
        observations=f"{OUT}/problem/{{period}}/observations.nc",
        background=f"{OUT}/problem/{{period}}/background.nc",
        jacobian=f"{OUT}/problem/{{period}}/jacobian.nc",
        prior=f"{OUT}/problem/{{period}}/prior.nc",
        prior_covariance=f"{OUT}/problem/{{period}}/prior_covariance.nc",
        mismatch=f"{OUT}/problem/{{period}}/mismatch.nc",
        posterior=f"{OUT}/posterior/{{period}}.nc",
        meteorology=f"{OUT}/meteorology/{{period}}.nc" if METEOROLOGY else [],
    output:
        f"{OUT}/diagnostics/{{period}}.json",
    log:
        f"{OUT}/logs/diagnose_{{period}}.log",
    benchmark:
        f"{OUT}/benchmarks/diagnose_{{period}}.tsv"
    threads: 1
    resources:
        mem_mb=3000,
    params:
        settings=sections("errors", "gas", "solver", "time"),
        code=code("diagnose"),
    message:
        "checking the fit of {wildcards.period}"
    script:
        "../scripts/diagnose.py"


if PLAN.made:

    rule osse:
        input:
            observations=f"{OUT}/problem/{{period}}/observations.nc",
            background=f"{OUT}/problem/{{period}}/background.nc",
            jacobian=f"{OUT}/problem/{{period}}/jacobian.nc",
            prior=f"{OUT}/problem/{{period}}/prior.nc",
            prior_covariance=f"{OUT}/problem/{{period}}/prior_covariance.nc",
            mismatch=f"{OUT}/problem/{{period}}/mismatch.nc",
            posterior=f"{OUT}/posterior/{{period}}.nc",
            truths=f"{OUT}/synthetic/truths.nc",
        output:
            json=f"{OUT}/certificate/{{period}}.json",
            table=f"{OUT}/certificate/{{period}}.txt",
        log:
            f"{OUT}/logs/osse_{{period}}.log",
        benchmark:
            f"{OUT}/benchmarks/osse_{{period}}.tsv"
        threads: 1
        resources:
            mem_mb=4000,
        params:
            settings=sections("errors", "gas", "solver", "osse"),
            code=code("osse"),
        message:
            "certificate of {wildcards.period}: how often do intervals hold a drawn truth?"
        script:
            "../scripts/osse.py"
