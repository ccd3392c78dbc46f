"""A world's words by a chat model."""

from __future__ import annotations

import json

import pytest
from langchain_core.language_models.fake_chat_models import FakeListChatModel

from saga_agent.errors import ModelError
from saga_agent.models.side import SideModel
from saga_agent.story.genesis.skeleton import WorldRequest, build_skeleton
from saga_agent.story.genesis.writing import write_world
from saga_agent.tools.worlds import ModelWorldWriter


async def test_descriptions_and_additions_of_a_model_are_taken_when_they_name_what_is_there() -> None:
    drafts = build_skeleton(WorldRequest(seed=1, scale="small"))
    known = next(draft.id for draft in drafts if draft.kind == "entity")
    unknown = json.dumps({"summaries": {"nobody": "?"}})
    mended = json.dumps(
        {
            "summaries": {known: "They hold the river."},
            "additions": [{"id": "x1", "type": "item", "name": "The Ice Key", "related_to": [known]}],
        }
    )
    writer = ModelWorldWriter(SideModel(FakeListChatModel(responses=[unknown, f"Of course:\n{mended}"])))

    written = await write_world(writer, "A frozen river.", "", drafts)

    assert written.warnings == ()
    assert next(draft for draft in written.drafts if draft.id == known).record["summary"] == "They hold the river."
    assert any(draft.record.get("name") == "The Ice Key" for draft in written.drafts)


async def test_a_model_that_only_talks_leaves_the_bare_outline() -> None:
    drafts = build_skeleton(WorldRequest(seed=1, scale="small"))
    writer = ModelWorldWriter(SideModel(FakeListChatModel(responses=["I would rather talk."])))

    written = await write_world(writer, "A frozen river.", "", drafts)

    assert written.is_cut
    assert written.drafts == drafts
    assert "no descriptions" in written.warnings[0]


async def test_the_error_of_a_failed_model_is_one_of_ours() -> None:
    with pytest.raises(ModelError):
        await SideModel(FakeListChatModel(responses=[])).ask("", "")
