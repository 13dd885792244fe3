"""Measurements: against peers, against floors, on real recordings and made programmes (docs/benchmarks.md)."""

import os

# Read when numpy is first loaded: one thread a library, as the children of a run have it (`audio.child`). More would
# wait for each other on the processor's time, which is what is measured.
for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")
