# Datasets brought by the user: checked, hashed, adopted under the name the pipeline knows.
for dataset in PLAN.adopted:

    rule:
        name:
            f"adopt_{dataset}"
        input:
            given=lambda wildcards, dataset=dataset: PLAN.given_file(
                dataset, wildcards.period, wildcards.period
            ),
        output:
            f"{OUT}/{PER_BATCH[dataset]}",
        log:
            f"{OUT}/logs/adopt_{dataset}_{{period}}.log",
        benchmark:
            f"{OUT}/benchmarks/adopt_{dataset}_{{period}}.tsv"
        threads: 1
        resources:
            mem_mb=2000,
        params:
            dataset=dataset,
            code=code("adopt_given"),
        message:
            "checking the dataset that was brought"
        script:
            "../scripts/adopt_given.py"


if "stations" in SETTINGS.given:

    rule adopt_station:
        input:
            given=lambda wildcards: PLAN.given_file("stations", wildcards.station),
        output:
            f"{OUT}/stations/{{station}}.nc",
        log:
            f"{OUT}/logs/adopt_station_{{station}}.log",
        benchmark:
            f"{OUT}/benchmarks/adopt_station_{{station}}.tsv"
        threads: 1
        resources:
            mem_mb=1000,
        params:
            dataset="station",
            code=code("adopt_given"),
        message:
            "checking the record of {wildcards.station} that was brought"
        script:
            "../scripts/adopt_given.py"


if "footprints" in SETTINGS.given:

    rule adopt_footprints:
        input:
            given=lambda wildcards: PLAN.given_file(
                "footprints", wildcards.station, wildcards.period
            ),
        output:
            temp(f"{OUT}/footprints/{{station}}/{{period}}.nc"),
        log:
            f"{OUT}/logs/adopt_footprints_{{station}}_{{period}}.log",
        benchmark:
            f"{OUT}/benchmarks/adopt_footprints_{{station}}_{{period}}.tsv"
        threads: 1
        resources:
            mem_mb=2000,
        params:
            dataset="footprints",
            code=code("adopt_given"),
        message:
            "checking the footprints of {wildcards.station} that were brought"
        script:
            "../scripts/adopt_given.py"


if SETTINGS.problem is not None:

    rule read_problem:
        input:
            files=PLAN.problem_files(),
        output:
            **{name: f"{OUT}/{PER_BATCH[name]}" for name in PROBLEM},
        log:
            f"{OUT}/logs/read_problem_{{period}}.log",
        benchmark:
            f"{OUT}/benchmarks/read_problem_{{period}}.tsv"
        threads: 1
        resources:
            mem_mb=3000,
        params:
            settings=sections("problem", "time"),
            code=code("read_problem"),
        message:
            "reading a whole problem from the files of its authors"
        script:
            "../scripts/read_problem.py"


if PLAN.measures:

    rule published_measures:
        input:
            files=PLAN.problem_files(),
            problem=[
                f"{OUT}/{PER_BATCH[name]}".format(period=PLAN.batches[0])
                for name in PROBLEM
            ],
        output:
            f"{OUT}/tables/published.csv",
        log:
            f"{OUT}/logs/published_measures.log",
        benchmark:
            f"{OUT}/benchmarks/published_measures.tsv"
        threads: 1
        resources:
            mem_mb=3000,
        params:
            settings=sections("errors", "gas", "problem", "solver", "time"),
            code=code("published_measures"),
        message:
            "the authors' own measures of the product's solution"
        script:
            "../scripts/published_measures.py"
