"""What must hold of a page, whatever it played."""

from __future__ import annotations

from tests.clients.playing import Json


def text_of(message: Json) -> str:
    """The words of a message."""
    return "".join(part["text"] for part in message["parts"] if part["type"] == "text")


def calls(seen: Json, tool: str) -> list[Json]:
    """The calls of a tool that the page shows."""
    return [part for message in seen["messages"] for part in message["parts"] if part["type"] == f"tool-{tool}"]


def states(seen: Json, tool: str) -> list[str]:
    """How the calls of a tool stand, in the page's words."""
    return [part["state"] for part in calls(seen, tool)]


def assert_well(seen: Json, *, posts: int) -> None:
    """The page is at rest without an error, posted so often, and shows what is remembered."""
    assert (seen["status"], seen["errors"]) == ("ready", [])
    assert seen["posts"] == posts
    assert_shown_is_remembered(seen)


def assert_shown_is_remembered(seen: Json) -> None:
    """The document, the page's messages and the server's say the same, and neither React nor the client objects."""
    shown, remembered = seen["messages"], seen["history"]
    assert seen["shown"] == [text_of(each) for each in shown]
    assert [(each["id"], each["role"]) for each in shown] == [(each["id"], each["role"]) for each in remembered]
    assert [_outcome(each) for each in shown] == [_outcome(each) for each in remembered]
    assert_valid(seen)


def assert_valid(seen: Json) -> None:
    """The client takes the messages for valid, and React has nothing to say, such as of two messages with one id."""
    assert seen["invalid"] == []
    assert seen["complaints"] == []


def _outcome(message: Json) -> list[Json]:
    """What a writer sees of a message: its text, and how its calls stand."""
    parts = [part for part in message["parts"] if part["type"] == "text" or part["type"].startswith("tool-")]
    return [{key: part.get(key) for key in ("type", "text", "toolCallId", "state", "output")} for part in parts]
