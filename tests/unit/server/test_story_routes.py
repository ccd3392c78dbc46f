"""Projects and their records over HTTP: kept, changed once, told in problem details, and seen by their owner only."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from tests.unit.server.conftest import Calling

RECORDS = [
    ("documents", {"title": "Low Water", "text": "Mara counted the boats."}, {"title": "High Water"}),
    ("entities", {"type": "character", "name": "Mara"}, {"summary": "Counts boats."}),
    ("relationships", {"type": "sister_of", "source_id": "ent_1", "target_id": "ent_2"}, {"note": "Elder."}),
    ("captures", {"text": "Fog on the quay."}, {"title": "Fog"}),
]


async def test_a_project_is_made_read_changed_and_removed(ada: httpx.AsyncClient):
    made = await ada.post("/projects", json={"name": "Ashes", "styleGuide": {"tense": "past"}})
    one = f"/projects/{made.json()['id']}"
    changed = await ada.patch(one, json={"name": "Embers", "expectedRev": 1})
    listed = (await ada.get("/projects")).json()

    assert made.status_code == 201
    assert made.json()["style_guide"]["tense"] == "past"
    assert (changed.json()["name"], changed.json()["rev"]) == ("Embers", 2)
    assert [project["name"] for project in listed["items"]] == ["Embers"]
    assert (await ada.delete(one)).status_code == 204
    assert (await ada.get(one)).status_code == 404


@pytest.mark.parametrize(("path", "fields", "change"), RECORDS, ids=[path for path, *_ in RECORDS])
async def test_a_record_is_made_read_changed_and_removed(
    ada: httpx.AsyncClient, path: str, fields: dict[str, str], change: dict[str, str]
):
    project = (await ada.post("/projects", json={"name": "Ashes"})).json()["id"]
    for end in ("ent_1", "ent_2") if path == "relationships" else ():
        person = {"id": end, "type": "character", "name": end}
        assert (await ada.post("/entities", params={"projectId": project}, json=person)).status_code == 201
    made = await ada.post(f"/{path}", params={"projectId": project}, json=fields)
    where = {"url": f"/{path}/{made.json()['id']}", "params": {"projectId": project}}
    changed = await ada.patch(**where, json=change)

    assert made.status_code == 201, made.text
    assert made.json()["project_id"] == project
    assert changed.json().items() >= change.items()
    assert (await ada.get(**where)).json() == changed.json()
    assert [each["id"] for each in (await ada.get(f"/{path}", params={"projectId": project})).json()["items"]] == [
        made.json()["id"]
    ]
    assert (await ada.delete(**where)).status_code == 204
    assert (await ada.get(**where)).status_code == 404


async def test_the_project_may_be_named_in_the_body(ada: httpx.AsyncClient):
    project = (await ada.post("/projects", json={"name": "Ashes"})).json()["id"]

    made = await ada.post("/entities", json={"projectId": project, "type": "character", "name": "Mara"})

    assert made.json()["project_id"] == project


async def test_without_a_project_the_owner_has_one_and_only_one(ada: httpx.AsyncClient):
    notes = [{"text": f"note {number}"} for number in range(8)]

    made = await asyncio.gather(*(ada.post("/captures", json=note) for note in notes))

    assert {each.status_code for each in made} == {201}
    assert len((await ada.get("/projects")).json()["items"]) == 1


async def test_lists_are_filtered_and_paged(ada: httpx.AsyncClient):
    for kind, name in (("character", "Mara"), ("location", "Kennels"), ("character", "Tam")):
        await ada.post("/entities", json={"type": kind, "name": name})

    people = (await ada.get("/entities", params={"type": "character"})).json()
    first = (await ada.get("/entities", params={"limit": 2})).json()
    rest = (await ada.get("/entities", params={"limit": 2, "after": first["next"]})).json()

    assert {each["name"] for each in people["items"]} == {"Mara", "Tam"}
    assert len(first["items"]) == 2
    assert (len(rest["items"]), rest["next"]) == (1, None)


async def test_a_change_of_an_older_revision_is_a_conflict_that_tells_the_current_one(ada: httpx.AsyncClient):
    made = (await ada.post("/entities", json={"type": "character", "name": "Mara"})).json()
    one = f"/entities/{made['id']}"
    await ada.patch(one, json={"summary": "Counts boats."})

    late = await ada.patch(one, json={"summary": "Sells boats.", "expected_rev": 1})

    assert late.status_code == 409
    assert late.headers["content-type"] == "application/problem+json"
    assert late.json().items() >= {"status": 409, "title": "Conflict", "code": "Conflict", "currentRev": 2}.items()


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"type": "dragon", "name": "Mara"}, "type"),
        ({"type": "character", "name": "Mara", "colour": "red"}, "colour"),
        ({"type": "character", "name": "Mara", "rev": 7}, "rev"),
        ({"type": "character", "name": "Mara", "provenance": {"by": "agent"}}, "provenance"),
        ({"type": "character", "name": "Mara", "project_id": 5}, "project_id"),
    ],
)
async def test_fields_that_cannot_be_stored_are_named(ada: httpx.AsyncClient, fields: dict[str, object], word: str):
    refused = await ada.post("/entities", json=fields)

    assert refused.status_code == 400
    assert word in refused.json()["detail"]


async def test_what_is_not_there_is_a_problem_of_404(ada: httpx.AsyncClient):
    missing = await ada.get("/entities/ent_none")

    assert missing.json() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "No entity 'ent_none'.",
        "code": "NotFound",
    }


async def test_another_owners_rows_do_not_exist(calling: Calling):
    ada, bob = calling("ada"), calling("bob")
    project = (await ada.post("/projects", json={"name": "Ashes"})).json()["id"]
    entity = (await ada.post("/entities", json={"projectId": project, "type": "character", "name": "Mara"})).json()
    where = {"projectId": project}

    attempts = [
        await bob.get(f"/projects/{project}"),
        await bob.patch(f"/projects/{project}", json={"name": "Mine"}),
        await bob.delete(f"/projects/{project}"),
        await bob.get("/entities", params=where),
        await bob.get(f"/entities/{entity['id']}", params=where),
        await bob.delete(f"/entities/{entity['id']}", params=where),
        await bob.post("/entities", params=where, json={"type": "character", "name": "Tam"}),
        await bob.post("/ai/detect", json={"text": "Mara", "projectId": project}),
    ]

    assert {each.status_code for each in attempts} == {404}
    assert (await bob.get("/projects")).json()["items"] == []
    assert (await ada.get(f"/entities/{entity['id']}", params=where)).json() == entity


async def test_a_project_that_is_named_twice_is_the_same_one(ada: httpx.AsyncClient):
    first, second = [(await ada.post("/projects", json={"name": name})).json()["id"] for name in ("One", "Two")]
    fields = {"type": "character", "name": "Mara"}
    for path, method in (("/entities", "POST"), ("/entities/ent_1", "PATCH")):
        refused = await ada.request(method, path, params={"projectId": first}, json={**fields, "projectId": second})
        assert refused.status_code == 400
        assert refused.json()["detail"] == f"The address names the project {first!r} and the body {second!r}; name one."
    assert (await ada.get("/entities", params={"projectId": first})).json()["items"] == []
    both = await ada.post("/entities", params={"projectId": first}, json={**fields, "projectId": first})
    assert (both.status_code, both.json()["project_id"]) == (201, first)


async def test_null_in_a_field_that_may_be_left_out_means_that_it_is(ada: httpx.AsyncClient):
    made = await ada.post("/documents", json={"title": None, "number": None, "text": None, "scenes": None, "id": None})
    assert made.status_code == 201, made.text
    document = (await ada.patch(f"/documents/{made.json()['id']}", json={"number": 7, "title": "Low Water"})).json()
    emptied = await ada.patch(f"/documents/{made.json()['id']}", json={"number": None, "title": None})

    assert (document["number"], document["title"]) == (7, "Low Water")
    assert (emptied.json()["number"], emptied.json()["title"]) == (None, "Low Water"), "what can be null becomes null"
    project = await ada.post("/projects", json={"name": "One", "kind": None, "settings": None, "id": None})
    assert project.status_code == 201, project.text


async def test_operations_have_the_names_that_a_client_would_give_them(ada: httpx.AsyncClient):
    document = (await ada.get("/openapi.json")).json()
    operations = [said for listed in document["paths"].values() for said in listed.values()]
    names = [said["operationId"] for said in operations]

    assert len(set(names)) == len(names)
    assert all(name.isalpha() and name[0].islower() for name in names)
    assert {"sendChatMessage", "listDocuments", "createEntity", "updateProject", "answerRequests"} <= set(names)
    assert all(said["summary"][0].isupper() and " " in said["summary"] for said in operations)
    assert len({said["summary"] for said in operations if "/ai/chat" not in said["operationId"]}) > 20


async def test_a_story_is_checked_and_what_was_found_is_remembered(ada: httpx.AsyncClient):
    project = (await ada.post("/projects", json={"name": "Crossing"})).json()["id"]
    address = f"/projects/{project}/check"
    first = (await ada.post(address, json={})).json()
    await ada.post("/documents", params={"projectId": project}, json={"title": "Low Water", "povId": "gone"})

    second = (await ada.post(address, json={"since": 1})).json()

    assert (first["findings"], first["rev"]) == ([], 1)
    assert {each["code"] for each in second["findings"]} == {"reference.dangling"}
    assert second["new"] == sorted(each["id"] for each in second["findings"])
    assert {"document_id": None, "family": "references", "state": "read", "reason": ""} in second["coverage"]


async def test_a_check_that_cannot_be_made_is_told(ada: httpx.AsyncClient, calling: Calling):
    project = (await ada.post("/projects", json={"name": "Crossing"})).json()["id"]
    address = f"/projects/{project}/check"

    for bad in ({"families": ["weather"]}, {"since": 99}, {"asOf": {}}, {"family": ["facts"]}):
        assert (await ada.post(address, json=bad)).status_code in (400, 422), bad
    assert (await calling("ben").post(address, json={})).status_code == 404
