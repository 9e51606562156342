"""Scenes over frames, and over latents that hold several frames."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.talc.timeline import Timeline, checked_captions
from studio.core.errors import UsageError

lengths = st.lists(st.integers(1, 20), min_size=1, max_size=5).map(tuple)


@given(lengths)
def test_every_frame_has_the_scene_that_started_last(parts: tuple[int, ...]) -> None:
    timeline = Timeline(parts)
    assert len(timeline.owners) == timeline.frames == sum(parts)
    for frame, owner in enumerate(timeline.owners):
        assert owner == max(scene for scene, start in enumerate(timeline.starts) if start <= frame)


@given(lengths, st.sampled_from([1, 4, 8]))
def test_in_a_fitted_timeline_no_latent_holds_frames_of_two_scenes(parts: tuple[int, ...], folded: int) -> None:
    timeline = Timeline(parts).fitted(folded)
    owners = timeline.latent_owners(folded)
    assert len(owners) == (timeline.frames - 1) // folded + 1
    assert set(owners) == set(range(timeline.scenes))
    for latent, owner in enumerate(owners):
        frames = range(1) if latent == 0 else range(folded * (latent - 1) + 1, folded * latent + 1)
        assert {timeline.owners[frame] for frame in frames} == {owner}


def test_a_latent_of_two_scenes_belongs_to_the_scene_of_its_middle() -> None:
    assert Timeline((2, 7)).latent_owners(4) == (0, 1, 1)  # frames 1 | 2 3 4
    assert Timeline((3, 6)).latent_owners(4) == (0, 0, 1)  # frames 1 2 | 3 4: the earlier of two middles is 2


def test_lengths_that_the_model_cannot_make_are_refused_with_those_it_can() -> None:
    with pytest.raises(UsageError, match=r"4 k \+ 1 frames, not of 8") as error:
        Timeline((4, 4)).latent_owners(4)
    assert error.value.hint == "Ask for 9 frames."


@pytest.mark.parametrize(("parts", "what"), [((), "at least one scene"), ((3, 0), "Scene 2 has no frames")])
def test_a_timeline_of_nothing_is_refused(parts: tuple[int, ...], what: str) -> None:
    with pytest.raises(UsageError, match=what):
        Timeline(parts)


def test_scene_marks_are_in_seconds() -> None:
    assert Timeline.even(3, 8).marks(8) == (0.0, 1.0, 2.0)


def test_captions_are_one_for_each_scene() -> None:
    assert checked_captions([" a red car ", "a tree"], Timeline((1, 1))) == ("a red car", "a tree")
    with pytest.raises(UsageError, match="1 captions for 2 scenes"):
        checked_captions(["a red car"], Timeline((1, 1)))
    with pytest.raises(UsageError, match="Scene 2 has no caption"):
        checked_captions(["a red car", "  "], Timeline((1, 1)))
