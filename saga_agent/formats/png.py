"""PNG files as chunks: checked lengths and sums, and text put in without touching the picture."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

from saga_agent.errors import UnreadableFile

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_CHUNKS = 50_000

_FRAME_BYTES = 12  # length, kind, sum
_TEXT = b"tEXt"
_END = b"IEND"


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk: its four letters and what is in it."""

    kind: bytes
    body: bytes

    @property
    def keyword(self) -> str:
        """The keyword of a text chunk, empty for other chunks."""
        return self.body.partition(b"\0")[0].decode("latin-1") if self.kind == _TEXT else ""

    @property
    def text(self) -> bytes:
        """The text of a text chunk."""
        return self.body.partition(b"\0")[2]

    def packed(self) -> bytes:
        """The chunk as it stands in a file."""
        length = struct.pack(">I", len(self.body))
        return length + self.kind + self.body + struct.pack(">I", zlib.crc32(self.kind + self.body))


def text_chunk(keyword: str, text: bytes) -> Chunk:
    """A text chunk."""
    return Chunk(_TEXT, keyword.encode("latin-1") + b"\0" + text)


def read_chunks(data: bytes, *, name: str) -> tuple[Chunk, ...]:
    """The chunks of a PNG file up to its end; UnreadableFile when one is cut off or damaged."""
    if not data.startswith(SIGNATURE):
        raise UnreadableFile(name, "it is no PNG picture")
    chunks: list[Chunk] = []
    position = len(SIGNATURE)
    while not chunks or chunks[-1].kind != _END:
        if len(chunks) == MAX_CHUNKS:
            raise UnreadableFile(name, f"the picture has more than {MAX_CHUNKS:,} chunks")
        chunks.append(_chunk_at(data, position, name))
        position += _FRAME_BYTES + len(chunks[-1].body)
    return tuple(chunks)


def with_texts(data: bytes, texts: dict[str, bytes], *, name: str) -> bytes:
    """The picture with these text chunks in place of those of the same keywords; new ones stand before its end."""
    left = dict(texts)
    written = [SIGNATURE]
    for chunk in read_chunks(data, name=name):
        if chunk.kind == _END:
            written += [text_chunk(keyword, text).packed() for keyword, text in left.items()]
        if chunk.keyword not in texts:
            written.append(chunk.packed())
        elif chunk.keyword in left:
            written.append(text_chunk(chunk.keyword, left.pop(chunk.keyword)).packed())
    return b"".join(written)


def _chunk_at(data: bytes, position: int, name: str) -> Chunk:
    if position + _FRAME_BYTES > len(data):
        raise UnreadableFile(name, "the picture is cut off")
    (length,) = struct.unpack_from(">I", data, position)
    end = position + 8 + length
    if end + 4 > len(data):
        raise UnreadableFile(name, f"a chunk of the picture claims {length:,} bytes, more than there are")
    chunk = Chunk(data[position + 4 : position + 8], data[position + 8 : end])
    if struct.unpack_from(">I", data, end)[0] != zlib.crc32(chunk.kind + chunk.body):
        raise UnreadableFile(name, f"the chunk {chunk.kind.decode('latin-1')!r} of the picture is damaged")
    return chunk
