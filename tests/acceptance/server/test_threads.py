"""A writer's chats as a list, over real HTTP: found by their pages' keys, named, copied, removed, and nobody else's."""

from __future__ import annotations

import asyncio

import pytest

from saga_agent.models.script import Call, Say, Turn, Wait
from tests.acceptance.server.conftest import Serve
from tests.acceptance.server.serving import Page, read_until
from tests.unit.server.strict_client import Json

ADD_TOVE = Turn(text="I add her.", calls=[Call("create_entity", {"type": "character", "name": "Tove"})])


def texts(messages: list[Json]) -> list[str]:
    return ["".join(part.get("text", "") for part in message["parts"]) for message in messages]


async def two_turns(serve: Serve) -> Page:
    page = await serve(Say("One."), Say("Two."), Say("Three."))
    for text in ("First?", "Second?"):
        await page.send(text)
    return page


async def test_threads_are_listed_a_page_at_a_time_the_newest_first(serve: Serve):
    page = await serve(Say("One."), Say("Two."), Say("Three."))
    for number in (1, 2, 3):
        await Page(page.url, chat_id=f"chat-{number}").send("Hello.")

    async with page.client() as client:
        first = (await client.get("/threads", params={"limit": 2})).json()
        rest = (await client.get("/threads", params={"limit": 2, "after": first["next"]})).json()
        projects = (await client.get("/projects")).json()["items"]
        of_project = (await client.get("/threads", params={"projectId": projects[0]["id"]})).json()
        foreign = await client.get("/threads", params={"after": "no cursor"})

    assert [each["chat_id"] for each in first["items"]] == ["chat-3", "chat-2"]
    assert ([each["chat_id"] for each in rest["items"]], rest["next"]) == (["chat-1"], None)
    assert of_project["items"] == [*first["items"], *rest["items"]]
    assert foreign.status_code == 400


async def test_a_thread_is_named_and_removed(serve: Serve):
    page = await two_turns(serve)

    async with page.client() as client:
        named = await client.patch("/threads/chat-1", json={"title": "The storm"})
        shown = (await client.get("/threads/chat-1")).json()
        removed = await client.delete("/threads/chat-1")
        gone = await client.get("/threads/chat-1")

    assert named.json() == shown
    assert shown["title"] == "The storm"
    assert (removed.status_code, gone.status_code) == (204, 404)
    assert gone.json().items() >= {"title": "Not Found", "status": 404, "code": "NotFound"}.items()
    assert await page.history() == []


async def test_a_fork_ends_with_the_message_that_the_page_names_and_goes_on_by_itself(serve: Serve):
    page = await two_turns(serve)

    async with page.client() as client:
        body = {"messageId": page.messages[1]["id"], "chatId": "chat-2", "title": "Another end"}
        made = await client.post("/threads/chat-1/fork", json=body)
    fork = Page(page.url, chat_id="chat-2")

    assert made.status_code == 201, made.text
    assert (made.json()["chat_id"], made.json()["title"]) == ("chat-2", "Another end")
    assert texts(await fork.history()) == ["First?", "One."]
    assert (await fork.send("And then?"))["parts"][-1]["text"] == "Three."
    assert texts(await page.history()) == ["First?", "One.", "Second?", "Two."], "the source stays as it is"


async def test_a_fork_without_a_message_is_a_copy_of_the_whole_with_a_key_of_its_own(serve: Serve):
    page = await two_turns(serve)

    async with page.client() as client:
        await client.patch("/threads/chat-1", json={"title": "The storm"})
        made = (await client.post("/threads/chat-1/fork", json={})).json()

    assert made["title"] == "The storm"
    assert made["chat_id"] == made["id"]
    copied = await Page(page.url, chat_id=made["chat_id"]).history()
    assert texts(copied) == ["First?", "One.", "Second?", "Two."]


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        ({"messageId": "msg_none"}, 404, "msg_none"),
        ({"chatId": "chat-1"}, 409, "chat-1"),
        ({"chatId": "a chat"}, 400, "chatId"),
        ({"title": "x" * 501}, 400, "title"),
        ({"colour": "red"}, 400, "colour"),
    ],
)
async def test_a_fork_that_cannot_be_made_says_why(serve: Serve, body: Json, status: int, word: str):
    page = await two_turns(serve)

    async with page.client() as client:
        refused = await client.post("/threads/chat-1/fork", json=body)
        listed = (await client.get("/threads")).json()["items"]

    assert refused.status_code == status, refused.text
    assert word in refused.json()["detail"]
    assert len(listed) == 1, "nothing was made"


async def test_a_message_that_was_put_in_other_words_starts_no_fork(serve: Serve):
    page = await two_turns(serve)
    replaced = page.messages[3]["id"]
    await page.post(trigger="regenerate-message", messageId=replaced)

    async with page.client() as client:
        refused = await client.post("/threads/chat-1/fork", json={"messageId": replaced})

    assert (refused.status_code, refused.json()["code"]) == (409, "MessageReplaced")


async def test_a_thread_that_is_being_answered_is_neither_removed_nor_copied_to_its_end(serve: Serve):
    gate = asyncio.Event()
    page = await serve(Say("One."), Turn(Say("Two "), Wait(gate), Say("boats.")))
    await page.send("First?")

    async with page.streaming("Second?") as events, page.client() as client:
        await read_until(events, "text-delta")
        refused = [await client.delete("/threads/chat-1"), await client.post("/threads/chat-1/fork", json={})]
        named = await client.patch("/threads/chat-1", json={"title": "Meanwhile"})
        first = (await page.history())[0]["id"]
        earlier = await client.post("/threads/chat-1/fork", json={"messageId": first})
        gate.set()
        rest = [event async for event in events]

    assert [(each.status_code, each.json()["code"]) for each in refused] == [(409, "RunBusy")] * 2
    assert (named.status_code, earlier.status_code) == (200, 201), "what is settled may be named and copied"
    assert rest[-1]["type"] == "finish"
    assert texts(await page.history())[-1] == "Two boats."


async def test_a_thread_that_waits_for_the_writer_can_be_copied_and_removed(serve: Serve):
    page = await serve(ADD_TOVE)
    asked = await page.send("Add Tove.")

    async with page.client() as client:
        fork = (await client.post("/threads/chat-1/fork", json={"chatId": "chat-2"})).json()
        assert (await client.delete("/threads/chat-1")).status_code == 204
        assert (await client.get(f"/runs/{asked['metadata']['runId']}/requests")).status_code == 404

    (_, copied) = await Page(page.url, chat_id=fork["chat_id"]).history()
    assert [part["state"] for part in copied["parts"] if part["type"].startswith("tool-")] == ["output-error"]


async def test_another_owners_key_leads_to_nothing(serve: Serve):
    page = await two_turns(serve)
    calls = (
        ("GET", "/threads/chat-1", None),
        ("PATCH", "/threads/chat-1", {"title": "Stolen"}),
        ("DELETE", "/threads/chat-1", None),
        ("POST", "/threads/chat-1/fork", {}),
        ("POST", "/threads/chat-1/fork", {"messageId": page.messages[1]["id"]}),
    )

    async with page.client() as client, Page(page.url, owner="eve").client() as eve:
        before = (await client.get("/threads")).json()
        project = before["items"][0]["project_id"]
        refused = [await eve.request(method, path, json=body) for method, path, body in calls]
        refused.append(await eve.get("/threads", params={"projectId": project}))
        listed = (await eve.get("/threads")).json()
        # The same key is hers to use, and forks of her own cannot take messages of others.
        own = Page(page.url, owner="eve")
        await own.send("Mine.")
        taken = await eve.post("/threads/chat-1/fork", json={"messageId": page.messages[1]["id"]})
        after = (await client.get("/threads")).json()

    assert {each.status_code for each in refused} == {404}
    assert listed == {"items": [], "next": None}
    assert taken.status_code == 404
    assert before == after


async def answer_with_grant(page: Page) -> str:
    """Answers what the page is asked with a grant for the thread; gives the run's id."""
    asked = await page.send("Add Tove.")
    run_id: str = asked["metadata"]["runId"]
    async with page.client() as client:
        (request,) = (await client.get(f"/runs/{run_id}/requests")).json()["requests"]
        terms = {"scope": "thread", "patterns": {}}
        body = {"replies": {request["id"]: {"kind": "approve", "grant": terms}}}
        assert (await client.post(f"/runs/{run_id}/requests", json=body)).status_code == 200
        await page.resume()
    return run_id


async def test_a_grant_is_listed_taken_back_once_and_told_in_the_audit(serve: Serve):
    page = await serve(ADD_TOVE, Say("She is in."))
    run_id = await answer_with_grant(page)

    async with page.client() as client:
        (grant,) = (await client.get("/grants")).json()["items"]
        of_chat = (await client.get("/grants", params={"chatId": "chat-1"})).json()["items"]
        of_run = (await client.get("/grants", params={"runId": run_id})).json()["items"]
        project = (await client.get("/projects")).json()["items"][0]["id"]
        of_project = (await client.get("/grants", params={"projectId": project})).json()["items"]
        twice = await client.get("/grants", params={"runId": run_id, "chatId": "chat-1"})
        revoked = [await client.post(f"/grants/{grant['id']}/revoke") for _ in range(2)]
        in_force = (await client.get("/grants")).json()["items"]
        ended = (await client.get("/grants", params={"all": True})).json()["items"]
        audit = (await client.get("/audit", params={"chatId": "chat-1"})).json()["items"]

    assert (of_chat, of_run, of_project) == ([grant], [], []), "a grant is listed under what it was given for"
    assert twice.status_code == 400
    assert [each.status_code for each in revoked] == [200, 200]
    assert revoked[0].json() == revoked[1].json() == ended[0]
    assert (in_force, ended[0]["revoked_by"]) == ([], "local")
    assert [entry["event"] for entry in audit] == ["asked", "answered", "granted", "allowed", "revoked"]


async def test_the_audit_is_filtered_and_paged_oldest_first(serve: Serve):
    page = await serve(ADD_TOVE, Say("She is in."))
    run_id = await answer_with_grant(page)

    async with page.client() as client:
        everything = (await client.get("/audit")).json()
        of_run = (await client.get("/audit", params={"runId": run_id})).json()
        told: list[Json] = []
        after: str | None = None
        while True:
            cursor = {} if after is None else {"after": after}
            found = (await client.get("/audit", params={"limit": 1, **cursor})).json()
            told += found["items"]
            if (after := found["next"]) is None:
                break
        foreign = await client.get("/audit", params={"after": "no cursor"})

    assert told == everything["items"] == of_run["items"]
    assert len(told) == 4
    assert foreign.status_code == 400


async def test_another_owners_grants_and_audit_are_not_there(serve: Serve):
    page = await serve(ADD_TOVE, Say("She is in."))
    run_id = await answer_with_grant(page)

    async with page.client() as client, Page(page.url, owner="eve").client() as eve:
        (grant,) = (await client.get("/grants")).json()["items"]
        project = (await client.get("/projects")).json()["items"][0]["id"]
        refused = [await eve.post(f"/grants/{grant['id']}/revoke")]
        for path, names in (("/grants", ("projectId", "chatId", "runId")), ("/audit", ("chatId", "runId"))):
            filters = {"projectId": project, "chatId": "chat-1", "runId": run_id}
            refused += [await eve.get(path, params={name: filters[name]}) for name in names]
        hers = [(await eve.get(path)).json()["items"] for path in ("/grants", "/audit")]
        assert (await client.get("/grants")).json()["items"] == [grant]

    assert {each.status_code for each in refused} == {404}
    assert hers == [[], []]
