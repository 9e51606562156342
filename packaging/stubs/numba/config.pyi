"""The settings that we read or change."""

CACHE_DIR: str
NUMBA_NUM_THREADS: int
