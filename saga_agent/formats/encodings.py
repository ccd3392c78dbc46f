"""Encodings: how the bytes of a text are to be read, by what it says or by what its letters look like."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

_SAMPLE = 200_000
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")
_BEFORE, _AFTER = 40, 2_000
_DECLARED = re.compile(
    rb"(?:character set encoding|charset|(?:file)?encoding|coding)\s*[:=]\s*[\"']?(?P<name>[A-Za-z][\w.:-]{1,39})",
    re.IGNORECASE,
)
_HEAD = 4_000
_WIDER = {  # what people call by the first name is, where they differ, nearly always the second
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-8": "cp1255",
    "iso8859-7": "cp1253",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "iso8859-11": "cp874",
}
_RARE = ("kz1048", "ptcp154", "hp-roman8", "koi8-t")
_NEAR = 0.95
"""Of encodings that are about as likely, the one wins that makes the fewest odd words."""
_ODD = re.compile(r"[^\W\d_][°±²³´µ·¹¼½¾×÷¤¦§¨ª¬¯¶¸º√∞≈∆◊]|[√±∂∑∏π∫Ω≈∆◊¤¦§¨¬¶¸×÷][^\W\d_]|[a-zа-яё][A-ZА-ЯЁЂЃЌ]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
_MAX_CONTROL_SHARE = 0.002


@dataclass(frozen=True, slots=True)
class Guess:
    """An encoding that the bytes do not say, found by statistics."""

    encoding: str
    """The name of a codec."""
    confidence: float
    """0 to 1; a few accents in a long text make a low one."""
    others: tuple[str, ...]
    """The next likely ones that read it otherwise."""

    @property
    def told(self) -> str:
        """What was assumed, in words for people."""
        others = f"; else {' or '.join(map(_shown, self.others))}" if self.others else ""
        return f"{_shown(self.encoding)} (confidence {self.confidence:.0%}{others})"


def _shown(codec: str) -> str:
    return f"Windows-{codec[2:]}" if codec.startswith("cp125") else codec.upper().replace("_", "-")


def codec_of(name: str) -> str | None:
    """The codec of that name where there is one for texts, by its wider sibling; None otherwise."""
    try:
        codec = codecs.lookup(name).name
        "".encode(codec)
    except (LookupError, UnicodeError, ValueError):
        return None
    return _WIDER.get(codec, codec)


def declared_encoding(data: bytes) -> str | None:
    """The codec that the first lines of a text name, if they do and it reads all of it."""
    match = _DECLARED.search(data[:_HEAD])
    codec = codec_of(match["name"].decode("ascii")) if match else None
    return codec if codec and reads(data, codec) else None


def reads(data: bytes, codec: str) -> bool:
    """Whether the codec reads all the bytes, and as text."""
    try:
        text = data.decode(codec)
    except (UnicodeError, LookupError):
        return False
    return len(_CONTROLS.findall(text)) <= _MAX_CONTROL_SHARE * len(text)


def guess_encoding(data: bytes) -> Guess | None:
    """The likeliest encoding by the frequencies of letters; None when nothing reads the bytes as text."""
    from chardet import EncodingEra, detect_all  # start-up cost: its models are large

    candidates = [
        (codec, each["confidence"])
        for each in detect_all(_sample(data), encoding_era=~EncodingEra.MAINFRAME, exclude_encodings=_RARE)
        if each["encoding"] and (codec := codec_of(each["encoding"])) and reads(data, codec)
    ]
    if not candidates:
        return None
    best = candidates[0][1]
    near = [(codec, sure) for codec, sure in candidates if sure >= _NEAR * best]
    codec, confidence = min(near, key=lambda each: _oddities(_sample(data).decode(each[0], errors="replace")))
    text = data.decode(codec)
    others = dict.fromkeys(other for other, _ in candidates if data.decode(other) != text)
    return Guess(codec, confidence, tuple(others)[:2])


def _oddities(text: str) -> int:
    """How often a sign stands beside a letter, or a capital after a small letter, as in no language."""
    return len(_ODD.findall(text))


def _sample(data: bytes) -> bytes:
    """What tells something: the surroundings of bytes beyond ASCII, unless it is an encoding of pairs or escapes."""
    if len(data) <= _SAMPLE or b"\0" in data or b"\x1b" in data[:_SAMPLE]:
        return data[:_SAMPLE]
    pieces: list[bytes] = []
    size = at = 0
    while size < _SAMPLE and (found := _BEYOND_ASCII.search(data, at)):
        start, at = max(at, found.start() - _BEFORE), found.end() + _AFTER
        pieces.append(data[start:at])
        size += at - start
    return b"".join(pieces) or data[:_SAMPLE]
