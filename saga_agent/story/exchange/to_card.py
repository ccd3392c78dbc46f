"""A character as a card: the imported one with what has changed, or a new one of version 3."""

from __future__ import annotations

from saga_agent.domain.entity import Entity
from saga_agent.errors import AmbiguousReference, InvalidInput
from saga_agent.formats.card import CharacterCard
from saga_agent.story.exchange.bible_file import BibleFile
from saga_agent.story.exchange.contents import Contents, told_fields
from saga_agent.story.exchange.draft import EntityDraft, folded
from saga_agent.story.exchange.from_card import CARD_FIELDS, CARD_KEY, draft_card
from saga_agent.story.exchange.to_lorebook import update_entries


def pick_character(contents: Contents, name: str | None) -> Entity:
    """The character with that name, alias or id; without a name the only one there is.

    Raises: `InvalidInput` when there is none, or one of several must be named; `AmbiguousReference`.
    """
    characters = [entity for entity in contents.entities if entity.type == "character"]
    if name is not None:
        found = [each for each in characters if name == each.id or folded(name) in _names(each)]
    else:
        from_cards = [entity for source in contents.sources if (entity := _character(contents, source)) is not None]
        found = from_cards if len(from_cards) == 1 else characters
    if len(found) == 1:
        return found[0]
    if name is not None and found:
        raise AmbiguousReference("character", name, [f"{each.name} ({each.id})" for each in found])
    known = ", ".join(each.name for each in characters[:8]) or "none"
    raise InvalidInput(f"A card holds one character: say which by its name. The characters are: {known}.")


def build_card(contents: Contents, character: Entity) -> CharacterCard:
    """The card of the character."""
    source = next((each for each in contents.sources if _character(contents, each) == character), None)
    if source is None or not isinstance(source.content, CharacterCard):
        card, draft = (
            CharacterCard(spec="chara_card_v3", name=character.name),
            EntityDraft(key=CARD_KEY, type="character", name=character.name),
        )
    else:
        card, draft = source.content, draft_card(source.content).entities[0]
        if card.book is not None:
            card = card.model_copy(
                update={"book": update_entries(card.book, contents.by_key(contents.entities, source), contents)}
            )
    unplaced = [
        key for key, value in character.fields.items() if key not in CARD_FIELDS and value != draft.fields.get(key)
    ]
    contents.lost.extend(told_fields([character], lambda _: bool(unplaced), f"The fields {', '.join(unplaced)}"))
    return card.model_copy(update=_changes(card, draft, character))


def _changes(card: CharacterCard, draft: EntityDraft, character: Entity) -> dict[str, object]:
    changes: dict[str, object] = {}
    if character.name != draft.name:
        changes["name"] = character.name
    if character.summary != draft.summary:
        changes["description"] = character.summary
    if character.aliases != draft.aliases:
        changes["nickname"] = character.aliases[0].text if character.aliases else ""
    if character.tags != draft.tags:
        changes["tags"] = character.tags
    for field, place in CARD_FIELDS.items():
        now = character.fields.get(field, "")
        if now != draft.fields.get(field, "") and isinstance(now, str) and field not in character.hidden_fields:
            changes[place] = now
    return changes


def _character(contents: Contents, source: BibleFile) -> Entity | None:
    return contents.by_key(contents.entities, source).get(CARD_KEY)


def _names(entity: Entity) -> set[str]:
    return {folded(entity.name), *(folded(alias.text) for alias in entity.aliases)}
