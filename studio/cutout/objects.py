"""All objects of a picture at once, with nobody pointing at them: what a click would choose, before the click.

Several guesses at what is figure and what is ground are settled by GrabCut; every connected piece of figure is a
candidate, and the candidates with the clearest outlines win. No weights; a second or two for any picture, because it
works on a small copy.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from studio.cutout.arrays import Floats, Mask
from studio.cutout.grouping import merge_tree
from studio.cutout.saliency import saliency
from studio.cutout.segment import clean_mask
from studio.cutout.superpixels import borders, superpixels

WORK_AREA_PX = 60_000
OUTLINE_AREA_PX = 150_000
SUPERPIXEL_PX = 9
SMALLEST_SIDE_PX = 24
GUESSES = ((0.0, 0.2), (0.0, 0.35), (0.4, 0.35), (0.0, 0.5), (0.4, 0.5))
"""Edge gain of the saliency, and the share of the strongest from which on it is probably figure."""
SURELY = 0.8
"""The share from which on it surely is."""
PARTS = 22
SMALLEST_SHARE, LARGEST_SHARE = 0.0015, 0.65
FRAME_SHARE = 0.30
"""What has more of its outline on the picture's frame is ground."""
WEAK_PERCENTILE = 25
"""An outline is as clear as its weaker parts."""
SIZE_POWER = 0.15
FAINT = 0.25
"""Candidates with a score below this share of the best are texture."""
OVERLAP = 0.5
"""Two candidates that share this much of the smaller one are one object."""
BAND_SHARE = 0.06
"""How far the outline may move on the larger copy, as a share of the object's size."""
HAIR_PX = 1
"""What is no more than twice as thin is a line in the ground rather than a part of the object."""
ROUNDS = 2
SEED = 20


@dataclass(frozen=True, slots=True, eq=False)
class Objects:
    """(H, W) int32 maps of the picture: `whole` numbers the objects from 1 on, 0 is ground; `parts` has no ground."""

    whole: NDArray[np.int32]
    parts: NDArray[np.int32]


def find_objects(picture: NDArray[np.uint8]) -> Objects:
    """The objects of an (H, W, 3) 8-bit RGB picture, and the parts that it falls into by colour."""
    height, width = picture.shape[:2]
    if min(height, width) < SMALLEST_SIDE_PX:
        return Objects(np.zeros((height, width), np.int32), np.ones((height, width), np.int32))
    small = _shrunk(picture, WORK_AREA_PX)
    lab, edge = _smoothed(small)
    cells = superpixels(edge, SUPERPIXEL_PX)
    edges = borders(cells, edge)
    stands_out = {gain: saliency(cells, lab, edges, gain) for gain, _ in GUESSES}
    candidates = [
        mask
        for labels in _guesses(cells.shape, [(stands_out[gain][cells], share) for gain, share in GUESSES])
        for mask in _pieces(_figure(small, labels))
    ]
    whole = _settled(_shrunk(picture, OUTLINE_AREA_PX), _chosen(candidates, edge))
    parts = merge_tree(cells, lab, edges, stands_out[0.0]).cut(PARTS)[cells].astype(np.int32) + 1
    return Objects(_stretched(whole, (width, height)), _stretched(parts, (width, height)))


def _shrunk(picture: NDArray[np.uint8], area_px: int) -> NDArray[np.uint8]:
    height, width = picture.shape[:2]
    scale = min(1.0, (area_px / (height * width)) ** 0.5)
    if scale == 1:
        return picture
    size = (max(SMALLEST_SIDE_PX, round(width * scale)), max(SMALLEST_SIDE_PX, round(height * scale)))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.uint8)


def _smoothed(picture: NDArray[np.uint8]) -> tuple[Floats, Floats]:
    """L*a*b* without texture, and how strongly it changes."""
    flat = cv2.bilateralFilter(cv2.pyrMeanShiftFiltering(picture, 5, 12, maxLevel=1), 0, 20, 2.0)
    lab = cv2.cvtColor(flat.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    return lab, cv2.morphologyEx(lab, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)).max(axis=2)


def _guesses(shape: tuple[int, ...], told: list[tuple[Floats, float]]) -> Iterator[NDArray[np.uint8]]:
    """What GrabCut begins with: one map of labels for each saliency and share."""
    for stands_out, share in told:
        strongest = float(np.percentile(stands_out, 97))
        labels = np.full(shape, cv2.GC_PR_BGD, np.uint8)
        labels[stands_out > share * strongest] = cv2.GC_PR_FGD
        labels[stands_out > SURELY * strongest] = cv2.GC_FGD
        yield labels


def _figure(picture: NDArray[np.uint8], labels: NDArray[np.uint8]) -> Mask:
    """What GrabCut makes of a guess; nothing where the guess has no figure or no ground."""
    figure = (labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD)
    if figure.all() or not figure.any():
        return np.zeros_like(figure)
    cv2.setRNGSeed(SEED)
    models = np.zeros((2, 1, 65))
    bgr = np.ascontiguousarray(picture[..., ::-1])
    cv2.grabCut(bgr, labels, (0, 0, 1, 1), models[0], models[1], ROUNDS, cv2.GC_INIT_WITH_MASK)
    return (labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD)


def _pieces(figure: Mask) -> Iterator[Mask]:
    """The connected pieces, as they are and with thin bridges cut."""
    for mask in (figure, cv2.morphologyEx(figure.astype(np.uint8), cv2.MORPH_OPEN, _disc(2)) > 0):
        count, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=4)
        area = np.bincount(labels.ravel(), minlength=count)
        for number in range(1, count):
            if SMALLEST_SHARE * mask.size <= area[number] <= LARGEST_SHARE * mask.size:
                yield labels == number


def _chosen(candidates: list[Mask], edge: Floats) -> NDArray[np.int32]:
    """The candidates with the clearest outlines, numbered from 1 on; of those that overlap only the best."""
    strength = cv2.dilate(edge, np.ones((3, 3), np.uint8))
    scores = [_score(mask, strength) for mask in candidates]
    found = np.zeros(edge.shape, np.int32)
    taken: list[Mask] = []
    for index in sorted(range(len(candidates)), key=lambda index: -scores[index]):
        mask = candidates[index]
        if scores[index] <= max(0.0, FAINT * max(scores)):
            break
        if not any((mask & other).sum() > OVERLAP * min(mask.sum(), other.sum()) for other in taken):
            taken.append(mask)
            found[mask & (found == 0)] = len(taken)
    return found


def _score(mask: Mask, strength: Floats) -> float:
    """How clearly a mask stands out along its outline; its part on the picture's frame counts as no edge."""
    drawn = mask.astype(np.uint8)
    outline = cv2.morphologyEx(drawn, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
    frame = int(mask[0].sum() + mask[-1].sum() + mask[:, 0].sum() + mask[:, -1].sum())
    length = outline.sum() / 2 + frame
    if frame > FRAME_SHARE * length:
        return -1.0
    values = np.concatenate([strength[outline], np.zeros(2 * frame, np.float32)])
    clear = float(np.percentile(values, WEAK_PERCENTILE) + 0.5 * values.mean())
    return clear * float(mask.sum() / mask.size) ** SIZE_POWER


def _settled(picture: NDArray[np.uint8], whole: NDArray[np.int32]) -> NDArray[np.int32]:
    """The objects on a larger copy of the picture, each with the outline that GrabCut finds near its own."""
    height, width = picture.shape[:2]
    found = cv2.resize(whole, (width, height), interpolation=cv2.INTER_NEAREST).astype(np.int32)
    for number in range(1, int(whole.max()) + 1):
        mask = found == number
        if not mask.any():
            continue
        better = _outlined(picture, mask, (found > 0) & ~mask)
        if (better & mask).sum() >= mask.sum() / 2:
            found[mask & ~better] = 0
            found[better] = number
    return found


def _outlined(picture: NDArray[np.uint8], mask: Mask, others: Mask) -> Mask:
    """The mask with its outline settled inside a band; `others` cannot become part of it."""
    reach = max(2, round(BAND_SHARE * float(np.sqrt(mask.sum()))))
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    around = np.s_[
        max(0, rows[0] - 3 * reach) : rows[-1] + 3 * reach + 1,
        max(0, columns[0] - 3 * reach) : columns[-1] + 3 * reach + 1,
    ]
    inside = mask[around].astype(np.uint8)
    labels = np.full(inside.shape, cv2.GC_BGD, np.uint8)
    labels[cv2.dilate(inside, _disc(reach)) > 0] = cv2.GC_PR_BGD
    labels[inside > 0] = cv2.GC_PR_FGD
    labels[cv2.erode(inside, _disc(reach)) > 0] = cv2.GC_FGD
    labels[others[around]] = cv2.GC_BGD
    found = np.zeros_like(mask)
    settled = _figure(picture[around], labels).astype(np.uint8)
    found[around] = clean_mask(cv2.morphologyEx(settled, cv2.MORPH_OPEN, _disc(HAIR_PX)) > 0)
    return found & ~others


def _disc(radius_px: int) -> NDArray[np.uint8]:
    size = 2 * radius_px + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), np.uint8)


def _stretched(labels: NDArray[np.int32], size: tuple[int, int]) -> NDArray[np.int32]:
    """The map at the picture's (width, height), with smooth outlines: each pixel takes the label that is strongest."""
    if labels.shape == (size[1], size[0]):
        return labels
    best = np.zeros((size[1], size[0]), np.float32)
    found = np.zeros((size[1], size[0]), np.int32)
    for name in np.unique(labels):
        weight = cv2.resize((labels == name).astype(np.float32), size, interpolation=cv2.INTER_LINEAR)
        wins = weight > best
        best[wins], found[wins] = weight[wins], name
    return found
