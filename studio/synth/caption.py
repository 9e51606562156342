"""Sentences about a scene, with the character span of everything they mention.

Whatever is said is true: colours, patterns, numbers, and relations (judged in `relations`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from studio.synth.dice import Dice
from studio.synth.placement import instance_box
from studio.synth.relations import Relation, holds
from studio.synth.scene import Instance, Scene
from studio.synth.vocabulary import TRAITS, ColorName, ObjectClass, Pattern
from studio.synth.words import COLORS, NOUNS, NUMBERS, PATTERNS, PLACES, RELATIONS, TIMES

Span: TypeAlias = tuple[int, int]
"""Half-open range of characters."""


class Style(StrEnum):
    """LONG relates objects to each other and names the setting; LIST enumerates them and names the setting; SHORT only
    enumerates; TAGS is a comma-separated list without articles."""

    LONG = "long"
    LIST = "list"
    SHORT = "short"
    TAGS = "tags"


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A noun phrase that names objects: `span` covers it with its article, `head` the noun.

    `color` and `pattern` are None when the caption does not say them; their spans are None then too.
    """

    span: Span
    head: Span
    ids: tuple[int, ...]
    kind: ObjectClass
    color: ColorName | None = None
    color_span: Span | None = None
    pattern: Pattern | None = None
    pattern_span: Span | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A relation that the caption states between two phrases, by their numbers."""

    relation: Relation
    subject: int
    other: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    """`phrases` in the order of the text; `place` and `hour` are the spans of the setting's noun phrases."""

    text: str
    phrases: tuple[Phrase, ...]
    claims: tuple[Claim, ...] = ()
    place: Span | None = None
    hour: Span | None = None

    def words(self, span: Span) -> str:
        return self.text[span[0] : span[1]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """How to say it: which attributes are mentioned, how many phrases at most, and how often synonyms are used."""

    style: Style = Style.LONG
    colors: bool = True
    patterns: bool = True
    most_phrases: int = 5
    synonyms: float = 0.3


Group: TypeAlias = tuple[Instance, ...]
"""Objects that one phrase names: same class, and same colour and pattern where these are said."""


def describe(scene: Scene, seed: int = 0, wording: Wording | None = None) -> Caption:
    """A caption of a scene; the same seed and wording give the same words."""
    wording = Wording() if wording is None else wording
    dice = Dice(seed).child("caption", wording.style)
    groups = _salient(_grouped(scene.instances, wording), wording.most_phrases)
    writer = Writer(dice, wording)
    match wording.style:
        case Style.LONG:
            _write_related(writer, groups)
            _write_setting(writer, scene)
        case Style.LIST:
            _write_listed(writer, dice.shuffled(groups))
            _write_setting(writer, scene)
        case Style.SHORT:
            _write_listed(writer, dice.shuffled(groups))
        case Style.TAGS:
            _write_tags(writer, dice.shuffled(groups), scene)
    return writer.caption()


class Writer:
    """Builds the text and remembers spans."""

    def __init__(self, dice: Dice, wording: Wording) -> None:
        self.dice = dice
        self.wording = wording
        self._parts: list[str] = []
        self._length = 0
        self._phrases: list[Phrase] = []
        self._claims: list[Claim] = []
        self.place: Span | None = None
        self.hour: Span | None = None

    def say(self, text: str) -> Span:
        """Append text as it is and return its span."""
        start = self._length
        self._parts.append(text)
        self._length += len(text)
        return start, self._length

    def choose(self, options: Sequence[str]) -> str:
        """The usual word, or now and then another."""
        return self.dice.pick(options) if self.dice.chance(self.wording.synonyms) else options[0]

    def name(self, group: Group, article: bool = True) -> int:
        """Write the noun phrase of a group; returns its number."""
        first, wording = group[0], self.wording
        start = self._length
        color = first.color if wording.colors else None
        pattern = first.pattern if wording.patterns and first.pattern is not Pattern.PLAIN else None
        adjectives = [self.choose(COLORS[color])] if color else []
        adjectives += [self.choose(PATTERNS[pattern])] if pattern else []
        nouns = NOUNS[first.kind]
        noun = self.dice.pick(nouns) if self.dice.chance(wording.synonyms) else nouns[0]
        word = noun.one if len(group) == 1 else noun.many
        if len(group) > 1:
            self.say(NUMBERS[len(group)] + " ")
        elif article:
            self.say(_article((*adjectives, word)[0]) + " ")
        spans: list[Span] = []
        for adjective in adjectives:
            spans.append(self.say(adjective))
            self.say(" ")
        head = self.say(word)
        self._phrases.append(
            Phrase(
                span=(start, self._length),
                head=head,
                ids=tuple(instance.id for instance in group),
                kind=first.kind,
                color=color,
                color_span=spans[0] if color else None,
                pattern=pattern,
                pattern_span=spans[-1] if pattern else None,
            )
        )
        return len(self._phrases) - 1

    def claim(self, relation: Relation, subject: int, other: int) -> None:
        self._claims.append(Claim(relation, subject, other))

    def relate(self, relation: Relation, subject: int, other: Group) -> int:
        """Write a relation from an earlier phrase to a group; returns the group's number."""
        self.say(f" {self.choose(RELATIONS[relation])} ")
        number = self.name(other)
        self.claim(relation, subject, number)
        return number

    def caption(self) -> Caption:
        return Caption(
            text="".join(self._parts),
            phrases=tuple(self._phrases),
            claims=tuple(self._claims),
            place=self.place,
            hour=self.hour,
        )


def _article(word: str) -> str:
    return "an" if word[0] in "aeiou" else "a"


def _grouped(instances: Sequence[Instance], wording: Wording) -> list[Group]:
    """Objects that the caption cannot tell apart share a phrase."""
    groups: dict[tuple[object, ...], list[Instance]] = {}
    for instance in instances:
        key = (
            instance.kind,
            instance.color if wording.colors else None,
            instance.pattern if wording.patterns else None,
        )
        groups.setdefault(key, []).append(instance)
    return [tuple(group) for group in groups.values()]


def _salient(groups: list[Group], most: int) -> list[Group]:
    """The groups that cover most of the picture, in their given order."""
    by_area = sorted(groups, key=lambda group: -sum(instance_box(instance).area for instance in group))
    kept = by_area[:most]
    return [group for group in groups if group in kept]


def _write_listed(writer: Writer, groups: Sequence[Group]) -> None:
    for number, group in enumerate(groups):
        if number:
            writer.say(" and " if number == len(groups) - 1 else ", ")
        writer.name(group)


def _write_tags(writer: Writer, groups: Sequence[Group], scene: Scene) -> None:
    for group in groups:
        writer.name(group, article=False)
        writer.say(", ")
    place = writer.choose([noun for _, noun in PLACES[scene.backdrop.biome]])
    writer.place = writer.say(place.removeprefix("a ").removeprefix("the "))
    writer.say(", ")
    hour = writer.choose([noun for _, noun in TIMES[scene.backdrop.time]])
    writer.hour = writer.say(hour.removeprefix("a ").removeprefix("the "))


def _write_setting(writer: Writer, scene: Scene) -> None:
    """For instance ", at night on a meadow"."""
    pick = writer.dice.pick if writer.dice.chance(writer.wording.synonyms) else lambda options: options[0]
    before_place, place = pick(PLACES[scene.backdrop.biome])
    if all(TRAITS[instance.kind].flies for instance in scene.instances):
        before_place = "over"
    before_hour, hour = pick(TIMES[scene.backdrop.time])
    writer.say(", " if writer.wording.style is Style.LONG else " ")
    if writer.wording.style is Style.LONG:
        writer.say(before_hour + " ")
        writer.hour = writer.say(hour)
        writer.say(f" {before_place} ")
        writer.place = writer.say(place)
        return
    writer.say(before_place + " ")
    writer.place = writer.say(place)
    writer.say(f" {before_hour} ")
    writer.hour = writer.say(hour)


def _holds_for_all(relation: Relation, subjects: Group, others: Group) -> bool:
    return all(holds(relation, subject, other) for subject in subjects for other in others)


def _write_related(writer: Writer, groups: list[Group]) -> None:
    """Pairs of objects with a true relation, then what is above them."""
    above = [group for group in groups if TRAITS[group[0].kind].flies]
    below = writer.dice.shuffled([group for group in groups if not TRAITS[group[0].kind].flies])
    roofs = [g for g in above if below and all(_holds_for_all(Relation.UNDER, subject, g) for subject in below)]
    loose = [group for group in above if group not in roofs]
    numbers = _write_pairs(writer, [*below, *loose])
    for number, roof in enumerate(roofs):
        if number == 0:
            writer.say(f" {writer.choose(RELATIONS[Relation.UNDER])} ")
        else:
            writer.say(" and " if number == len(roofs) - 1 else ", ")
        named = writer.name(roof)
        for subject in numbers[: len(below)]:
            writer.claim(Relation.UNDER, subject, named)


def _write_pairs(writer: Writer, groups: list[Group]) -> list[int]:
    """Write groups two by two, with a relation where one holds; returns their phrase numbers in the given order."""
    numbers: list[int] = []
    waiting = list(groups)
    while waiting:
        if numbers:
            writer.say(" and " if len(waiting) == 1 else ", ")
        subject = waiting.pop(0)
        numbers.append(writer.name(subject))
        if not waiting:
            break
        relations = [relation for relation in Relation if _holds_for_all(relation, subject, waiting[0])]
        specific = [relation for relation in relations if relation not in (Relation.LEFT_OF, Relation.RIGHT_OF)]
        if relations:
            relation = writer.dice.pick(specific if specific and writer.dice.chance(0.7) else relations)
            numbers.append(writer.relate(relation, numbers[-1], waiting.pop(0)))
    return numbers


def empty_caption(scene: Scene, seed: int = 0) -> Caption:
    """The setting alone, for a stage without objects: for instance "a meadow at night"."""
    writer = Writer(Dice(seed).child("setting"), Wording())
    places, hours = PLACES[scene.backdrop.biome], TIMES[scene.backdrop.time]
    writer.place = writer.say(writer.choose([noun for _, noun in places]))
    before, hour = hours[0]
    writer.say(f" {before} ")
    writer.hour = writer.say(hour)
    return writer.caption()
