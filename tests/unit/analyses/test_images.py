"""Images by their words and by their looks."""

import contextlib
import io
import random
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saga_agent.analyses.images.captions import score_captions
from saga_agent.analyses.images.looks import MAX_PIXELS, colour_distance, hash_distance, look_at
from saga_agent.errors import InvalidInput

Image = pytest.importorskip("PIL.Image", reason="the extra `images` is not installed")
ImageOps = pytest.importorskip("PIL.ImageOps")


def picture(seed: int, size: tuple[int, int] = (320, 240)) -> "Image.Image":
    """Soft blots of colour, as photographs have them."""
    rng = random.Random(seed)
    small = bytes(rng.randrange(256) for _ in range(6 * 5 * 3))
    return Image.frombytes("RGB", (6, 5), small).resize(size, Image.Resampling.BICUBIC)


def saved(image: "Image.Image", kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def test_captions_are_scored_as_measured() -> None:
    captions = {"1": "a red tower at dusk", "2": "old tower ruins", "3": "red boat on the lake", "4": ""}
    del captions["4"]

    scores = score_captions("red tower", captions)

    assert [(key, round(score, 3)) for key, score in scores.items()] == [("1", 0.879), ("2", 0.546), ("3", 0.44)]
    assert score_captions("harbour", captions) == {}
    assert score_captions("red", {}) == {}


def test_a_shrunk_and_resaved_image_is_the_same_and_another_is_not() -> None:
    original = picture(1)
    shrunk = original.resize((90, 70))
    one, same, other = (
        look_at(data) for data in (saved(original), saved(shrunk, "JPEG", quality=40), saved(picture(2)))
    )

    assert hash_distance(one.dhash, same.dhash) <= 4
    assert hash_distance(one.dhash, other.dhash) > 15
    assert colour_distance(one, same) < 10


def test_a_mirrored_image_is_found_by_the_second_hash_alone() -> None:
    one, mirror = look_at(saved(picture(1))), look_at(saved(ImageOps.mirror(picture(1))))

    assert hash_distance(one.dhash, mirror.dhash) > 15
    assert hash_distance(one.mirror_dhash, mirror.dhash) <= 2


def test_a_truncated_image_and_what_is_none_are_refused() -> None:
    whole = saved(picture(1))
    for data in (whole[: len(whole) // 2], whole[:20], b"", b"GIF89a", b"hello" * 100):
        with pytest.raises(InvalidInput, match="whole image"):
            look_at(data)


def huge_png(side: int = 20_000) -> bytes:
    """The head of a PNG that would take more than a gigabyte."""
    head = b"IHDR" + side.to_bytes(4, "big") * 2 + b"\x08\x02\x00\x00\x00"
    png = b"\x89PNG\r\n\x1a\n" + (13).to_bytes(4, "big") + head + zlib.crc32(head).to_bytes(4, "big")
    return png + (0).to_bytes(4, "big") + b"IDAT" + zlib.crc32(b"IDAT").to_bytes(4, "big")


@pytest.mark.parametrize("side", [7_100, 20_000])
def test_too_many_pixels_are_refused_before_decoding(side: int) -> None:
    assert MAX_PIXELS == 50_000_000
    with pytest.raises(InvalidInput, match="pixels"):
        look_at(huge_png(side))


def test_of_a_moving_image_the_first_frame_counts() -> None:
    moving = saved(picture(1), "GIF", save_all=True, append_images=[picture(2), picture(3)])

    look = look_at(moving)

    assert look.is_animated
    assert hash_distance(look.dhash, look_at(saved(picture(1))).dhash) <= 6


def test_transparent_images_lie_on_white() -> None:
    clear = Image.new("RGBA", (50, 50), (255, 0, 0, 0))

    assert colour_distance(look_at(saved(clear)), look_at(saved(Image.new("RGB", (50, 50), "white")))) == 0


def test_colours_tell_red_from_blue() -> None:
    red, blue = (look_at(saved(Image.new("RGB", (50, 50), colour))) for colour in ("red", "blue"))

    assert colour_distance(red, blue) == 100
    assert colour_distance(red, red) == 0


@given(
    st.binary(max_size=200),
    st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"\xff\xd8\xff\xe0", b"RIFF\x00\x00\x00\x00WEBP"]),
)
def test_any_bytes_are_an_image_or_refused(data: bytes, magic: bytes) -> None:
    with contextlib.suppress(InvalidInput):
        look_at(magic + data)
