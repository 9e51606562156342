"""`python -m studio.core.kernels.warm`: compile the kernels into the cache, with the lowest priority, and end."""

import os

from studio.core.kernels.loader import compile_kernels

if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(10)
    compile_kernels()
