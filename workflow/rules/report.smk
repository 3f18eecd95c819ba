# From the posterior to verdicts, tables and the page.
PERIODS = PLAN.batches


batches = lambda pattern: expand(f"{OUT}/{pattern}", period=PERIODS)
INVENTORY = ("inventory",) if PLAN.inventory else ()
DATASETS = [
    f"{OUT}/problem/{p}/{d}.nc" for p in PERIODS for d in (*PROBLEM, *INVENTORY)
]


rule reconcile:
    input:
        posterior=f"{OUT}/posterior/{{period}}.nc",
        inventory=f"{OUT}/problem/{{period}}/inventory.nc" if PLAN.inventory else [],
        prior=f"{OUT}/problem/{{period}}/prior.nc",
        observations=f"{OUT}/problem/{{period}}/observations.nc",
        status=STATUS,
        certificate=f"{OUT}/certificate/{{period}}.json" if PLAN.made else [],
    output:
        f"{OUT}/reconciliation/{{period}}.nc",
    log:
        f"{OUT}/logs/reconcile_{{period}}.log",
    benchmark:
        f"{OUT}/benchmarks/reconcile_{{period}}.tsv"
    threads: 1
    resources:
        mem_mb=1500,
    params:
        settings=sections("reconcile"),
        code=code("reconcile"),
    message:
        "verdicts of {wildcards.period}"
    script:
        "../scripts/reconcile.py"


rule write_exchange:
    input:
        posterior=batches("posterior/{period}.nc"),
        reconciliation=batches("reconciliation/{period}.nc"),
        prior=batches("problem/{period}/prior.nc"),
    output:
        directory(f"{OUT}/exchange"),
    log:
        f"{OUT}/logs/write_exchange.log",
    benchmark:
        f"{OUT}/benchmarks/write_exchange.tsv"
    threads: 1
    resources:
        mem_mb=1500,
    params:
        everything=EVERYTHING,
        periods=PERIODS,
        code=code("write_exchange"),
    message:
        "exchange files: GeoTIFF, GeoPackage, CSV"
    script:
        "../scripts/write_exchange.py"


rule write_tables:
    input:
        posterior=batches("posterior/{period}.nc"),
        reconciliation=batches("reconciliation/{period}.nc"),
        observations=batches("problem/{period}/observations.nc"),
    output:
        fluxes=f"{OUT}/tables/fluxes.csv",
        verdicts=f"{OUT}/tables/verdicts.csv",
        fit=f"{OUT}/tables/fit.csv",
    log:
        f"{OUT}/logs/write_tables.log",
    benchmark:
        f"{OUT}/benchmarks/write_tables.tsv"
    threads: 1
    resources:
        mem_mb=1500,
    params:
        settings=sections("gas"),
        code=code("write_tables"),
    message:
        "tables"
    script:
        "../scripts/write_tables.py"


rule write_run:
    input:
        problem=DATASETS,
        posterior=batches("posterior/{period}.nc"),
        reconciliation=batches("reconciliation/{period}.nc"),
        stations=RECORDS,
        files=LISTINGS,
        status=STATUS,
    output:
        f"{OUT}/run.json",
    log:
        f"{OUT}/logs/write_run.log",
    benchmark:
        f"{OUT}/benchmarks/write_run.tsv"
    threads: 1
    resources:
        mem_mb=1500,
    params:
        settings=sections(),
        everything=EVERYTHING,
        code=code("write_run"),
    message:
        "run.json: what was read, used and lost"
    script:
        "../scripts/write_run.py"


rule report:
    input:
        problem=DATASETS,
        posterior=batches("posterior/{period}.nc"),
        reconciliation=batches("reconciliation/{period}.nc"),
        diagnostics=batches("diagnostics/{period}.json"),
        certificate=batches("certificate/{period}.json") if PLAN.made else [],
        truth=f"{OUT}/synthetic/truth.nc" if PLAN.made else [],
        stations=RECORDS,
        status=STATUS,
        run=f"{OUT}/run.json",
        tables=rules.write_tables.output,
        exchange=rules.write_exchange.output,
    output:
        page=f"{OUT}/report/index.html",
        summary=f"{OUT}/report/summary.txt",
        maps=directory(f"{OUT}/report/maps"),
    log:
        f"{OUT}/logs/report.log",
    benchmark:
        f"{OUT}/benchmarks/report.tsv"
    threads: 1
    resources:
        mem_mb=2500,
    params:
        settings=sections(),
        everything=EVERYTHING,
        periods=PERIODS,
        out=lambda wildcards, output: str(Path(output.page).parent.parent),
        code=code("report"),
    message:
        "drawing maps and writing the page"
    script:
        "../scripts/report.py"
