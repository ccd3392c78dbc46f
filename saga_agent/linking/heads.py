"""Nouns that end (or begin) the name of a place, a faction or an item, and tell which it is."""

from __future__ import annotations

from saga_agent.linking.mention import Kind

_PLACE = """abbey academy acre acres airport alley arch archipelago asylum avenue bank bar barrow bay beach bluff
boulevard bridge brook building building canal canyon cape castle cathedral cave cavern channel chapel church
circus citadel city cliff close coast common continent convent corner cottage country county court cove crag creek
crescent crossing dale dell desert district downs drive dungeon embassy empire end estate falls farm fell ferry
field fields fjord ford forest fort fortress gables garden gardens gate gates glacier glade glen gorge grange green
grove gulf hall hamlet harbor harbour haven head heath heights hill hills hollow hospital hook hotel house inn
island islands isle isles junction keep kennels kingdom lagoon lake lakes landing lane library lighthouse lodge
manor market marsh marshes mead meadow meadows mews mill mills mine mines monastery moor moors mound mount mountain
mountains museum narrows observatory ocean orchard palace parish park pass passage peak peninsula pension pier
place plain plains planet plantation plateau plaza point pond pool port prison promontory province quarter quay
ranch range reach rectory reef reservoir ridge river road rock row ruins sea shire shore shrine sound spring
springs square stairs state station steps strait straits strand stream street summit swamp tavern temple terrace
theater theatre tor tower towers town township tunnel university vale valley vicarage view villa village volcano
ward water waterfall waters way well wells wharf wood woods world yard zone"""
_FACTION = """alliance army assembly association band board brigade brotherhood bureau cabal cavalry circle clan
club college commission committee commune commonwealth company compact conclave congress consortium convention
corporation corps council coven covenant cult department directorate dynasty enclave federation fellowship fleet
force forces foundation gang group guard guards guild horde house institute institution inquisition league legion
host ministry mission navy office order parliament party patrol police regiment republic resistance school sect senate
sisterhood society squad squadron syndicate tribe tribunal union watch"""
_ITEM = """amulet armor armour axe blade book bow bracelet brooch cauldron chalice codex compass crown crystal cup
dagger diamond diary elixir gauntlet gem goblet grail grimoire hammer harp helm horn jewel key lamp lance lantern
lens locket manuscript map mask medallion mirror necklace orb pendant pistol potion ring rod ruby sapphire scepter
sceptre scroll shield ship spear staff stone sword talisman throne tome wand"""
_OF_HEADS = """academy archipelago bank battle bay bishop cape castle church city coast college council country
county court duchess duke earl emperor empress forest gates gulf hall house isle isles king kingdom knights lady
lake lord marquis mines mount mountains order palace prince princess province queen republic river sea state strait
straits temple tower town university vale valley village alliance band brotherhood circle clan company coven
covenant cult fellowship guild horde league legion ministry sect sisterhood society syndicate tribe union amulet
blade book bow chalice codex crown cup dagger grail hammer horn jewel key lamp lantern lens mask medallion mirror
orb ring rod scepter sceptre scroll shield spear staff stone sword tome wand"""

_PLACES = frozenset(_PLACE.split())
_FACTIONS = frozenset(_FACTION.split())
_ITEMS = frozenset(_ITEM.split())
OF_HEADS = frozenset(_OF_HEADS.split())
"""Words after which "of" goes on with the same name ("Bay of Storms", "Duke of Ard")."""


def head_kind(word: str) -> Kind | None:
    """The kind of a name that this word heads ("Street", "Guild", "Sword"), None for other words."""
    lower = word.lower()
    if lower in _PLACES:
        return "place"
    if lower in _FACTIONS:
        return "faction"
    return "item" if lower in _ITEMS else None
