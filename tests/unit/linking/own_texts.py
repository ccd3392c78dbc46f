"""Texts of our own about factions and items, with every name marked: `{kind:id|the words}`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_MARK = re.compile(r"\{(?P<kind>\w+):(?P<id>\w+)\|(?P<words>[^}]+)\}")


@dataclass(frozen=True, slots=True)
class Named:
    """A name in a text: half-open offsets, whose it is, and its kind."""

    start: int
    end: int
    id: str
    kind: str


@dataclass(frozen=True, slots=True)
class OwnText:
    """A text with the names that stand in it, and the bible of its story."""

    name: str
    text: str
    gold: tuple[Named, ...]
    bible: tuple[dict[str, Any], ...]


def _entry(kind: str, entry_id: str, name: str, *aliases: str) -> dict[str, Any]:
    return {"id": entry_id, "kind": kind, "name": name, "aliases": list(aliases)}


def _own(name: str, marked: str, *bible: dict[str, Any]) -> OwnText:
    pieces: list[str] = []
    gold: list[Named] = []
    at = length = 0
    for match in _MARK.finditer(marked):
        pieces += [marked[at : match.start()], match["words"]]
        start = length + match.start() - at
        length = start + len(match["words"])
        gold.append(Named(start, length, match["id"], match["kind"]))
        at = match.end()
    return OwnText(name, "".join([*pieces, marked[at:]]), tuple(gold), bible)


GUILDS = _own(
    "guilds",
    """The {faction:lamp|Lamplighters' Guild} had voted twice, and twice {character:odd|Oddny} had lost. She walked
down to the harbour, where the {faction:watch|Harbour Night Watch} was changing. Nobody in the watch liked guild
business. A guild is a guild, they said, and a watch keeps its own hours.

"The {faction:lamp|Guild} will not move," said {character:odd|Oddny}. "Not while the {faction:seal|Order of the
Broken Seal} pays for the oil."

{character:bram|Bram} of the {faction:watch|Night Watch} shrugged. He had sworn to the {faction:seal|Broken
Seal} once, in another order of things, and he had broken that seal himself. Two soldiers of the
{faction:host|Ninth Host} went by. "Ask the {faction:host|Host}," he said. "Or be a good host, and ask me in."

By dawn the members of the {faction:lamp|Lamplighters' Guild} stood in {place:vey|Vey}, and the
{faction:watch|Harbour Night Watch} let them through. {faction:seal|The Order of the Broken Seal} sent nobody.""",
    _entry("faction", "lamp", "Lamplighters' Guild", "the Guild"),
    _entry("faction", "watch", "Harbour Night Watch", "Night Watch"),
    _entry("faction", "seal", "Order of the Broken Seal", "Broken Seal"),
    _entry("faction", "host", "Ninth Host", "the Host"),
    _entry("character", "odd", "Oddny"),
    _entry("character", "bram", "Bram"),
    _entry("place", "vey", "Vey"),
)
BLADES = _own(
    "blades",
    """The sword {item:dusk|Duskblade} hung over the hearth. {character:ansa|Ansa} had never drawn it. At dusk, blades
of grass shone on the sill, and {item:dusk|Duskblade} hummed.

"Take the {item:lens|Oracle's Lens}," said {character:ivo|Ivo}. "And the {item:key|Iron Key}. Leave the
{item:grail|Cup of Tallow}; a cup of tallow is what it is worth."

{character:ansa|Ansa} took the {item:key|Iron Key} from its nail. It was an iron key like any other. The oracle
had a lens for reading, but the {item:lens|Oracle's Lens} was no such thing: through {item:lens|the Lens} one
saw what had been.

They sailed on the ship {item:tern|Grey Tern}. A grey tern followed the _{item:tern|Grey Tern}_ for three days.
On the fourth {character:ivo|Ivo} drew {item:dusk|Duskblade} and laid it beside the {item:book|Book of Small
Hours}, which he read in the small hours.""",
    _entry("item", "dusk", "Duskblade"),
    _entry("item", "lens", "Oracle's Lens", "the Lens"),
    _entry("item", "key", "Iron Key"),
    _entry("item", "grail", "Cup of Tallow"),
    _entry("item", "tern", "Grey Tern"),
    _entry("item", "book", "Book of Small Hours"),
    _entry("character", "ansa", "Ansa"),
    _entry("character", "ivo", "Ivo"),
)
COURTS = _own(
    "courts",
    """{character:renske|Renske} wore the {item:crown|Hollow Crown} to the {faction:council|Salt Council}, and the
council rose. {faction:house|House Averil} stayed in its seats. {faction:house|House Averil} had always stayed
in its seats; a house that size need not rise.

"The {item:crown|Crown} is hollow," said {character:joost|Joost Averil}, "and so is the
{faction:council|Council}."

The {faction:wolves|Brotherhood of Wolves} had men at every door. Wolves, thought {character:renske|Renske}: a
brotherhood of wolves eats its own. She laid the {item:sceptre|Sceptre of Rain} on the table. It was salt and
rain that had made the {faction:council|Salt Council}, and the {item:sceptre|Sceptre of Rain} that had kept it.

An agent of the {faction:wolves|Brotherhood of Wolves} reached for the {item:crown|Hollow Crown}.
{character:joost|Joost} was quicker. {place:mar|Marrow} burned that night, and the {faction:navy|Royal Salt
Navy} watched from the water.""",
    _entry("item", "crown", "Hollow Crown", "the Crown"),
    _entry("item", "sceptre", "Sceptre of Rain"),
    _entry("faction", "council", "Salt Council", "the Council"),
    _entry("faction", "house", "House Averil"),
    _entry("faction", "wolves", "Brotherhood of Wolves"),
    _entry("faction", "navy", "Royal Salt Navy"),
    _entry("character", "renske", "Renske"),
    _entry("character", "joost", "Joost Averil"),
    _entry("place", "mar", "Marrow"),
)
STARS = _own(
    "stars",
    """Nobody crossed the {faction:league|League of Quiet Stars} twice. {character:teo|Teodora} had crossed it once,
for the {item:codex|Amber Codex}, and the codex lay open in her lap. Stars were quiet that year; a league was
three miles.

"{faction:corps|Third Survey Corps}," said the voice. "Heave to." The {faction:corps|Survey Corps} never said
please.

She hid the {item:codex|Amber Codex} under the {item:lantern|Lantern of Ouse}, and the lantern under her coat.
The officers of the {faction:corps|Third Survey Corps} came aboard. One of them wore the ring of the
{faction:league|Quiet Stars}.

"We want the {item:codex|Codex}," he said. "The {faction:league|League} pays. The {faction:corps|Corps} does not
ask."

{character:teo|Teodora} gave him the {item:lantern|Lantern of Ouse}. It was amber, and he was no reader.""",
    _entry("faction", "league", "League of Quiet Stars", "Quiet Stars", "the League"),
    _entry("faction", "corps", "Third Survey Corps", "Survey Corps", "the Corps"),
    _entry("item", "codex", "Amber Codex", "the Codex"),
    _entry("item", "lantern", "Lantern of Ouse"),
    _entry("character", "teo", "Teodora"),
)
OWN_TEXTS = (GUILDS, BLADES, COURTS, STARS)
