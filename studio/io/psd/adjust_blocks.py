"""Our adjustments as a PSD's tagged blocks, and back."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (psd-tools types its adjustment records as bare tuples and lists)

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Final, cast

from psd_tools.constants import Tag
from psd_tools.psd import adjustments as stored
from psd_tools.psd.descriptor import Bool, DescriptorBlock, Integer
from psd_tools.psd.tagged_blocks import TaggedBlocks

from studio.core.adjustments import (
    STRAIGHT,
    Adjustment,
    BrightnessContrast,
    ColorBalance,
    CurvePoints,
    Curves,
    Exposure,
    GradientMap,
    HueRange,
    HueSaturation,
    Invert,
    Levels,
    LevelsBand,
    Posterize,
    Threshold,
)
from studio.io.psd.gradient_map import read_gradient_map, write_gradient_map

_BANDS: Final = ("rgb", "red", "green", "blue")

# Where Photoshop puts its six colour ranges when nobody moved them.
_RANGES: Final = (
    (315, 345, 15, 45),
    (15, 45, 75, 105),
    (75, 105, 135, 165),
    (135, 165, 195, 225),
    (195, 225, 255, 285),
    (255, 285, 315, 345),
)

_LEVELS_HEAD = 2
_LEVELS_RECORD = 10

_OURS: Final[Mapping[Tag, str]] = {
    Tag.LEVELS: "Levels",
    Tag.CURVES: "Curves",
    Tag.HUE_SATURATION: "Hue/Saturation",
    Tag.HUE_SATURATION_V4: "Hue/Saturation",
    Tag.COLOR_BALANCE: "Color Balance",
    Tag.BRIGHTNESS_AND_CONTRAST: "Brightness/Contrast",
    Tag.EXPOSURE: "Exposure",
    Tag.THRESHOLD: "Threshold",
    Tag.POSTERIZE: "Posterize",
    Tag.GRADIENT_MAP: "Gradient Map",
}

OTHER_ADJUSTMENTS: Final[Mapping[Tag, str]] = {
    Tag.BLACK_AND_WHITE: "Black & White",
    Tag.CHANNEL_MIXER: "Channel Mixer",
    Tag.COLOR_LOOKUP: "Color Lookup",
    Tag.PHOTO_FILTER: "Photo Filter",
    Tag.SELECTIVE_COLOR: "Selective Color",
    Tag.VIBRANCE: "Vibrance",
}
"""Adjustments that Photoshop has and we do not."""


def other_adjustment(blocks: TaggedBlocks) -> str | None:
    """The name of an adjustment that we cannot do, or None."""
    return next((title for tag, title in OTHER_ADJUSTMENTS.items() if tag in blocks), None)


def read_adjustment(blocks: TaggedBlocks, gray: bool = False) -> Adjustment | None:
    """The adjustment of a layer record, or None when it is none of ours.

    In a grayscale file the one channel's values stand where red has them elsewhere; they act on all three of ours.
    """
    levels = _level_records(blocks)
    if levels is not None:
        return _levels(levels, gray)
    match blocks.get_data(Tag.CURVES):
        case stored.Curves() as curves:
            return _curves(curves, gray)
        case _:
            pass
    match blocks.get_data(Tag.HUE_SATURATION) or blocks.get_data(Tag.HUE_SATURATION_V4):
        case stored.HueSaturation() as hue:
            return _hue_saturation(hue)
        case _:
            pass
    match blocks.get_data(Tag.COLOR_BALANCE):
        case stored.ColorBalance() as balance:
            return ColorBalance(
                shadows=_three(balance.shadows, -100, 100),
                midtones=_three(balance.midtones, -100, 100),
                highlights=_three(balance.highlights, -100, 100),
                preserve_luminosity=bool(balance.luminosity),
            )
        case _:
            pass
    return _brightness_contrast(blocks) or _plain(blocks, gray)


def _plain(blocks: TaggedBlocks, gray: bool) -> Adjustment | None:
    """The adjustments with hardly a setting. Exposure in grayscale means another light than ours: see `substitutes`."""
    if Tag.INVERT in blocks:
        return Invert()
    exposure = blocks.get_data(Tag.EXPOSURE)
    if isinstance(exposure, stored.Exposure) and not gray:
        return Exposure(
            exposure=min(max(float(exposure.exposure), -20.0), 20.0),
            offset=min(max(float(exposure.offset), -0.5), 0.5),
            gamma=min(max(float(exposure.gamma), 0.01), 9.99),
        )
    threshold, levels = blocks.get_data(Tag.THRESHOLD), blocks.get_data(Tag.POSTERIZE)
    if isinstance(threshold, int):
        return Threshold(level=_within(threshold, 1, 255))
    if isinstance(levels, int):
        return Posterize(levels=_within(levels, 2, 255))
    gradient = blocks.get_data(Tag.GRADIENT_MAP)
    return read_gradient_map(gradient) if isinstance(gradient, stored.GradientMap) else None


def write_adjustment(adjustment: Adjustment, blocks: TaggedBlocks) -> None:
    """Put the adjustment's block or blocks into a layer record."""
    match adjustment:
        case Levels():
            records = [_level_record(getattr(adjustment, band)) for band in _BANDS]
            records += [_level_record(LevelsBand())] * (33 - len(records))
            blocks.set_data(Tag.LEVELS, version=2, extra_version=3, items=records)
        case Curves():
            _write_curves(adjustment, blocks)
        case HueSaturation():
            _write_hue_saturation(adjustment, blocks)
        case BrightnessContrast():
            _write_brightness_contrast(adjustment, blocks)
        case ColorBalance():
            blocks.set_data(
                Tag.COLOR_BALANCE,
                adjustment.shadows,
                adjustment.midtones,
                adjustment.highlights,
                adjustment.preserve_luminosity,
            )
        case Exposure():
            blocks.set_data(Tag.EXPOSURE, 1, adjustment.exposure, adjustment.offset, adjustment.gamma)
        case Invert():
            blocks.set_data(Tag.INVERT)
        case Threshold():
            blocks.set_data(Tag.THRESHOLD, adjustment.level)
        case Posterize():
            blocks.set_data(Tag.POSTERIZE, adjustment.levels)
        case GradientMap():
            write_gradient_map(adjustment, blocks)


def as_stored(adjustment: Adjustment) -> Adjustment | None:
    """What a reader gets back of the adjustment; None when its record cannot hold it."""
    if isinstance(adjustment, HueSaturation) and _slots(adjustment.ranges) is None:
        return None
    blocks = TaggedBlocks()
    try:
        write_adjustment(adjustment, blocks)
        return read_adjustment(TaggedBlocks.frombytes(blocks.tobytes(padding=1)))
    except (ValueError, OSError, struct.error):
        return None


def unreadable_adjustment(blocks: TaggedBlocks) -> str | None:
    """The name of one of our adjustments whose block is there but damaged, or None."""
    return next((title for tag, title in _OURS.items() if tag in blocks), None)


def _level_records(blocks: TaggedBlocks) -> Sequence[stored.LevelRecord] | None:
    """The four bands that we use, also where the rest of the block is not as Photoshop writes it (ag-psd's is not)."""
    parsed = blocks.get_data(Tag.LEVELS)
    if isinstance(parsed, stored.Levels):
        return list(parsed)
    raw = blocks[Tag.LEVELS].data if Tag.LEVELS in blocks else b""
    if not isinstance(raw, bytes) or len(raw) < _LEVELS_HEAD + 4 * _LEVELS_RECORD:
        return None
    return [
        stored.LevelRecord.frombytes(raw[_LEVELS_HEAD + index * _LEVELS_RECORD :][:_LEVELS_RECORD])
        for index in range(4)
    ]


def _levels(levels: Sequence[stored.LevelRecord], gray: bool) -> Levels:
    def band(index: int) -> LevelsBand:
        record = levels[index]
        return LevelsBand(
            black=_within(record.input_floor, 0, 255),
            white=_within(record.input_ceiling, 0, 255),
            gamma=_within(record.gamma, 10, 999) / 100,
            out_black=_within(record.output_floor, 0, 255),
            out_white=_within(record.output_ceiling, 0, 255),
        )

    if gray:
        return Levels(rgb=band(1))
    return Levels(rgb=band(0), red=band(1), green=band(2), blue=band(3))


def _level_record(band: LevelsBand) -> stored.LevelRecord:
    return stored.LevelRecord(band.black, band.white, band.out_black, band.out_white, round(band.gamma * 100))


def _curves(curves: stored.Curves, gray: bool) -> Curves:
    """From the extra list where there is one: it says which channel each curve is for."""
    extra = curves.extra
    if isinstance(extra, stored.CurvesExtraMarker) and len(extra):
        pairs = [(int(item.channel_id), cast(Sequence[object], item.points)) for item in extra]
    elif curves.version == 1:
        bits = [bit for bit in range(32) if curves.count_map >> bit & 1]
        pairs = list(zip(bits, cast(Sequence[Sequence[object]], curves.data), strict=False))
    else:
        pairs = list(enumerate(cast(Sequence[Sequence[object]], curves.data)))
    found = {channel: _points(points) for channel, points in pairs}
    if gray:
        return Curves(rgb=found.get(1, STRAIGHT))
    return Curves(**{band: found.get(channel, STRAIGHT) for channel, band in enumerate(_BANDS)})


def _points(points: Sequence[object]) -> CurvePoints:
    """(output, input) pairs as the file has them, or a table of 256 outputs, as our rising (input, output) pairs."""
    if points and isinstance(points[0], int):
        table = cast(Sequence[int], points)
        return tuple((x, table[x]) for x in range(0, 256, 15))
    rising: dict[int, int] = {}
    for output, position in cast(Sequence[tuple[int, int]], points):
        rising[_within(position, 0, 255)] = _within(output, 0, 255)
    return tuple(sorted(rising.items())) if len(rising) > 1 else STRAIGHT


def _write_curves(curves: Curves, blocks: TaggedBlocks) -> None:
    bent = [(channel, getattr(curves, band)) for channel, band in enumerate(_BANDS)]
    bent = [(channel, points) for channel, points in bent if points != STRAIGHT]
    data = [[(output, position) for position, output in points] for _, points in bent]
    items = [stored.CurvesExtraItem(channel, points) for (channel, _), points in zip(bent, data, strict=True)]
    blocks.set_data(
        Tag.CURVES,
        is_map=False,
        version=1,
        count_map=sum(1 << channel for channel, _ in bent),
        data=data,
        extra=_extra_curves(items),
    )


def _extra_curves(items: list[stored.CurvesExtraItem]) -> stored.CurvesExtraMarker:
    marker = stored.CurvesExtraMarker(version=4)
    marker.extend(items)
    return marker


def _hue_saturation(hue: stored.HueSaturation) -> HueSaturation:
    if hue.enable:
        shift, saturation, lightness = hue.colorization
        return HueSaturation(
            hue=_within(shift, -180, 360) % 360 if shift != 360 else 360,
            saturation=_within(saturation, 0, 100),
            lightness=_within(lightness, -100, 100),
            colorize=True,
        )
    ranges = tuple(
        HueRange(
            hue=_within(shift[0], -180, 180),
            saturation=_within(shift[1], -100, 100),
            lightness=_within(shift[2], -100, 100),
            angles=(int(angles[0]), int(angles[1]), int(angles[2]), int(angles[3])),
        )
        for angles, shift in hue.items
        if any(shift)
    )
    master = hue.master
    return HueSaturation(
        hue=_within(master[0], -180, 180),
        saturation=_within(master[1], -100, 100),
        lightness=_within(master[2], -100, 100),
        ranges=ranges,
    )


def _write_hue_saturation(hue: HueSaturation, blocks: TaggedBlocks) -> None:
    values = (hue.hue, hue.saturation, hue.lightness)
    slots = _slots(() if hue.colorize else hue.ranges) or ()
    blocks.set_data(
        Tag.HUE_SATURATION,
        version=2,
        enable=int(hue.colorize),
        colorization=values if hue.colorize else (0, 25, 0),
        master=(0, 0, 0) if hue.colorize else values,
        items=[[slot.angles, (slot.hue, slot.saturation, slot.lightness)] for slot in slots],
    )


def _slots(ranges: Sequence[HueRange]) -> tuple[HueRange, ...] | None:
    """The six ranges of the record, ours at their own places or at free ones; None when there are too many."""
    if len(ranges) > len(_RANGES):
        return None
    slots: list[HueRange | None] = [None] * len(_RANGES)
    moved: list[HueRange] = []
    for part in ranges:
        place = _RANGES.index(part.angles) if part.angles in _RANGES else None
        if place is None or slots[place] is not None:
            moved.append(part)
        else:
            slots[place] = part
    for part in moved:
        slots[slots.index(None)] = part
    return tuple(slot or HueRange(angles=angles) for slot, angles in zip(slots, _RANGES, strict=True))


def _brightness_contrast(blocks: TaggedBlocks) -> BrightnessContrast | None:
    """The descriptor of newer files, else the plain record, which is what the legacy method stores."""
    descriptor = blocks.get_data(Tag.CONTENT_GENERATOR_EXTRA_DATA)
    if isinstance(descriptor, DescriptorBlock) and b"Brgh" in descriptor:
        legacy = bool(_number(descriptor, b"useLegacy"))
        low = -100 if legacy else -50
        return BrightnessContrast(
            brightness=_within(_number(descriptor, b"Brgh"), -100 if legacy else -150, 100 if legacy else 150),
            contrast=_within(_number(descriptor, b"Cntr"), low, 100),
            legacy=legacy,
        )
    record = blocks.get_data(Tag.BRIGHTNESS_AND_CONTRAST)
    if not isinstance(record, stored.BrightnessContrast):
        return None
    return BrightnessContrast(
        brightness=_within(_signed(record.brightness), -100, 100),
        contrast=_within(_signed(record.contrast), -100, 100),
        legacy=True,
    )


def _write_brightness_contrast(value: BrightnessContrast, blocks: TaggedBlocks) -> None:
    plain = (value.brightness & 0xFFFF, value.contrast & 0xFFFF) if value.legacy else (0, 0)
    blocks.set_data(Tag.BRIGHTNESS_AND_CONTRAST, plain[0], plain[1], 127 if value.legacy else 0, 0)
    descriptor = DescriptorBlock(name="\0", classID=b"null", version=16)
    descriptor[b"Vrsn"] = Integer(1)
    descriptor[b"Brgh"] = Integer(value.brightness)
    descriptor[b"Cntr"] = Integer(value.contrast)
    descriptor[b"means"] = Integer(127)
    descriptor[b"Lab "] = Bool(False)
    descriptor[b"useLegacy"] = Bool(value.legacy)
    descriptor[b"Auto"] = Bool(False)
    blocks.set_data(Tag.CONTENT_GENERATOR_EXTRA_DATA)
    blocks[Tag.CONTENT_GENERATOR_EXTRA_DATA].data = descriptor


def _number(descriptor: DescriptorBlock, key: bytes) -> int:
    value = getattr(descriptor.get(key), "value", 0)
    return int(value) if isinstance(value, (int, float)) else 0


def _signed(value: int) -> int:
    return value - 0x10000 if value > 0x7FFF else value


def _within(value: object, low: int, high: int) -> int:
    return max(low, min(high, int(value))) if isinstance(value, (int, float)) else low


def _three(values: Sequence[object], low: int, high: int) -> tuple[int, int, int]:
    first, second, third = (_within(value, low, high) for value in values)
    return first, second, third
