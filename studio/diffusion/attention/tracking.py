"""Token grids, measured where they arise: a layer's height and width are read off the tensor that is made into tokens.

They are never worked out from a token count: pictures are not square, and 64 x 16 has as many tokens as 32 x 32.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from studio.core.errors import ShapeError
from studio.diffusion.run_state import Grid, RunState

_SPATIAL_CLASSES = (
    "Transformer2DModel",
    "TransformerTemporalModel",
    "AnimateDiffTransformer3D",
    "DualTransformer2DModel",
)


@dataclass(slots=True)
class GridTracker:
    """The grid of whatever part of one model runs now, kept by forward pre-hooks until `close`.

    Args:
        run: shared state; its `packed_grid` is the answer for models that are given packed tokens.
        grid: of the block that runs now; None before the first call and for packed tokens.
        batch: rows (times frames, for video U-Nets) of the block that runs now.
    """

    run: RunState
    grid: Grid | None
    batch: int
    _handles: list[RemovableHandle]

    @classmethod
    def install(cls, model: nn.Module, run: RunState) -> GridTracker:
        """Watch `model`. The hooks only read; call `close` to remove them."""
        tracker = cls(run, None, 0, [])
        tracker._handles.append(model.register_forward_pre_hook(tracker._enter_model, with_kwargs=True))
        for module in model.modules():
            if type(module).__name__ in _SPATIAL_CLASSES:
                tracker._handles.append(module.register_forward_pre_hook(tracker._enter_block, with_kwargs=True))
        return tracker

    def close(self) -> None:
        """Remove the hooks; may be called twice."""
        while self._handles:
            self._handles.pop().remove()

    def grid_of(self, tokens: int) -> Grid:
        """The grid that `tokens` tokens of the running block lie on. Raises ShapeError when they do not fit it."""
        grid = self.grid or self.run.packed_grid
        if grid is None:
            raise ShapeError(
                "The size of the token grid is not known: this model is given packed tokens.", "Set packed_grid."
            )
        if grid.tokens != tokens:
            raise ShapeError(
                f"A layer with {tokens} tokens ran in a block of {grid.height} x {grid.width} x {grid.frames}."
            )
        return grid

    def frames_per_row(self) -> int:
        """Frames folded into the batch: 1 for pictures.

        Raises ShapeError when the batch does not fit the layout of rows.
        """
        rows = len(self.run.rows)
        if rows == 0 or self.batch % rows:
            raise ShapeError(f"The model ran on {self.batch} rows, but the layout describes {rows}.")
        return self.batch // rows

    def places(self) -> int:
        """Places of the running block's grid: what temporal layers fold into the batch."""
        if self.grid is None:
            raise ShapeError("The size of the token grid is not known yet.")
        return self.grid.height * self.grid.width

    def _enter_model(self, model: nn.Module, args: tuple[object, ...], kwargs: dict[str, object]) -> None:
        hidden = _first_tensor(args, kwargs, ("sample", "hidden_states"))
        self.batch = hidden.shape[0]
        self.run.rows.check(self.batch)
        self.grid = _patch_grid(model, hidden)

    def _enter_block(self, block: nn.Module, args: tuple[object, ...], kwargs: dict[str, object]) -> None:
        hidden = _first_tensor(args, kwargs, ("hidden_states",))
        self.batch = hidden.shape[0]
        self.grid = Grid(hidden.shape[-2], hidden.shape[-1])


def _first_tensor(args: tuple[object, ...], kwargs: dict[str, object], names: tuple[str, ...]) -> Tensor:
    for value in (*args[:1], *(kwargs.get(name) for name in names)):
        if isinstance(value, Tensor):
            return value
    raise ShapeError(f"A tracked model was called without {' or '.join(names)}.")


def _patch_grid(model: nn.Module, hidden: Tensor) -> Grid | None:
    """The grid of a transformer that patchifies (B, C, [F,] H, W) by itself; None for packed tokens."""
    if hidden.ndim not in (4, 5):
        return None
    size = getattr(getattr(model, "config", None), "patch_size", None) or 1
    frames_patch, height_patch, width_patch = size if isinstance(size, (tuple, list)) else (1, size, size)
    frames = hidden.shape[2] // frames_patch if hidden.ndim == 5 else 1
    return Grid(hidden.shape[-2] // height_patch, hidden.shape[-1] // width_patch, frames)
