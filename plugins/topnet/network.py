"""TopNet: local features of the background, one global feature of the object, a transformer that correlates them, and
a decoder that scores every place and size at once.

The two encoders differ: the background keeps its grid of tokens, the object becomes one token. What the background
gives does not depend on the object and is kept while objects change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import torch
from diffusers.configuration_utils import ConfigMixin, register_to_config
from diffusers.models.modeling_utils import ModelMixin
from torch import Tensor, nn
from torch.nn import functional
from transformers import Dinov2Config, Dinov2Model

from studio.core.errors import ShapeError

from .bins import Bins

GROUPS = 8
LUMA = (0.299, 0.587, 0.114)
"""How much of each colour kernel the mask channel of a pretrained object encoder begins with."""


@dataclass(frozen=True, slots=True)
class LocalFeatures:
    """A background as (B, N, C) tokens, row by row of a square grid, and finer features that the decoder adds."""

    tokens: Tensor
    skips: tuple[Tensor, ...] = ()


class PairModel(ModelMixin, ConfigMixin):
    """What correlates a background with an object; heads are made on top of it.

    `background` keeps its grid of tokens, `object` gives one token, `correlation` lets all of them see each other.
    """

    def make_encoders(
        self, encoder: str, background_px: int, object_px: int, width: int, layers: int, heads: int, patch_px: int
    ) -> None:
        """Build the encoders and the transformer; see `TopNet` for the arguments."""
        if encoder == "dinov2":
            vit = Dinov2Config(
                hidden_size=width, num_hidden_layers=12, num_attention_heads=heads, patch_size=patch_px, image_size=518
            )
            self.background: nn.Module = _VitBackground(vit)
            self.object: nn.Module = _VitObject(vit)
            self.grid = background_px // patch_px
        else:
            self.background, self.object = _ConvBackground(width), _ConvObject(width)
            self.grid = background_px // 8
        self.positions = nn.Parameter(torch.zeros(1, 1 + self.grid**2, width))
        nn.init.normal_(self.positions, std=0.02)
        layer = nn.TransformerEncoderLayer(
            width, heads, 4 * width, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
        )
        self.correlation = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)

    def encode_background(self, background: Tensor) -> LocalFeatures:
        """What depends on the background alone."""
        features = cast("LocalFeatures", self.background(background - 0.5))
        if features.tokens.shape[1] != self.grid**2:
            side = tuple(background.shape[-2:])
            raise ShapeError(f"A background of {side} px gives {features.tokens.shape[1]} tokens, not {self.grid**2}.")
        return features

    def joined(self, local: LocalFeatures, thing: Tensor) -> Tensor:
        """(B, 1 + N, C) the object's token and the background's, after they have seen each other."""
        token = cast("Tensor", self.object(thing - 0.5))[:, None]
        tokens = local.tokens.expand(len(token), -1, -1)
        return self.correlation(torch.cat([token, tokens], 1) + self.positions)


class TopNet(PairModel):
    """(B, 3, Hb, Wb) background and (B, 4, Ho, Wo) object, both 0..1, to (B, S, G, G) scores; higher is better.

    The object is a tight RGBA crop on a transparent square: neither size nor padding says how large it is to be.

    Args:
        encoder: "conv" for the small network, "dinov2" for two DINOv2 encoders.
        background_px, object_px: side of the square inputs.
        scales: S.
        width, layers, heads: of the correlating transformer.
        decoder: channels after each of the three convolutions; the scores' grid is four times the tokens' grid.
    """

    @register_to_config
    def __init__(
        self,
        encoder: str = "conv",
        background_px: int = 64,
        object_px: int = 32,
        scales: int = 16,
        width: int = 96,
        layers: int = 4,
        heads: int = 4,
        decoder: tuple[int, ...] = (64, 32, 32),
        patch_px: int = 14,
    ) -> None:
        super().__init__()
        self.make_encoders(encoder, background_px, object_px, width, layers, heads, patch_px)
        first, second, third = decoder
        self.coarse, self.middle, self.fine = _block(width, first), _block(first, second), _block(second, third)
        self.scores = nn.Conv2d(third, scales, 1)

    @property
    def bins(self) -> Bins:
        """What the scores stand for."""
        return Bins(scales=self.config["scales"], cells=4 * self.grid)

    def forward(self, background: Tensor, thing: Tensor) -> Tensor:
        """Scores of every bin for pairs of background and object."""
        return self.correlate(self.encode_background(background), thing)

    def correlate(self, local: LocalFeatures, thing: Tensor) -> Tensor:
        """Let every place of the background see the object, and score it; `local` may have one row for many objects."""
        grid = self.joined(local, thing)[:, 1:].transpose(1, 2).unflatten(2, (self.grid, self.grid))
        hidden = self.coarse(grid)
        for number, block in enumerate((self.middle, self.fine)):
            hidden = functional.interpolate(hidden, scale_factor=2.0, mode="bilinear", align_corners=False)
            if local.skips:
                hidden = hidden + local.skips[number]
            hidden = block(hidden)
        return self.scores(hidden)


class BoxRegression(PairModel):
    """The baseline that answers with one box: the same encoders and transformer, and a head on the object's token.

    Gives (B, 3): x and y of the centre and the step among the scales, each 0..1.
    """

    @register_to_config
    def __init__(
        self, background_px: int = 64, object_px: int = 32, width: int = 96, layers: int = 4, heads: int = 4
    ) -> None:
        super().__init__()
        self.make_encoders("conv", background_px, object_px, width, layers, heads, 0)
        self.head = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, width), nn.GELU(), nn.Linear(width, 3))

    def forward(self, background: Tensor, thing: Tensor) -> Tensor:
        """One box for each pair."""
        return self.head(self.joined(self.encode_background(background), thing)[:, 0]).sigmoid()


TINY = {"encoder": "conv"}
FULL = {
    "encoder": "dinov2",
    "background_px": 224,
    "object_px": 224,
    "width": 384,
    "layers": 4,
    "heads": 6,
    "decoder": (256, 128, 64),
}
"""About 52 million parameters: two DINOv2-small encoders, of which the object's sees the mask too."""


def _block(channels: int, out: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(channels, out, 3, stride, 1), nn.GroupNorm(GROUPS, out), nn.GELU())


class _ConvBackground(nn.Module):
    """Three halvings; the two finer grids are added to the decoder's."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.blocks = nn.ModuleList([_block(3, 32, 2), _block(32, 64, 2), _block(64, width, 2)])

    def forward(self, pixels: Tensor) -> LocalFeatures:
        grids: list[Tensor] = []
        for block in self.blocks:
            pixels = block(pixels)
            grids.append(pixels)
        finest, finer, tokens = grids
        return LocalFeatures(tokens.flatten(2).transpose(1, 2), (finer, finest))


class _ConvObject(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.blocks = nn.Sequential(_block(4, 32, 2), _block(32, 64, 2), _block(64, width, 2))

    def forward(self, pixels: Tensor) -> Tensor:
        return self.blocks(pixels).mean((2, 3))


class _VitBackground(nn.Module):
    def __init__(self, config: Dinov2Config) -> None:
        super().__init__()
        self.vit = Dinov2Model(config)

    def forward(self, pixels: Tensor) -> LocalFeatures:
        hidden = self.vit(pixel_values=pixels).last_hidden_state
        return LocalFeatures(hidden[:, 1:])


class _VitObject(nn.Module):
    """The class token of an encoder whose patches have a fourth channel, the mask."""

    def __init__(self, config: Dinov2Config) -> None:
        super().__init__()
        self.vit = Dinov2Model(config)
        self.widen()

    def widen(self) -> None:
        """Give the patches their fourth channel, begun as the brightness of the other three."""
        embeddings = self.vit.embeddings.patch_embeddings
        old = embeddings.projection
        if old.in_channels == 4:
            return
        new = nn.Conv2d(4, old.out_channels, old.kernel_size, old.stride)  # type: ignore[arg-type]  # sizes of a Conv2d
        with torch.no_grad():
            luma = (old.weight * torch.tensor(LUMA)[None, :, None, None]).sum(1, keepdim=True)
            new.weight.copy_(torch.cat([old.weight, luma], 1))
            if old.bias is not None and new.bias is not None:
                new.bias.copy_(old.bias)
        embeddings.projection = new
        embeddings.num_channels = 4

    def forward(self, pixels: Tensor) -> Tensor:
        return self.vit(pixel_values=pixels).last_hidden_state[:, 0]
