"""Time-aligned captions as values: which text which frame of a video may see.

Noise, temporal layers, autoencoder and sampler stay joint over all frames, and carry what the scenes have in common.
Paper: TALC (Bansal et al., 2024, arXiv 2405.04682). Crossfades and a caption for all frames are not part of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from studio.core.errors import ShapeError


@dataclass(frozen=True, slots=True)
class Alignment:
    """Captions over the frames that a model sees.

    Args:
        owners: the scene of every frame; of every latent frame where the autoencoder folds frames together.
        scenes: how many captions there are.
        tokens: of each caption, padding included.
        shared: whether one more caption follows that every frame sees.
        crossfade: frames on either side of a cut over which one caption fades into the next; for models in which every
            frame has a text of its own.
    """

    owners: tuple[int, ...]
    scenes: int
    tokens: int
    shared: bool = False
    crossfade: int = 0

    @property
    def captions(self) -> int:
        """With the one that all frames share."""
        return self.scenes + self.shared

    @property
    def text_tokens(self) -> int:
        """Of all captions, one after another."""
        return self.captions * self.tokens

    def split(self, text: Tensor) -> Tensor:
        """(B, T, ...) all captions one after another -> (B, captions, L, ...). Raises ShapeError for another T."""
        if text.shape[1] != self.text_tokens:
            raise ShapeError(f"{self.text_tokens} text tokens were expected, {text.shape[1]} were given.")
        return text.unflatten(1, (self.captions, self.tokens))

    def per_frame(self, text: Tensor) -> Tensor:
        """(B, T, D) all captions -> (B, F, L or 2 L, D) what each frame sees: its own and then the shared one."""
        captions = self.split(text)
        seen = captions[:, list(self.owners)]
        for frame, (beyond, share) in self.faded().items():
            seen[:, frame] = torch.lerp(captions[:, self.owners[frame]], captions[:, beyond], share)
        if not self.shared:
            return seen
        return torch.cat([seen, captions[:, -1:].expand_as(seen)], dim=2)

    def faded(self) -> dict[int, tuple[int, float]]:
        """Frames near a cut: the scene beyond it, and that scene's share, nearly a half at the cut."""
        found: dict[int, tuple[int, float]] = {}
        count = len(self.owners)
        for cut in (frame for frame in range(1, count) if self.owners[frame] != self.owners[frame - 1]):
            before, after = self.owners[cut - 1], self.owners[cut]
            for away in range(self.crossfade):
                share = 0.5 * (1 - (away + 0.5) / self.crossfade)
                for frame, own, beyond in ((cut - 1 - away, before, after), (cut + away, after, before)):
                    is_own = 0 <= frame < count and self.owners[frame] == own
                    if is_own and share > found.get(frame, (beyond, 0.0))[1]:
                        found[frame] = (beyond, share)
        return found

    def blocks(self, video_tokens: int, *, text_first: bool, seen: Tensor | None = None) -> Tensor:
        """(1 or B, N, N) True where a query (row) of a joint sequence of text and video may look at a key.

        Video looks at all video, at its own caption and at the shared one; a caption at itself and at the video of its
        scene; the shared caption at itself and at all video. Captions are kept from each other: text is updated in
        every layer and would carry one into the next.

        Args:
            video_tokens: frame after frame.
            text_first: whether text comes before the video in the sequence.
            seen: (B, T) False for padding of the text, which nobody looks at but itself.

        Raises:
            ShapeError: the video's tokens do not divide into the frames.
        """
        if video_tokens % len(self.owners):
            raise ShapeError(f"{video_tokens} tokens do not divide into {len(self.owners)} frames.")
        video = torch.tensor(self.owners).repeat_interleave(video_tokens // len(self.owners))
        owner = torch.cat([torch.arange(self.captions).repeat_interleave(self.tokens), video])
        is_video = torch.arange(len(owner)) >= self.text_tokens
        shared = owner == self.scenes  # nothing, unless there is one more caption
        same = owner[:, None] == owner
        allowed = (same | (is_video[:, None] & (is_video | shared)) | (shared[:, None] & is_video))[None]
        if seen is not None:
            keys = torch.cat([seen.bool().cpu(), torch.ones(len(seen), video_tokens, dtype=torch.bool)], dim=1)
            allowed = (allowed & keys[:, None]) | torch.eye(len(owner), dtype=torch.bool)
        return allowed if text_first else allowed.roll((-self.text_tokens, -self.text_tokens), dims=(1, 2))
