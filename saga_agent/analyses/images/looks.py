"""Images by their looks: a hash that survives shrinking and saving anew, and the colours.

The hash is a 64-bit dHash (does each point of a 9 x 8 grid get lighter to the right?), taken of the image and of its
mirror, which nothing else would find.
"""

# Pillow types its sizes with numpy's arrays, which are unknown where numpy is not installed.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import io
import math
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from saga_agent.errors import InvalidInput, MissingExtra

if TYPE_CHECKING:
    from PIL import Image

MAX_PIXELS = 50_000_000
_GRID = (9, 8)
_HUES, _SATURATIONS, _VALUES = 8, 3, 3
_COLOUR_SIZE = (64, 64)


@dataclass(frozen=True, slots=True)
class Look:
    """What is compared of an image."""

    dhash: int
    mirror_dhash: int
    colours: tuple[float, ...]
    """A histogram over hue, saturation and value, of length 1."""
    is_animated: bool = False
    """Only its first frame was looked at."""


def look_at(data: bytes) -> Look:
    """What is compared of an image file.

    Raises: `InvalidInput` for what is no whole image, and for too many pixels before any is decoded; `MissingExtra`.
    """
    try:
        from PIL import Image, ImageOps, UnidentifiedImageError  # an optional extra
    except ImportError:
        raise MissingExtra("Comparing images", "images") from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit comes first
            image = Image.open(io.BytesIO(data))
        if image.width * image.height > MAX_PIXELS:
            raise InvalidInput(f"The image has {image.width} x {image.height} pixels; up to {MAX_PIXELS:,} are read.")
        animated = bool(getattr(image, "is_animated", False))
        picture = _on_white(image)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError, EOFError) as error:
        if isinstance(error, InvalidInput):
            raise
        if isinstance(error, Image.DecompressionBombError):
            raise InvalidInput(f"The image has more than {MAX_PIXELS:,} pixels.") from None
        raise InvalidInput("This is not a whole image file; give a PNG, JPEG, GIF or WebP.") from None
    return Look(_dhash(picture), _dhash(ImageOps.mirror(picture)), _colours(picture), animated)


def hash_distance(one: int, other: int) -> int:
    """How many of the 64 bits differ: 0 for the same image, about 32 for two that have nothing in common."""
    return (one ^ other).bit_count()


def colour_distance(one: Look, other: Look) -> int:
    """How unlike the colours are, in percent: 0 for the same, 100 for none in common."""
    return round(100 * (1 - sum(a * b for a, b in zip(one.colours, other.colours, strict=True))))


def _on_white(image: Image.Image) -> Image.Image:
    from PIL import Image as Pillow  # an optional extra

    image.load()
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        white = Pillow.new("RGBA", rgba.size, "white")
        return Pillow.alpha_composite(white, rgba).convert("RGB")
    return image.convert("RGB")


def _dhash(image: Image.Image) -> int:
    from PIL import Image as Pillow  # an optional extra

    points = image.convert("L").resize(_GRID, Pillow.Resampling.LANCZOS).tobytes()
    bits = 0
    for row in range(_GRID[1]):
        for column in range(_GRID[0] - 1):
            at = row * _GRID[0] + column
            bits = bits << 1 | (points[at] < points[at + 1])
    return bits


def _colours(image: Image.Image) -> tuple[float, ...]:
    from PIL import Image as Pillow  # an optional extra

    points = image.resize(_COLOUR_SIZE, Pillow.Resampling.BILINEAR).convert("HSV").tobytes()
    counts = [0.0] * (_HUES * _SATURATIONS * _VALUES)
    for at in range(0, len(points), 3):
        hue, saturation, value = points[at] * _HUES // 256, points[at + 1] * _SATURATIONS // 256, points[at + 2]
        counts[(hue * _SATURATIONS + saturation) * _VALUES + value * _VALUES // 256] += 1
    length = math.sqrt(sum(count * count for count in counts)) or 1.0
    return tuple(count / length for count in counts)
