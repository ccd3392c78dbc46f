"""Small bibles as the files of other apps, made for the tests."""

import json
from pathlib import Path
from typing import Any

from tests.unit.formats.test_card import CHARX, JSON, PNG

NOTES = {
    "Characters/Mira Vance.md": """---
# hers
aliases: [Mira, "the ferrywoman"]
tags:
  - river
mother: "[[Anna Vance]]"
born: 0112-01-10
awake: no
enemy_of: ["[[Reed]]"]
facts:
  - "eye colour: grey"
---
# Mira Vance

Mira rows the ferry to [[Lower Ferry|the landing]].

She fears the weir.
""",
    "Characters/Anna Vance.md": "Her mother, long dead.\r\nTwo lines.\r\n",
    "Characters/Reed.md": "---\ntags: [character]\n---\nReed counts boats. See [[Nobody]].\n",
    "Lower Ferry.md": '---\ntype: place\nlocated_in: "[[The Shire]]"\n---\nA landing.\n',
    "Old/The Shire.md": "---\nkind: Location\n---\n",
    "Ideas.md": "What if [[Mira Vance]] left? #later\n",
}
WORLD: dict[str, Any] = {
    "name": "Crossing",
    "entries": {
        "0": {
            "uid": 0,
            "key": ["Mira", "the ferrywoman"],
            "comment": "Mira Vance",
            "content": "She rows.",
            "constant": True,
            "disable": False,
            "order": 50,
            "extensions": {"app": {"colour": "é"}},
        },
        "3": {
            "uid": 3,
            "key": ["Lower Ferry"],
            "keysecondary": [],
            "comment": "",
            "content": "Lower Ferry is a small village on the river.",
            "disable": False,
            "probability": 40,
        },
        "5": {
            "uid": 5,
            "key": ["/(a+)+$/i", "Lamplighters"],
            "comment": "Faction: Lamplighters",
            "content": "",
            "disable": True,
        },
        "8": {"uid": 8, "key": ["oarlock"], "content": "Of brass."},
        "9": {"uid": 9, "key": ["/x/"], "content": "nameless"},
    },
    "extensions": {"x": [1, 2.5, None]},
}


def write_notes(folder: Path) -> Path:
    for path, text in NOTES.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())
    return folder


def write_files(folder: Path) -> dict[str, Path]:
    """A vault, a lorebook, and a card in each of its containers."""
    paths = {
        "vault": write_notes(folder / "Vault"),
        "lorebook": folder / "world.json",
        "json": folder / "mira.json",
        "png": folder / "mira.png",
        "charx": folder / "mira.charx",
    }
    paths["lorebook"].write_bytes(json.dumps(WORLD, indent=4, ensure_ascii=False).encode())
    for kind, data in (("json", JSON), ("png", PNG), ("charx", CHARX)):
        paths[kind].write_bytes(data)
    return paths
