"""PNG files as chunks: checked lengths and sums, and text put in without touching the picture."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

from saga_agent.errors import UnreadableFile

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_CHUNKS = 50_000
MAX_TEXT_BYTES = 40 * 1024 * 1024
"""Of one text once inflated; more than any card holds, and a bound for what a few bytes can inflate to."""

_FRAME_BYTES = 12  # length, kind, sum
_TEXT, _PACKED_TEXT, _INTERNATIONAL_TEXT = b"tEXt", b"zTXt", b"iTXt"
_TEXTS = (_TEXT, _PACKED_TEXT, _INTERNATIONAL_TEXT)
_END = b"IEND"


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk: its four letters and what is in it."""

    kind: bytes
    body: bytes

    @property
    def keyword(self) -> str:
        """The keyword of a text chunk, of any of the three kinds, as written; empty for other chunks."""
        return self.body.partition(b"\0")[0].decode("latin-1") if self.kind in _TEXTS else ""

    @property
    def text(self) -> bytes:
        """The text of a text chunk, inflated where it is packed.

        Raises: `ValueError` for one that is damaged, or has more than `MAX_TEXT_BYTES`.
        """
        head, rest = self._split()
        if self.kind == _TEXT or (self.kind == _INTERNATIONAL_TEXT and head[:1] != b"\1"):
            return rest
        return _inflated(rest)

    def with_text(self, text: bytes) -> Chunk:
        """The same chunk with another text: of its kind, its keyword as written, packed if it was."""
        head, _ = self._split()
        is_packed = self.kind == _PACKED_TEXT or head[:1] == b"\1"
        keyword = self.body.partition(b"\0")[0] + b"\0"
        return Chunk(self.kind, keyword + head + (zlib.compress(text) if is_packed else text))

    def _split(self) -> tuple[bytes, bytes]:
        """What stands between the keyword and the text (how it is packed, and its language), and the text as it is."""
        rest = self.body.partition(b"\0")[2]
        if self.kind == _PACKED_TEXT:
            return rest[:1], rest[1:]
        if self.kind == _INTERNATIONAL_TEXT:
            language, _, tail = rest[2:].partition(b"\0")
            translated, _, text = tail.partition(b"\0")
            return b"".join([rest[:2], language, b"\0", translated, b"\0"]), text
        return b"", rest

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
    """The picture with these texts in place of those of the same keywords, in any case.

    A text that is there keeps the kind of its chunk; further ones of its keyword go, new ones stand before the end.
    """
    left = dict(texts)
    written = [SIGNATURE]
    for chunk in read_chunks(data, name=name):
        keyword = chunk.keyword.lower()
        if chunk.kind == _END:
            written += [text_chunk(each, text).packed() for each, text in left.items()]
        if keyword not in texts:
            written.append(chunk.packed())
        elif keyword in left:
            written.append(chunk.with_text(left.pop(keyword)).packed())
    return b"".join(written)


def _inflated(packed: bytes) -> bytes:
    inflater = zlib.decompressobj()
    try:
        text = inflater.decompress(packed, MAX_TEXT_BYTES)
    except zlib.error:
        raise ValueError("it is packed and damaged") from None
    if inflater.unconsumed_tail:
        raise ValueError(f"it has more than {MAX_TEXT_BYTES // (1024 * 1024)} MB once unpacked")
    if not inflater.eof:
        raise ValueError("it is packed and cut off")
    return text


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
