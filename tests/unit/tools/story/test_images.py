"""Images through their tools."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import pytest

from saga_agent.analyses.images.provider import FoundImage
from saga_agent.tools.result import ToolResult
from tests.unit.tools.story.bench import Bench

pytest.importorskip("PIL", reason="the extra `images` is not installed")

from PIL import ImageOps

from tests.unit.analyses.test_images import huge_png, picture, saved


def ids(result: ToolResult) -> list[str]:
    found: Any = result.data["images"]
    return [each.get("image_id") or each["url"] for each in found]


def url(data: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(data).decode()


class Library:
    """A source of images from outside."""

    def __init__(self, *images: FoundImage) -> None:
        self.images = images

    async def search(self, query: str, *, limit: int) -> Sequence[FoundImage]:
        if query == "broken":
            raise OSError("down")
        return self.images[:limit]


async def test_captions_are_ranked_as_measured(bench: Bench) -> None:
    captions = ("red boat on the lake", "a red tower at dusk", "old tower ruins")
    made = [await bench.story.captures.create(bench.project_id, kind="image", title=each) for each in captions]

    result = await bench.call("search_images", query="red tower")

    found: Any = result.data["images"]
    assert [(each["image_id"], each["score"]) for each in found] == [
        (made[1].id, 0.879),
        (made[2].id, 0.546),
        (made[0].id, 0.44),
    ]
    assert ids(await bench.call("search_images", query="red tower", n=1)) == [made[1].id]


async def test_images_of_an_entity_and_of_a_licence(bench: Bench) -> None:
    mira = await bench.entity("Mira")
    create = bench.story.captures.create
    shown = await create(bench.project_id, kind="image", title="a sketch", entity_ids=[mira], licence="CC0")
    await create(bench.project_id, kind="image", title="another sketch", licence="")

    assert ids(await bench.call("search_images", entity="Mira")) == [shown.id]
    assert ids(await bench.call("search_images", query="mira")) == [shown.id]
    assert ids(await bench.call("search_images", query="sketch", licence="cc0")) == [shown.id]


async def test_a_source_from_outside_is_off_until_the_app_has_one(bench: Bench) -> None:
    assert await bench.failure("search_images", query="tower", source="provider") == "unavailable"
    offered = FoundImage(url="http://127.0.0.1/1.png", caption="tower", licence="CC0")
    with_library = bench.with_context(images=Library(offered))
    assert ids(await with_library.call("search_images", query="tower", source="provider")) == [offered.url]
    assert ids(await with_library.call("search_images", query="tower", source="provider", licence="MIT")) == []
    assert await with_library.failure("search_images", query="broken", source="provider") == "unavailable"


@pytest.mark.parametrize("bad", [{"query": " "}, {"query": "x", "n": 0}, {"query": "x", "n": 101}])
async def test_a_search_refuses_what_cannot_be(bench: Bench, bad: dict[str, Any]) -> None:
    assert await bench.failure("search_images", **bad) == "invalid_argument"


async def test_a_shrunk_copy_is_the_same_a_mirrored_one_mirror_and_another_absent(bench: Bench) -> None:
    add = bench.story.captures.add
    original = await add(bench.project_id, title="one", image=saved(picture(1)))
    small = picture(1).resize((90, 70))
    shrunk = await add(bench.project_id, title="small", image=saved(small, "JPEG", quality=40))
    mirror = await add(bench.project_id, title="mirror", image=saved(ImageOps.mirror(picture(1))))
    await add(bench.project_id, title="other", image=saved(picture(2)))

    result = await bench.call("find_similar_images", image=original.id)

    found: Any = result.data["images"]
    assert {(each["image_id"], each["kind"]) for each in found} == {(shrunk.id, "same"), (mirror.id, "mirror")}
    assert all(each["distance"] <= 4 for each in found)
    by_url = await bench.call("find_similar_images", image=url(saved(picture(1))))
    assert set(ids(by_url)) == {original.id, shrunk.id, mirror.id}


async def test_looks_are_compared_by_colour(bench: Bench) -> None:
    mirror = await bench.story.captures.add(bench.project_id, title="m", image=saved(ImageOps.mirror(picture(1))))
    await bench.story.captures.add(bench.project_id, title="other", image=saved(picture(2)))

    found: Any = (
        await bench.call("find_similar_images", image=url(saved(picture(1))), mode="look", max_distance=1)
    ).data

    assert found["images"] == [{"image_id": mirror.id, "distance": 0, "kind": "look"}]


async def test_an_empty_library_has_nothing_alike(bench: Bench) -> None:
    assert ids(await bench.call("find_similar_images", image=url(saved(picture(1))))) == []


async def test_a_moving_image_is_noted(bench: Bench) -> None:
    moving = saved(picture(1), "GIF", save_all=True, append_images=[picture(2)])

    assert "first frame" in (await bench.call("find_similar_images", image=url(moving))).warnings[0]


async def test_what_is_no_image_is_refused(bench: Bench) -> None:
    whole = saved(picture(1))

    assert await bench.failure("find_similar_images", image=url(whole[: len(whole) // 2])) == "invalid_argument"
    assert await bench.failure("find_similar_images", image=url(b"hello")) == "invalid_argument"
    assert await bench.failure("find_similar_images", image=url(huge_png())) == "too_large"
    assert await bench.failure("find_similar_images", image="data:image/png;base64,***") == "invalid_argument"
    assert await bench.failure("find_similar_images", image="cap_unknown") == "not_found"
    note = await bench.story.captures.add(bench.project_id, title="a note")
    assert await bench.failure("find_similar_images", image=note.id) == "invalid_argument"
