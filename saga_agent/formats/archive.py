"""Zip archives from strangers: checked whole before a byte is inflated, read from memory, never unpacked to disk."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Collection

from saga_agent.errors import UnreadableFile

MAX_INFLATED_BYTES = 200 * 1024 * 1024
MAX_MEMBERS = 10_000
MAX_RATIO = 200
"""Inflated to packed size; prose packs 3 to 5 times, the XML of a word processor up to 60 times."""

_FREE_RATIO_BYTES = 1024 * 1024
"""Smaller members may pack as well as they like."""
_CENTRAL_ENTRY = b"PK\x01\x02"
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
    OverflowError,
    NotImplementedError,
    KeyError,
    IndexError,
)


class Archive:
    """The members of one zip archive, by name."""

    def __init__(self, data: bytes, *, name: str) -> None:
        """Raises: `UnreadableFile` for what is damaged, encrypted, too large inflated, or names files outside."""
        self._name = name
        if data.count(_CENTRAL_ENTRY) > MAX_MEMBERS:
            raise UnreadableFile(name, f"it holds more than {MAX_MEMBERS:,} files")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except _DAMAGE:
            reason = "it begins like a Word, EPUB or other zip file but is damaged; get the file again"
            raise UnreadableFile(name, reason) from None
        self._members = {info.filename: info for info in self._zip.infolist()}
        self._check()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the members, in the order of the archive."""
        return tuple(self._members)

    def __contains__(self, member: str) -> bool:
        return member in self._members

    def read(self, member: str) -> bytes:
        """The inflated bytes of a member; UnreadableFile when it is missing or damaged."""
        if member not in self._members:
            raise UnreadableFile(self._name, f"it has no {member!r}")
        try:
            return self._zip.read(self._members[member])
        except _DAMAGE:
            raise UnreadableFile(self._name, f"its part {member!r} is damaged") from None

    def _check(self) -> None:
        if len(self._members) != len(self._zip.infolist()):
            raise UnreadableFile(self._name, "two of the files in it have the same name")
        for info in self._members.values():
            if reason := _refusal(info):
                raise UnreadableFile(self._name, reason)
        if sum(info.file_size for info in self._members.values()) > MAX_INFLATED_BYTES:
            limit = MAX_INFLATED_BYTES // (1024 * 1024)
            raise UnreadableFile(self._name, f"it would inflate to more than {limit} MB")


def write_archive(members: dict[str, bytes], *, stored: Collection[str] = ()) -> bytes:
    """A zip archive of the members, in their order; the same members give the same bytes.

    Those named in `stored` are not packed, as a format may ask.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            # A fixed date, the oldest a zip can hold: the bytes must not depend on the day.
            method = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, method)
    return packed.getvalue()


def _refusal(info: zipfile.ZipInfo) -> str:
    """Why the member makes the archive unfit, empty when it does not."""
    parts = info.filename.replace("\\", "/").split("/")
    if ".." in parts or not parts[0] or ":" in parts[0] or "\0" in info.orig_filename:
        return f"the name {info.filename[:80]!r} in it points outside of it"
    if info.flag_bits & 0x1:
        return "it is encrypted; save it without a password"
    if info.compress_type not in _METHODS:
        return f"its part {info.filename[:80]!r} is packed in a way we do not read"
    # zipfile stops inflating at the size that is declared, so declared sizes are what to judge.
    if info.file_size > _FREE_RATIO_BYTES and info.file_size > MAX_RATIO * max(info.compress_size, 1):
        return f"its part {info.filename[:80]!r} inflates more than {MAX_RATIO} times, as only zip bombs do"
    return ""
