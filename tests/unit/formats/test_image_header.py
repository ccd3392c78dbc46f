"""Image headers: kind and size of a picture before anybody decodes it."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saga_agent.errors import InvalidInput
from saga_agent.formats.image_header import ImageHeader, read_image_header


def png(width: int, height: int) -> bytes:
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))


JPEG = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xff\xc0\x00\x11\x08" + struct.pack(">HH", 480, 640) + bytes(12)
GIF = b"GIF89a" + struct.pack("<HH", 3, 5) + bytes(3)
WEBP_LOSSLESS = b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f" + struct.pack("<I", (100 - 1) | (50 - 1) << 14)
WEBP_LARGE = b"RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0" + (1999).to_bytes(3, "little") + (999).to_bytes(3, "little")
WEBP_PLAIN = b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 320, 200)


@pytest.mark.parametrize(
    ("data", "header"),
    [
        (png(12, 7), ImageHeader("image/png", 12, 7)),
        (JPEG, ImageHeader("image/jpeg", 640, 480)),
        (GIF, ImageHeader("image/gif", 3, 5)),
        (WEBP_LOSSLESS, ImageHeader("image/webp", 100, 50)),
        (WEBP_LARGE, ImageHeader("image/webp", 2000, 1000)),
        (WEBP_PLAIN, ImageHeader("image/webp", 320, 200)),
    ],
)
def test_kind_and_size_are_read_from_the_first_bytes(data: bytes, header: ImageHeader) -> None:
    assert read_image_header(data) == header


@pytest.mark.parametrize("data", [png(12, 7), JPEG, GIF, WEBP_LOSSLESS, WEBP_LARGE, WEBP_PLAIN])
def test_an_image_cut_off_in_its_header_is_refused(data: bytes) -> None:
    for length in range(9 if data is GIF else 16):
        with pytest.raises(InvalidInput):
            read_image_header(data[:length])


@given(
    st.binary(max_size=64), st.sampled_from([b"", b"\xff\xd8\xff", b"GIF89a", b"RIFF\0\0\0\0WEBPVP8X", png(1, 1)[:16]])
)
def test_any_bytes_are_an_image_or_refused_in_words(data: bytes, start: bytes) -> None:
    try:
        header = read_image_header(start + data)
    except InvalidInput:
        return
    assert header.pixels > 0
