"""Text files as people have them: whatever the encoding, decoded; whatever is no text, refused with a reason."""

from __future__ import annotations

import codecs
import stat
from dataclasses import dataclass
from pathlib import Path

from saga_agent.errors import InvalidInput, UnreadableFile
from saga_agent.formats.encodings import declared_encoding, guess_encoding

MAX_BYTES = 50 * 1024 * 1024

_BOMS = (  # UTF-32 first: its little-endian mark begins with the one of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SIGNATURES = (
    (b"PK\x03\x04", "it is a zip archive, perhaps a Word or EPUB document, where text is wanted"),
    (b"\xd0\xcf\x11\xe0", "it is an old or a locked Word document; save it as .docx without a password"),
    (b"%PDF", "it is a PDF; export the text as plain text or Markdown"),
    (b"\x89PNG", "it is a picture"),
    (b"\xff\xd8\xff", "it is a picture"),
    (b"GIF8", "it is a picture"),
    (b"\x1f\x8b", "it is a packed file (gzip); unpack it first"),
    (b"\x7fELF", "it is a program"),
    (b"{\\rtf", "it is rich text (RTF); save it as plain text or Markdown"),
)
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1a\x1b")) + b"\x7f"
_MAX_CONTROL_SHARE = 0.01
_MAX_BAD_UTF8_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class DecodedText:
    """The text of a file, and what had to be assumed to read it."""

    text: str
    warnings: tuple[str, ...] = ()
    encoding: str = "utf-8"
    """The codec that read it."""


def read_text_file(path: Path, *, encoding: str | None = None) -> DecodedText:
    """The text of a file of at most 50 MB; UnreadableFile says why there is none."""
    return decode_text(path, read_bytes(path), encoding=encoding)


def decode_text(path: Path, data: bytes, *, encoding: str | None = None) -> DecodedText:
    """The text of a file that has been read; UnreadableFile says why there is none.

    Its encoding is the one that is given, or its byte order mark, or UTF-8 where that fits, or what it declares in its
    first lines, or what its letters look like; the last two are told in the warnings.
    """
    if not data.strip():
        raise UnreadableFile(str(path), "the file is empty")
    for signature, reason in _SIGNATURES:
        if data.startswith(signature):
            raise UnreadableFile(str(path), reason)
    decoded = _decode(path, data, encoding)
    if not decoded.text.strip("\ufeff \t\r\n\f\v"):
        raise UnreadableFile(str(path), "the file is empty")
    return decoded


def read_bytes(path: Path) -> bytes:
    """The bytes of a regular file of at most 50 MB; UnreadableFile says why there are none."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise UnreadableFile(str(path), "it is a folder; name one file")
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableFile(str(path), "it is not a regular file")
        if status.st_size > MAX_BYTES:
            size = status.st_size / (1024 * 1024)
            raise UnreadableFile(str(path), f"it has {size:.0f} MB, the limit is 50 MB; split it by book or part")
        return path.read_bytes()
    except FileNotFoundError:
        raise UnreadableFile(str(path), "there is no such file") from None
    except PermissionError:
        raise UnreadableFile(str(path), "no permission to read it") from None
    except (OSError, ValueError) as error:  # ValueError: a path that holds a NUL character
        raise UnreadableFile(str(path), str(error)) from error


def _decode(path: Path, data: bytes, encoding: str | None) -> DecodedText:
    if encoding is not None:
        return _decode_as(path, data, encoding)
    for bom, codec in _BOMS:
        if data.startswith(bom):
            return _decode_marked(path, data, codec)
    if not data.count(b"\0") > _MAX_CONTROL_SHARE * len(data) and b"\x1b$" not in data:
        try:
            return _without_controls(path, data, data.decode("utf-8"))
        except UnicodeDecodeError as error:
            if damaged := _decode_damaged(data, error):
                return damaged
    if codec := declared_encoding(data):
        return DecodedText(data.decode(codec), (f"It was read as {codec}, as it says itself.",), codec)
    if guess := guess_encoding(data):
        told = f"The file does not say its encoding and was read as {guess.told}: check its letters, or name it."
        return DecodedText(data.decode(guess.encoding), (told,), guess.encoding)
    _refuse_controls(path, data)
    raise UnreadableFile(str(path), "no encoding that we know reads it as text; name it with --encoding (encoding=...)")


def _decode_as(path: Path, data: bytes, encoding: str) -> DecodedText:
    """The text in the encoding that the caller names."""
    try:
        return DecodedText(data.decode(encoding), encoding=encoding)
    except LookupError:
        raise InvalidInput(
            f"There is no encoding {encoding!r}; name one such as utf-8, windows-1251 or gb18030."
        ) from None
    except UnicodeError as error:
        at = error.start if isinstance(error, UnicodeDecodeError) else 0
        raise UnreadableFile(
            str(path), f"it is not {encoding}: byte {at} does not fit; name another encoding"
        ) from None


def _decode_marked(path: Path, data: bytes, codec: str) -> DecodedText:
    """The text after a byte order mark; a mark that says otherwise than the bytes is told."""
    try:
        return DecodedText(data.decode(codec), encoding=codec)
    except UnicodeDecodeError as error:
        name = codec.upper().removesuffix("-SIG")
        raise UnreadableFile(str(path), f"it starts as {name} but is damaged at byte {error.start}") from None


def _without_controls(path: Path, data: bytes, text: str) -> DecodedText:
    """A text in UTF-8; a few control characters in it become blanks, many are no text."""
    _refuse_controls(path, data)
    stray = sum(map(text.count, map(chr, _CONTROLS)))
    told = (f"{stray} control character(s) became blanks.",) if stray else ()
    return DecodedText(text, told)


def _refuse_controls(path: Path, data: bytes) -> None:
    if data.count(b"\0") > _MAX_CONTROL_SHARE * len(data):
        raise UnreadableFile(str(path), "it holds NUL bytes, so it is a binary file; if it is text, name its encoding")
    if len(data) - len(data.translate(None, _CONTROLS)) > _MAX_CONTROL_SHARE * len(data):
        raise UnreadableFile(str(path), "it holds too many control characters to be text, so it is a binary file")


def _decode_damaged(data: bytes, error: UnicodeDecodeError) -> DecodedText | None:
    """A text that is UTF-8 but for a few bytes."""
    repaired = data.decode("utf-8", errors="replace")
    bad = repaired.count("\ufffd")
    beyond_ascii = sum(1 for byte in data if byte >= 0xC2)
    if bad > _MAX_BAD_UTF8_SHARE * beyond_ascii:
        return None
    where = f"the first at byte {error.start}"
    return DecodedText(repaired, (f"{bad} damaged UTF-8 sequence(s), {where}, were replaced by \ufffd.",))
