"""U-Nets as the `Predict` of a sampling loop: which row gets which text, in one pass or several."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from studio.core.errors import ShapeError
from studio.diffusion.run_state import RunState
from studio.diffusion.sampling import Predict
from studio.diffusion.text import TextEmbeds


@dataclass(frozen=True, slots=True)
class Conditioning:
    """What a U-Net is told about each row.

    Args:
        text: one entry per row, in row order.
        time_ids: (rows, 6) original size, crop and target size, for SDXL; else None.
    """

    text: TextEmbeds
    time_ids: Tensor | None = None

    def __len__(self) -> int:
        return len(self.text)

    def part(self, start: int, stop: int) -> Conditioning:
        """The rows of a smaller pass."""
        ids = None if self.time_ids is None else self.time_ids[start:stop]
        return Conditioning(self.text.take(range(start, stop)), ids)

    def added(self, dtype: torch.dtype) -> dict[str, Tensor] | None:
        """`added_cond_kwargs` of SDXL's U-Net; None when there is nothing to add."""
        if self.time_ids is None or self.text.pooled is None:
            return None
        return {"text_embeds": self.text.pooled.to(dtype), "time_ids": self.time_ids.to(self.text.pooled.device, dtype)}


Residuals = Callable[[Tensor, Tensor, Conditioning], Mapping[str, object]]
"""(noisy rows, timestep, conditioning of these rows) -> extra keyword arguments of the U-Net, such as a
ControlNet's.
"""


def unet_predictor(
    unet: nn.Module,
    conditioning: Conditioning,
    run: RunState,
    *,
    rows_per_pass: int | None = None,
    residuals: Residuals | None = None,
) -> Predict:
    """A loop's `Predict` that calls a UNet2DConditionModel, in the model's own type, on all rows or `rows_per_pass` at
    a time.

    While a smaller pass runs, `run.rows` describes only its rows. Raises ShapeError when the conditioning and the rows
    differ in number.
    """
    dtype = next(unet.parameters()).dtype
    run.rows.check(len(conditioning))

    def once(noisy: Tensor, timestep: Tensor, told: Conditioning) -> Tensor:
        extra = {} if residuals is None else dict(residuals(noisy, timestep, told))
        return unet(
            noisy,
            timestep,
            encoder_hidden_states=told.text.sequence.to(dtype),
            added_cond_kwargs=told.added(dtype),
            return_dict=False,
            **extra,
        )[0]

    def predict(noisy: Tensor, timestep: Tensor) -> Tensor:
        noisy = noisy.to(dtype)
        if rows_per_pass is None or rows_per_pass >= len(conditioning):
            return once(noisy, timestep, conditioning)
        whole, parts = run.rows, []
        for start in range(0, len(conditioning), rows_per_pass):
            stop = min(start + rows_per_pass, len(conditioning))
            with run.passing(whole.part(start, stop)):
                parts.append(once(noisy[start:stop], timestep, conditioning.part(start, stop)))
        return torch.cat(parts)

    return predict


def controlnet_residuals(controlnet: nn.Module, picture: Tensor, scale: float, run: RunState) -> Residuals:
    """Residuals of a ControlNet that sees the same condition picture for every row.

    Args:
        picture: (1, 3, H, W) in [0, 1], at the size of the picture that is made.
        scale: strength, 1 for full.
    """
    dtype = next(controlnet.parameters()).dtype
    if picture.ndim != 4 or picture.shape[0] != 1:
        raise ShapeError(f"The condition picture must have the shape (1, 3, H, W), not {tuple(picture.shape)}.")

    def residuals(noisy: Tensor, timestep: Tensor, told: Conditioning) -> Mapping[str, object]:
        condition = picture.to(noisy.device, dtype).expand(len(run.rows), -1, -1, -1)
        down, mid = controlnet(
            noisy.to(dtype),
            timestep,
            encoder_hidden_states=told.text.sequence.to(dtype),
            added_cond_kwargs=told.added(dtype),
            controlnet_cond=condition,
            conditioning_scale=scale,
            return_dict=False,
        )
        return {"down_block_additional_residuals": down, "mid_block_additional_residual": mid}

    return residuals
