"""In: nothing. Out: every benchmark's ratios, printed (`make bench`)."""

import sys

from benchmarks.bench_dual import bench

for size in sys.argv[1:] or ["small", "full"]:
    bench(size)
