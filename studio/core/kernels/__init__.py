"""How pictures are computed: the layer tree as a flat program, and two machines that carry it out.

    program   layers -> steps
    strips    the machine in numpy, the stand-in
    table, layout   a program as the integer and float tables that the compiled machine reads
    machine   blocks of a picture given to the compiled machine, on several threads
    reduced   layers and masks at a reduced size, for zoomed-out views
    loader, warm   the machine code: made in a child process, kept per user, loaded when it is there

Compiled, and the only modules that import numba; only the loader imports them:

    rows      the machine: row by row, everything of one row in the first-level cache
    piles, modes, lookup   blending a row, the 27 modes, the adjustments
    samples, shrink, memory   tiles, masks and pictures as rows of floats and back; reducing; plain work on rows

Only `studio.core.compositing` uses this package.
"""
