"""A character card as a draft of a bible: the character, and the entries of the book in the card."""

from __future__ import annotations

from saga_agent.domain.record import JsonObject
from saga_agent.formats.card import CharacterCard
from saga_agent.story.exchange.draft import MAX_NAME, BibleDraft, EntityDraft, alias_list
from saga_agent.story.exchange.from_lorebook import draft_entries

CARD_KEY = "card"
CARD_FIELDS = {
    "personality": "personality",
    "scenario": "scenario",
    "first_message": "first_message",
    "speech_sample": "example_dialogue",
}
"""The fields of a character that a card has a place for, and that place."""
_KEPT = {
    "system_prompt": "system prompt",
    "post_history_instructions": "instructions after the history",
    "alternate_greetings": "alternate greetings",
    "creator_notes": "notes of the creator",
}


def draft_card(card: CharacterCard) -> BibleDraft:
    """What the card says; macros such as `{{char}}` stay text."""
    name = " ".join(card.name.split())[:MAX_NAME].strip() or "Unnamed"
    texts = {field: getattr(card, place) for field, place in CARD_FIELDS.items()}
    fields: JsonObject = {field: text for field, text in texts.items() if text}
    character = EntityDraft(
        key=CARD_KEY,
        type="character",
        name=name,
        aliases=alias_list((card.nickname,), name=name),
        summary=card.description,
        fields=fields,
        tags=tuple(dict.fromkeys(card.tags)),
    )
    kept = [told for place, told in _KEPT.items() if getattr(card, place)]
    lost = (f"Not used in a bible, kept for the export of this card: {', '.join(kept)}.",) if kept else ()
    entries: tuple[EntityDraft, ...] = ()
    guesses: tuple[str, ...] = ()
    if card.book is not None:
        entries, guesses = draft_entries(card.book)
    return BibleDraft(
        format="card", entities=(character, *entries), creator=card.creator, lost=(*card.lost, *lost, *guesses)
    )
