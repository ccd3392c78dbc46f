"""Files and folders that hold a bible: recognised by what is in them, read whole, kept to be given back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from saga_agent.domain.plain import mended
from saga_agent.errors import UnreadableFile
from saga_agent.formats.archive import Archive, write_archive
from saga_agent.formats.card import CharacterCard, holds_card, parse_card
from saga_agent.formats.card_files import is_charx
from saga_agent.formats.jsonfile import load_json
from saga_agent.formats.lorebook import Lorebook, holds_lorebook, is_character, parse_lorebook
from saga_agent.formats.note import parse_note, write_note
from saga_agent.formats.png import SIGNATURE
from saga_agent.formats.textfile import read_bytes
from saga_agent.formats.vault import Vault, read_vault
from saga_agent.story.exchange.draft import BibleDraft, BibleFormat
from saga_agent.story.exchange.from_card import draft_card
from saga_agent.story.exchange.from_lorebook import draft_lorebook
from saga_agent.story.exchange.from_vault import draft_vault

_SUFFIXES = (".json", ".png", ".charx", ".lorebook")
_MEDIA_TYPES = {"png": "image/png", "charx": "application/zip", "json": "application/json"}


@dataclass(frozen=True, slots=True)
class BibleFile:
    """A file that was read, or a vault packed into one."""

    name: str
    media_type: str
    data: bytes
    """The bytes of the file; of a vault a zip archive of its notes."""
    content: Lorebook | CharacterCard | Vault
    draft: BibleDraft


def holds_bible(path: Path) -> bool:
    """Whether the path looks like a lorebook, a card or a vault rather than a manuscript."""
    return path.is_dir() or path.suffix.lower() in _SUFFIXES


def read_bible(path: str | Path) -> BibleFile:
    """The bible in a lorebook or card file, or in the folder of a vault.

    Raises: `UnreadableFile` for what is none of them, damaged, too large or hostile.
    """
    file = Path(path)
    if not file.is_dir():
        return _read(read_bytes(file), name=mended(file.name), shown=str(file))
    vault = read_vault(file)
    if not vault.notes:
        raise UnreadableFile(str(file), "there are no Markdown notes in the folder")
    packed = write_archive({note.path: write_note(note) for note in vault.notes})
    return BibleFile(mended(file.resolve().name), "application/zip", packed, vault, draft_vault(vault))


def parse_bible(data: bytes, *, name: str, is_format: BibleFormat) -> BibleFile:
    """The bible in bytes that `read_bible` has kept.

    Raises: `UnreadableFile`.
    """
    if is_format != "vault":
        return _read(data, name=name, shown=name)
    archive = Archive(data, name=name)
    vault = Vault(notes=tuple(parse_note(archive.read(path), path=path) for path in archive.names))
    return BibleFile(name, "application/zip", data, vault, draft_vault(vault))


def _read(data: bytes, *, name: str, shown: str) -> BibleFile:
    if data.startswith(SIGNATURE) or is_charx(data) or _is_card(data, shown):
        card = parse_card(data, name=shown)
        return BibleFile(name, _MEDIA_TYPES[card.container], data, card, draft_card(card))
    book = parse_lorebook(data, name=shown)
    return BibleFile(name, _MEDIA_TYPES["json"], data, book, draft_lorebook(book))


def _is_card(data: bytes, shown: str) -> bool:
    """Whether the JSON is a card rather than a lorebook; what is neither is refused as what it looks most like."""
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"{", b"["):
        raise UnreadableFile(shown, "it is neither a lorebook, nor a character card, nor the folder of a vault")
    raw = load_json(data, name=shown)
    return isinstance(raw, dict) and (holds_card(raw) or (is_character(raw) and not holds_lorebook(raw)))
