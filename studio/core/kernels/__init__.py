"""How pictures are computed: the layer tree as a flat program, and two machines that carry it out.

    program   layers -> steps
    strips    the machine in numpy, the stand-in
    modes     one compiled row function for each blend mode
    rows      the compiled machine: row by row, everything of one row in the first-level cache
    table     a program as the integer and float tables that the compiled machine reads
    loader    compiles in a child process, keeps the machine code per user, loads it when it is there

Only `studio.core.compositing` uses this package. numba is imported by `modes` and `rows` alone, and only the loader
imports those.
"""
