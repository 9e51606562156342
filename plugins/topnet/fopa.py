"""FOPA, the public network for photos: one size per pass, every place of the picture at once.

FOPA (Niu et al., 2022) scores a background against an object that lies, at its size, in the middle of a black canvas;
sixteen passes give the sixteen sizes i / 18. The layers are named as in its published weights (MIT-licensed code; the
weights state no licence of their own), so that a converted state dict is read as it is. No weights come with Lamina.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from studio.core.errors import StudioError

from .bins import Bins, Shape, Spacing
from .method import Ranking, fit_background, resized, tight_crop

SIDE = 256
BINS = Bins(scales=16, cells=SIDE, smallest=1 / 18, largest=16 / 18, spacing=Spacing.LINEAR)
MEAN, SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""What the colours of both pictures are normalised with."""


class FopaNet(nn.Module):
    """(B, 3, 256, 256) background, (B, 3, 256, 256) object on black, (B, 1, 256, 256) its mask to (B, 2, 256, 256).

    The colours are normalised, the mask is 0..1; the second channel is for "this is a good centre".
    """

    def __init__(self) -> None:
        super().__init__()
        self.bg_encoder1 = nn.Sequential(nn.Conv2d(4, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU())
        self.bg_encoder2 = nn.Sequential(nn.MaxPool2d(3, 2, 1), _stage(64, 64, 1))
        self.bg_encoder4, self.bg_encoder8, self.bg_encoder16 = _stage(64, 128), _stage(128, 256), _stage(256, 512)
        self.fg_encoder1 = nn.Sequential(nn.Conv2d(4, 64, 7, 2, 3, bias=False))
        self.fg_encoder2 = nn.Sequential(nn.BatchNorm2d(64), nn.ReLU())
        self.fg_encoder4 = nn.Sequential(nn.MaxPool2d(3, 2, 1), _stage(64, 64, 1))
        self.fg_encoder8, self.fg_encoder16, self.fg_encoder32 = _stage(64, 128), _stage(128, 256), _stage(256, 512)
        self.fg_trans16, self.fg_trans8 = nn.Conv2d(512, 64, 1), nn.Conv2d(256, 64, 1)
        self.selfdc_16, self.selfdc_8 = _ObjectFilter(), _ObjectFilter()
        self.upconv16, self.upconv8 = _Widening(512, 256), _Widening(256, 128)
        self.upconv4, self.upconv2, self.upconv1 = _Widening(128, 64), _Widening(64, 64), _Widening(64, 64)
        self.classifier = nn.Conv2d(512, 2, 1)

    def forward(self, background: Tensor, thing: Tensor, mask: Tensor) -> Tensor:
        """The logits of a bad and a good centre, for each pixel."""
        levels = [self.bg_encoder1(torch.cat([background, torch.zeros_like(mask)], 1))]
        for encoder in (self.bg_encoder2, self.bg_encoder4, self.bg_encoder8, self.bg_encoder16):
            levels.append(encoder(levels[-1]))
        hidden = levels[-1]
        decoders = (self.upconv16, self.upconv8, self.upconv4, self.upconv2)
        for decoder, level in zip(decoders, reversed(levels[:-1]), strict=True):
            hidden = _added(decoder(hidden), level)
        fine = self.upconv1(functional.interpolate(hidden, scale_factor=2.0, mode="bilinear", align_corners=True))
        seen = self.fg_encoder4(self.fg_encoder2(self.fg_encoder1(torch.cat([thing, mask], 1))))
        middle = self.fg_encoder16(self.fg_encoder8(seen))
        coarse = self.fg_encoder32(middle)
        # As published, the coarser background meets the finer view of the object.
        joined = _added(self.selfdc_16(hidden, self.fg_trans8(middle)), self.selfdc_8(fine, self.fg_trans16(coarse)))
        return self.classifier(joined)


@dataclass(frozen=True, slots=True, eq=False)
class FopaStage:
    """A background to be asked about; the counterpart of `method.Stage`."""

    network: FopaNet
    picture: Shape
    background: Tensor

    @classmethod
    def of(cls, network: FopaNet, picture: NDArray[np.uint8]) -> FopaStage:
        """Prepare an (H, W, 3) picture."""
        height, width = picture.shape[:2]
        return cls(network, Shape(width, height), _normalised(fit_background(picture, SIDE)))

    def score(self, thing: NDArray[np.uint8]) -> Ranking:
        """Score every bin for an (h, w, 4) RGBA object, one pass for each size."""
        tight = tight_crop(thing)
        shape = Shape(tight.shape[1], tight.shape[0])
        planes: list[NDArray[np.float32]] = []
        for width, height in BINS.sizes(shape, self.picture):
            canvas = _on_black(tight, width * SIDE / self.picture.width, height * SIDE / self.picture.height)
            mask = torch.from_numpy(canvas[None, None, :, :, 3].astype(np.float32)) / 255
            with torch.inference_mode():
                logits = self.network(self.background, _normalised(canvas[:, :, :3]), mask)
            planes.append(logits.softmax(1)[0, 1].numpy())
        return Ranking(np.stack(planes), BINS, shape, self.picture)


def load_fopa(path: Path) -> FopaNet:
    """The network with converted weights from a safetensors file. Raises StudioError that says what does not fit."""
    try:
        return of_state(load_file(path))
    except (OSError, SafetensorError) as error:
        raise StudioError(f"Could not read {path.name}: {error}.", "Convert the weights again.") from error


def of_state(state: Mapping[str, Tensor]) -> FopaNet:
    """The network with a state dict as published. Raises StudioError when it is of another model.

    What only training used (the mask's own convolution) is left out.
    """
    network = FopaNet()
    wanted = network.state_dict()
    given = {name.removeprefix("module."): value for name, value in state.items()}
    missing = [name for name in wanted if name not in given and not name.endswith("num_batches_tracked")]
    if missing:
        raise StudioError(
            f"These are not the weights of FOPA: {missing[0]} and {len(missing) - 1} more are missing.",
            "Choose the converted file of FOPA.pth.",
        )
    wrong = [name for name in wanted if name in given and given[name].shape != wanted[name].shape]
    if wrong:
        sizes = f"{tuple(given[wrong[0]].shape)}, not {tuple(wanted[wrong[0]].shape)}"
        raise StudioError(
            f"These are not the weights of FOPA: {wrong[0]} is {sizes}.", "Choose the converted file of FOPA.pth."
        )
    network.load_state_dict({**wanted, **{name: given[name] for name in wanted if name in given}})
    return network.eval()


def _on_black(tight: NDArray[np.uint8], width: float, height: float) -> NDArray[np.uint8]:
    """(256, 256, 4): the object squeezed to this size in the middle, its colours over black."""
    size = min(max(1, round(width)), SIDE), min(max(1, round(height)), SIDE)
    small = resized(tight, *size)
    out = np.zeros((SIDE, SIDE, 4), np.uint8)
    left, top = (SIDE - size[0]) // 2, (SIDE - size[1]) // 2
    part = out[top : top + size[1], left : left + size[0]]
    part[:, :, :3] = cv2.multiply(small[:, :, :3], cv2.merge([small[:, :, 3]] * 3), scale=1 / 255)
    part[:, :, 3] = small[:, :, 3]
    return out


def _normalised(pixels: NDArray[np.uint8]) -> Tensor:
    """(h, w, 3) uint8 as (1, 3, h, w)."""
    values = (pixels.astype(np.float32) / 255 - np.array(MEAN, np.float32)) / np.array(SPREAD, np.float32)
    return torch.from_numpy(np.ascontiguousarray(values.transpose(2, 0, 1)[None]))


def _added(coarse: Tensor, fine: Tensor) -> Tensor:
    size = list(fine.shape[2:])
    return fine + functional.interpolate(coarse, size=size, mode="bilinear", align_corners=False)


def _stage(channels: int, out: int, stride: int = 2) -> nn.Sequential:
    return nn.Sequential(_Residual(channels, out, stride), _Residual(out, out, 1))


class _Residual(nn.Module):
    """Two convolutions beside a short cut, as in ResNet-18."""

    def __init__(self, channels: int, out: int, stride: int) -> None:
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(channels, out, 3, stride, 1, bias=False), nn.BatchNorm2d(out)
        self.conv2, self.bn2 = nn.Conv2d(out, out, 3, 1, 1, bias=False), nn.BatchNorm2d(out)
        self.downsample = (
            nn.Sequential(nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out))
            if channels != out
            else None
        )

    def forward(self, hidden: Tensor) -> Tensor:
        short = hidden if self.downsample is None else self.downsample(hidden)
        hidden = functional.relu(self.bn1(self.conv1(hidden)))
        return functional.relu(self.bn2(self.conv2(hidden)) + short)


class _Widening(nn.Module):
    """A convolution on the way up."""

    def __init__(self, channels: int, out: int) -> None:
        super().__init__()
        self.basicconv = nn.Sequential(nn.Conv2d(channels, out, 3, 1, 1, bias=False), nn.BatchNorm2d(out), nn.ReLU())

    def forward(self, hidden: Tensor) -> Tensor:
        return self.basicconv(hidden)


class _ObjectFilter(nn.Module):
    """Filters each channel of the background with a 3 x 3 kernel that is made from the object."""

    def __init__(self) -> None:
        super().__init__()
        self.fuse = nn.Conv2d(64, 512, 3, 1, 1)
        self.gernerate_kernel = nn.Sequential(nn.Conv2d(64, 64, 1))  # spelt so in the published weights

    def forward(self, background: Tensor, thing: Tensor) -> Tensor:
        kernel = self.gernerate_kernel(functional.adaptive_avg_pool2d(thing, 3))
        batch, channels, height, width = background.shape
        flat, kernels = background.reshape(1, batch * channels, height, width), kernel.reshape(-1, 1, 3, 3)
        filtered = functional.conv2d(flat, kernels, padding=1, groups=batch * channels)
        return self.fuse(filtered.view(batch, channels, height, width))
