"""Which scene owns which frame: of the video, and of its latents where frames are folded together. No torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from studio.core.errors import UsageError


@dataclass(frozen=True, slots=True)
class Timeline:
    """The scenes of a video by their lengths in frames, in order.

    >>> Timeline((2, 3)).owners
    (0, 0, 1, 1, 1)

    Raises UsageError for no scenes, or a scene without frames.
    """

    lengths: tuple[int, ...]

    def __post_init__(self) -> None:
        if not self.lengths:
            raise UsageError("A video needs at least one scene.", "Add a scene with a caption.")
        if empty := [number for number, length in enumerate(self.lengths, 1) if length < 1]:
            raise UsageError(f"Scene {empty[0]} has no frames.", "Give every scene at least one frame.")

    @classmethod
    def even(cls, scenes: int, frames: int) -> Timeline:
        """`scenes` scenes of `frames` frames each."""
        return cls((frames,) * scenes)

    @property
    def scenes(self) -> int:
        return len(self.lengths)

    @property
    def frames(self) -> int:
        return sum(self.lengths)

    @property
    def starts(self) -> tuple[int, ...]:
        """The first frame of every scene."""
        return (0, *accumulate(self.lengths[:-1]))

    @property
    def owners(self) -> tuple[int, ...]:
        """The scene of every frame."""
        return tuple(scene for scene, length in enumerate(self.lengths) for _ in range(length))

    def latent_owners(self, compression: int) -> tuple[int, ...]:
        """The scene of every latent frame of a causal video autoencoder.

        Latent 0 holds frame 0 alone, latent k holds the `compression` frames r (k - 1) + 1 ... r k; where a scene
        starts among them, the scene of their middle frame, the earlier one of two, owns the latent.

        Raises UsageError when the video's length is not a multiple of `compression` and one more.
        """
        if (self.frames - 1) % compression:
            raise UsageError(
                f"This model makes videos of {compression} k + 1 frames, not of {self.frames}.",
                f"Ask for {self.fitted(compression).frames} frames.",
            )
        owners = self.owners
        middles = range((compression + 1) // 2, self.frames, compression)
        return (owners[0], *(owners[middle] for middle in middles)) if compression > 1 else owners

    def fitted(self, compression: int) -> Timeline:
        """The nearest timeline in which every scene but the first starts with a latent of its own.

        Scenes start at frames r j + 1, and the video has r n + 1 frames; no scene becomes shorter than one latent.
        """
        if compression == 1:
            return self
        steps = [max(1, round(length / compression)) * compression for length in self.lengths]
        first = max(0, round((self.lengths[0] - 1) / compression)) * compression + 1
        return Timeline((first, *steps[1:]))

    def marks(self, fps: float) -> tuple[float, ...]:
        """When every scene starts, in seconds."""
        return tuple(start / fps for start in self.starts)


def checked_captions(captions: Sequence[str], timeline: Timeline) -> tuple[str, ...]:
    """The captions without blanks around them.

    Raises UsageError when there are not as many as scenes, or one is empty.
    """
    cleaned = tuple(caption.strip() for caption in captions)
    if len(cleaned) != timeline.scenes:
        raise UsageError(
            f"There are {len(cleaned)} captions for {timeline.scenes} scenes.", "Give every scene one caption."
        )
    if empty := [number for number, caption in enumerate(cleaned, 1) if not caption]:
        raise UsageError(f"Scene {empty[0]} has no caption.", "Say what it shows.")
    return cleaned
