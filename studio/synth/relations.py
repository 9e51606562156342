"""What can truly be said about where two objects are, judged from their boxes."""

from __future__ import annotations

from enum import StrEnum

from studio.synth.placement import Box, instance_box
from studio.synth.scene import Instance
from studio.synth.vocabulary import TRAITS


class Relation(StrEnum):
    """Said of a subject and an object, as the viewer sees them: "the subject is ... the object"."""

    LEFT_OF = "left of"
    RIGHT_OF = "right of"
    BESIDE = "beside"
    IN_FRONT_OF = "in front of"
    BEHIND = "behind"
    UNDER = "under"
    ABOVE = "above"


def holds(relation: Relation, subject: Instance, other: Instance) -> bool:
    """Whether the relation is true of two different objects."""
    mine, its = instance_box(subject), instance_box(other)
    match relation:
        case Relation.LEFT_OF:
            return mine.right <= its.left + 0.2 * min(mine.width, its.width)
        case Relation.RIGHT_OF:
            return its.right <= mine.left + 0.2 * min(mine.width, its.width)
        case Relation.BESIDE:
            return _beside(subject, other, mine, its)
        case Relation.IN_FRONT_OF:
            return _overlaps(subject, other, mine, its) and subject.y > other.y + 0.03
        case Relation.BEHIND:
            return _overlaps(subject, other, mine, its) and other.y > subject.y + 0.03
        case Relation.UNDER:
            return TRAITS[other.kind].flies and its.bottom <= mine.top + 0.25 * mine.height
        case Relation.ABOVE:
            return TRAITS[subject.kind].flies and mine.bottom <= its.top + 0.25 * its.height and _near(mine, its)


def _beside(subject: Instance, other: Instance, mine: Box, its: Box) -> bool:
    """Both on the ground (or both in the sky), at about the same height, with a small gap between them."""
    if TRAITS[subject.kind].flies != TRAITS[other.kind].flies:
        return False
    gap = max(mine.left, its.left) - min(mine.right, its.right)
    level = abs(mine.bottom - its.bottom) <= 0.04 + 0.2 * max(mine.height, its.height)
    return level and -0.25 * min(mine.width, its.width) <= gap <= 0.6 * max(mine.width, its.width)


def _overlaps(subject: Instance, other: Instance, mine: Box, its: Box) -> bool:
    """Both on the ground and one partly before the other."""
    if TRAITS[subject.kind].flies or TRAITS[other.kind].flies:
        return False
    common = min(mine.right, its.right) - max(mine.left, its.left)
    return common >= 0.3 * min(mine.width, its.width)


def _near(mine: Box, its: Box) -> bool:
    return abs((mine.left + mine.right) - (its.left + its.right)) / 2 <= 0.25 + 0.5 * its.width


def true_relations(subject: Instance, other: Instance) -> tuple[Relation, ...]:
    """Every relation that holds between two objects."""
    return tuple(relation for relation in Relation if holds(relation, subject, other))
