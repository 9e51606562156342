from __future__ import annotations

import numpy as np
import pytest

from studio.core.errors import UsageError
from studio.synth.generate import Recipe
from studio.synth.placement import is_supported
from studio.synth.render import render
from studio.synth.sequence import Clip, ClipKind, generate_clip
from studio.synth.vocabulary import ColorName, ObjectClass
from studio.synth.words import COLORS, MOTIONS
from studio.synth.world import World


def _clips(kind: ClipKind, count: int = 12) -> list[Clip]:
    return [generate_clip(seed, kind) for seed in range(count)]


def test_same_seed_same_clip() -> None:
    assert generate_clip(4) == generate_clip(4)
    assert generate_clip(4) != generate_clip(5)


def test_a_character_keeps_its_looks_before_new_stages() -> None:
    for clip in _clips(ClipKind.CHARACTER):
        first, second = clip.shots
        assert first.entity == second.entity
        assert first.frames[0].backdrop != second.frames[0].backdrop
        a, b = first.frames[0].instances[0], second.frames[0].instances[0]
        assert (a.rgb, a.variant, a.pattern) == (b.rgb, b.variant, b.pattern)
        assert first.caption.text != second.caption.text


def test_a_context_keeps_its_stage_under_new_entities() -> None:
    for clip in _clips(ClipKind.CONTEXT):
        first, second = clip.shots
        assert first.frames[0].backdrop == second.frames[0].backdrop
        assert first.entity != second.entity
        assert first.entity.color is not second.entity.color


def test_single_shots_are_alike() -> None:
    for clip in _clips(ClipKind.SINGLE, 6):
        assert clip.shots[0] == clip.shots[1]


def test_motion_is_steady_and_as_the_caption_says() -> None:
    for kind in ClipKind:
        for clip in _clips(kind):
            for shot in clip.shots:
                xs = [frame.instances[0].x for frame in shot.frames]
                steps = np.diff(xs)
                assert (np.sign(steps) == shot.direction).all()
                assert steps.max() - steps.min() < 1e-4
                word = "right" if shot.direction > 0 else "left"
                assert f"{MOTIONS[shot.entity.kind]} to the {word}" in shot.caption.text
                assert any(color in shot.caption.text for color in COLORS[shot.entity.color])
                assert shot.frames[0].instances[0].flip is (shot.direction < 0)


def test_the_mover_stays_where_it_can_live_and_in_the_picture() -> None:
    for clip in _clips(ClipKind.ANY, 20):
        for frame in clip.frames:
            mover = frame.instances[0]
            assert is_supported(frame.backdrop, mover.kind, mover.x, mover.y, mover.height)
            drawn = render(frame, 64)
            assert drawn.visible_share(0) > 0.97


def test_nuisances_are_shared_across_shots() -> None:
    clip = generate_clip(3, ClipKind.CHARACTER, shots=3, frames=5)
    assert [len(shot.frames) for shot in clip.shots] == [5, 5, 5]
    assert len(clip.frames) == 15
    spans = {round(abs(s.frames[-1].instances[0].x - s.frames[0].instances[0].x), 3) for s in clip.shots}
    assert len(spans) == 1
    assert clip.merged_caption == " Then, ".join(shot.caption.text for shot in clip.shots)


def test_frames_share_a_backdrop_that_need_not_be_drawn_again() -> None:
    shot = generate_clip(2).shots[0]
    first = render(shot.frames[0], 64)
    assert np.array_equal(render(shot.frames[1], 64, first.backdrop).composite, render(shot.frames[1], 64).composite)


def test_worlds_without_movers_and_empty_clips_are_refused() -> None:
    still = Recipe(world=World(classes=(ObjectClass.ROCK,), colors=(ColorName.RED,)))
    with pytest.raises(UsageError, match="moves by itself"):
        generate_clip(0, recipe=still)
    with pytest.raises(UsageError):
        generate_clip(0, shots=0)
    with pytest.raises(UsageError):
        generate_clip(0, frames=0)
