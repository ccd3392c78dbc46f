"""Obsidian vaults: a folder of notes, read without following links out of it, written back note by note."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from saga_agent.domain.record import Model
from saga_agent.errors import InvalidInput, UnreadableFile
from saga_agent.formats.note import Note, parse_note, write_note
from saga_agent.formats.textfile import read_bytes

__all__ = ["Note", "Vault", "note_file", "read_vault", "write_vault"]

MAX_NOTES = 20_000
MAX_TOTAL_BYTES = 200 * 1024 * 1024

_SUFFIX = ".md"


class Vault(Model):
    """The notes of a folder, ordered by path."""

    notes: tuple[Note, ...]
    lost: tuple[str, ...] = ()
    """What was not read or not understood, one sentence each."""


def read_vault(folder: str | Path) -> Vault:
    """The notes in the folder; hidden folders, symbolic links and other files are passed over.

    A note that cannot be read - in another encoding, too large, without permission - is passed over and told.

    Raises: `UnreadableFile` when it is no folder, is too large, or holds no note that can be read among those it has.
    """
    root = Path(folder)
    if not root.is_dir():
        raise UnreadableFile(str(root), "it is no folder")
    files = sorted(_files(root))
    notes_at = [path for path in files if path.suffix.lower() == _SUFFIX]
    if len(notes_at) > MAX_NOTES:
        raise UnreadableFile(str(root), f"it holds more than {MAX_NOTES:,} notes")
    if sum(path.stat().st_size for path in notes_at) > MAX_TOTAL_BYTES:
        raise UnreadableFile(str(root), f"its notes have more than {MAX_TOTAL_BYTES // (1024 * 1024)} MB")
    notes: list[Note] = []
    unread: list[str] = []
    for file in notes_at:
        path = file.relative_to(root).as_posix()
        try:
            notes.append(parse_note(read_bytes(file), path=path))
        except UnreadableFile as error:
            shown = path.encode("utf-8", "replace").decode()
            unread.append(f"{shown}: the note was passed over: {error.reason}.")
    if unread and not notes:
        raise UnreadableFile(str(root), f"none of its notes can be read; {unread[0].removesuffix('.')}")
    others = len(files) - len(notes_at)
    passed = (f"{others} file(s) are no notes and were not read.",) if others else ()
    told = (f"{note.path}: {sentence}" for note in notes for sentence in note.lost)
    return Vault(notes=tuple(notes), lost=(*passed, *unread, *told))


def write_vault(notes: Iterable[Note], folder: str | Path) -> tuple[str, ...]:
    """Writes the notes that differ from the files in the folder, and gives their paths; deletes nothing.

    Every path is checked before the first file is written; each file is replaced in one step.

    Raises: `InvalidInput` for a path that leads out of the folder or is no note.
    """
    root = Path(folder)
    targets = {note.path: (note_file(root, note.path), write_note(note)) for note in notes}
    written: list[str] = []
    for path, (target, content) in targets.items():
        if target.is_file() and target.read_bytes() == content:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_name(f".{target.name}.partial")
        partial.write_bytes(content)
        partial.replace(target)
        written.append(path)
    return tuple(written)


def note_file(root: Path, path: str) -> Path:
    """The file of a note in the vault; `InvalidInput` for a path that leads out of the folder or is no note."""
    parts = PurePosixPath(path).parts
    unfit = not parts or path.startswith("/") or any(c in path for c in "\\:\0") or any(p[0] == "." for p in parts)
    target = root.joinpath(*parts)
    if unfit or target.suffix.lower() != _SUFFIX or not target.resolve().is_relative_to(root.resolve()):
        raise InvalidInput(f"The note {path[:100]!r} cannot be written: its path must be inside the vault, end in .md.")
    return target


def _files(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root, followlinks=False):
        folders[:] = [name for name in folders if not name.startswith(".")]
        paths = (Path(folder, name) for name in names if not name.startswith("."))
        yield from (path for path in paths if path.is_file() and not path.is_symlink())
