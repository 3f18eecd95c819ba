# Datasets brought by the user: checked, hashed, adopted under the name the pipeline knows.
for dataset in sorted(PER_BATCH):
    if not PLAN.given(dataset):
        continue

    rule:
        name:
            f"adopt_{dataset}"
        input:
            given=lambda wildcards, dataset=dataset: PLAN.given_file(
                dataset, wildcards.period
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
        script:
            "../scripts/adopt_given.py"
