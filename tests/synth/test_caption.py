from __future__ import annotations

import re

import pytest

from studio.synth.caption import Caption, Style, Wording, describe, empty_caption
from studio.synth.relations import Relation, holds, true_relations
from studio.synth.scene import Scene
from studio.synth.splits import Split, split_scene
from studio.synth.vocabulary import Pattern
from studio.synth.words import COLORS, NOUNS, NUMBERS, PATTERNS, PLACES, TIMES
from tests.synth.worlds import meadow, tree, two_trees, varied_scenes

_PLAIN = Wording(synonyms=0.0)


def _captions(wording: Wording, count: int = 6) -> list[tuple[Scene, Caption]]:
    return [(scene, describe(scene, seed, wording)) for seed, scene in enumerate(varied_scenes(count))]


@pytest.mark.parametrize("style", list(Style))
def test_spans_cover_what_they_say(style: Style) -> None:
    for _, caption in _captions(Wording(style=style, synonyms=0.5)):
        for phrase in caption.phrases:
            nouns = {form for noun in NOUNS[phrase.kind] for form in (noun.one, noun.many)}
            assert caption.words(phrase.head) in nouns
            assert phrase.span[0] <= phrase.head[0] < phrase.head[1] == phrase.span[1]
            if phrase.color is not None and phrase.color_span is not None:
                assert caption.words(phrase.color_span) in COLORS[phrase.color]
            if phrase.pattern is not None and phrase.pattern_span is not None:
                assert caption.words(phrase.pattern_span) in PATTERNS[phrase.pattern]
        starts = [phrase.span[0] for phrase in caption.phrases]
        assert starts == sorted(starts)


@pytest.mark.parametrize("style", list(Style))
def test_what_is_said_is_true(style: Style) -> None:
    for scene, caption in _captions(Wording(style=style)):
        for phrase in caption.phrases:
            members = [scene.instance(number) for number in phrase.ids]
            assert {m.kind for m in members} == {phrase.kind}
            assert {m.color for m in members} == {phrase.color}
            assert {m.pattern for m in members} == {phrase.pattern or Pattern.PLAIN}
            if len(members) > 1:
                assert caption.words(phrase.span).startswith(NUMBERS[len(members)])
        for claim in caption.claims:
            for subject in caption.phrases[claim.subject].ids:
                for other in caption.phrases[claim.other].ids:
                    assert holds(claim.relation, scene.instance(subject), scene.instance(other)), caption.text


def test_long_captions_make_claims() -> None:
    claims = sum(len(caption.claims) for _, caption in _captions(Wording(), 10))
    assert claims > 30


def test_no_phrase_limit_is_exceeded_and_enough_room_names_everything() -> None:
    for scene, caption in _captions(Wording(most_phrases=5)):
        assert 1 <= len(caption.phrases) <= 5
        whole = describe(scene, 0, Wording(most_phrases=12))
        assert sorted(i for p in whole.phrases for i in p.ids) == sorted(i.id for i in scene.instances)
        assert caption.text == caption.text.strip()
        assert "  " not in caption.text


def test_attributes_can_be_withheld() -> None:
    words = {word for options in (*COLORS.values(), *PATTERNS.values()) for word in options}
    for _, caption in _captions(Wording(style=Style.SHORT, colors=False, patterns=False)):
        assert not words & set(re.findall(r"[a-z]+", caption.text))
        for phrase in caption.phrases:
            assert (phrase.color, phrase.pattern, phrase.color_span, phrase.pattern_span) == (None, None, None, None)


def test_articles_fit_the_next_word() -> None:
    texts = " ".join(caption.text for _, caption in _captions(Wording(), 20))
    assert not re.search(r"\ba [aeiou]", texts)
    assert not re.search(r"\ban [^aeiou]", texts)
    assert re.search(r"\ban orange", texts)


def test_the_setting_is_named() -> None:
    scene = split_scene(Split.TRAIN, 1)
    caption = describe(scene, 0, _PLAIN)
    assert caption.place is not None
    assert caption.hour is not None
    assert describe(scene, 0, Wording(style=Style.SHORT)).place is None


def test_exact_texts() -> None:
    scene = two_trees()
    assert describe(scene, 0, Wording(style=Style.TAGS, synonyms=0.0)).text in (
        "green tree, red tree, meadow, day",
        "red tree, green tree, meadow, day",
    )
    twins = Scene(backdrop=meadow(), instances=(tree(1, 0.25, 0.8), tree(2, 0.75, 0.8)))
    assert describe(twins, 0, Wording(style=Style.LIST, synonyms=0.0)).text == "two green trees on a meadow by day"
    assert empty_caption(Scene(backdrop=meadow())).text in ("a meadow by day", "a grassy field by day")


def test_same_seed_same_words() -> None:
    scene = split_scene(Split.CROWDED, 0)
    assert describe(scene, 5) == describe(scene, 5)
    assert len({describe(scene, seed).text for seed in range(12)}) > 4


def test_relations_of_two_trees() -> None:
    back, front = two_trees().instances
    assert Relation.IN_FRONT_OF in true_relations(front, back)
    assert Relation.BEHIND in true_relations(back, front)
    assert Relation.BEHIND not in true_relations(front, back)
    left, right = tree(1, 0.2, 0.8), tree(2, 0.8, 0.8)
    assert true_relations(left, right) == (Relation.LEFT_OF,)
    assert Relation.BESIDE in true_relations(tree(1, 0.3, 0.8), tree(2, 0.65, 0.8))


def test_relations_that_exclude_each_other_never_both_hold() -> None:
    opposites = ((Relation.LEFT_OF, Relation.RIGHT_OF), (Relation.IN_FRONT_OF, Relation.BEHIND))
    for scene in varied_scenes(4):
        for subject in scene.instances:
            for other in scene.instances:
                if subject is not other:
                    found = true_relations(subject, other)
                    assert not any(first in found and second in found for first, second in opposites)


def test_settings_name_no_colour() -> None:
    colors = {word for options in COLORS.values() for word in options}
    phrases = [phrase for table in (*PLACES.values(), *TIMES.values()) for _, phrase in table]
    assert not colors & set(" ".join(phrases).split())
