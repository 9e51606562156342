"""The phrase finder, on a whole grammar and on prompts as people write them."""

from __future__ import annotations

import itertools

import pytest

from studio.diffusion.phrases import find_phrases

COLOURS = ("green", "red", "blue", "gold", "brown", "pink", "yellow", "white", "black")
NOUNS = (
    "bench car clock elephant dog horse chair train boat vase cow bird giraffe sheep bowl cup cat book banana backpack"
)
RELATIONS = ("and", "beside", "on top of", "to the left of", "in front of", "under", ",", "next to", "with")


def texts(prompt: str, **options: bool) -> list[str]:
    return [phrase.text for phrase in find_phrases(prompt, **options)]


@pytest.mark.parametrize("relation", RELATIONS)
def test_two_coloured_objects_in_any_relation(relation: str) -> None:
    """Every pair of colours with every noun: exactly the two phrases, each with its colour and its head."""
    nouns = NOUNS.split()
    for (first, second), noun in itertools.product(itertools.permutations(COLOURS, 2), nouns):
        other = nouns[(nouns.index(noun) + 7) % len(nouns)]
        prompt = f"a {first} {noun} {relation} a {second} {other}"
        found = find_phrases(prompt)
        assert [phrase.text for phrase in found] == [f"a {first} {noun}", f"a {second} {other}"]
        assert [phrase.head.text for phrase in found] == [noun, other]
        assert [[word.text for word in phrase.attributes] for phrase in found] == [[first], [second]]
        assert all(prompt[slice(*phrase.span)] == phrase.text for phrase in found)


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        (
            "a red striped house beside a yellow tree under a blue moon, at night on a meadow",
            ["a red striped house", "a yellow tree", "a blue moon", "a meadow"],
        ),
        ("two small boats on the sea", ["two small boats", "the sea"]),
        ("3 dotted mushrooms and a rock", ["3 dotted mushrooms", "a rock"]),
        ("A black and white cat sitting in a green bowl.", ["A black and white cat", "a green bowl"]),
        ("red, white and orange sheet", ["red, white and orange sheet"]),
        ("a black or white car", ["a black or white car"]),
        ("a man in a park throws a red ball", ["a man", "a park", "a red ball"]),
        ("An old building has stone arches and wooden doors", ["An old building", "stone arches", "wooden doors"]),
        ("a walking path with the painted wall", ["a walking path", "the painted wall"]),
        ("a lighthouse shining over the dark sea", ["a lighthouse", "the dark sea"]),
        ("it's a t-shirt on a wooden chair in the background", ["a t-shirt", "a wooden chair"]),
        ("a house to the left, the top is red", ["a house"]),
        ("a small-scale model of the artist’s studio", ["a small-scale model", "the artist’s studio"]),
        ("the children's swing", ["the children's swing"]),
        ("a bridge, a bridge over the river", ["a bridge", "a bridge", "the river"]),
        ("a (very) red house", ["red house"]),
        ("", []),
        ("...", []),
        ("on the left", []),
        ("house", []),
    ],
)
def test_prompts_as_people_write_them(prompt: str, expected: list[str]) -> None:
    assert texts(prompt) == expected


def test_tag_style_keeps_single_words() -> None:
    assert texts("castle, fog, red sky, masterpiece") == ["castle", "fog", "red sky", "masterpiece"]
    assert texts("castle, fog, a red sky") == ["a red sky"]
    assert texts("castle, fog, a red sky", single_words=True) == ["castle", "fog", "a red sky"]
    assert texts("castle, fog, red sky", single_words=False) == ["red sky"]


def test_nested_phrases_come_before_their_parts() -> None:
    assert texts("a cup of tea and a house with a roof", nested=True) == [
        "a cup of tea",
        "a cup",
        "a house with a roof",
        "a house",
        "a roof",
    ]


def test_any_text_gives_phrases_that_are_slices_of_it() -> None:
    for prompt in (
        "ein rotes Haus, 家と木",
        "🙂 a 🙂 house",
        "a\u00a0red\thouse\n\nwith  doors",
        "a" * 5000,
        "1,000 sheep",
    ):
        for phrase in find_phrases(prompt, single_words=True, nested=True):
            start, stop = phrase.span
            assert 0 <= start < stop <= len(prompt)
            assert prompt[start:stop] == phrase.text
