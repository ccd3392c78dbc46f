"""Which story tools a message asks for: one rule a tool, each blind to what another rule has taken."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from saga_agent.models.rules.planned import PlannedCall
from saga_agent.models.rules.scene import OfferedTool, RuleInput
from saga_agent.models.rules.wording import DRAFTING, document_in, keywords, sentence, within_reach

STORY_TOOLS = ("create_entity", "ask_question", "detect_entities", "read_document", "search_story")

_KINDS = {
    "character": ("character", "person", "protagonist", "antagonist", "villain", "hero", "heroine"),
    "location": ("location", "place", "town", "city", "village", "house", "setting"),
    "faction": ("faction", "group", "guild", "organisation", "organization"),
    "item": ("item", "object", "artefact", "artifact", "weapon"),
    "event": ("event",),
}
_KIND = "|".join(word for words in _KINDS.values() for word in words)
_CREATE = r"(?<!not )(?<!n't )(?<!n’t )\b(?:add|create|introduce|make|invent)\s+"
_NAME_AS_KIND = re.compile(
    rf"{_CREATE}(?P<name>[^.;!?\n]{{1,120}}?),?\s+as\s+(?:an?\s+)?(?:\w+\s+)?(?P<kind>{_KIND})(?P<many>s)?\b", re.I
)
_KIND_NAME = re.compile(
    rf"{_CREATE}(?:an?\s+|the\s+)?(?:new\s+)?(?P<kind>{_KIND})\s+(?:called\s+|named\s+)?(?P<name>[^.,;!?\n]{{1,120}}?)"
    r"(?=\s+(?:and|who|with|from|in|to|as|then)\b|[.,;!?\n]|$)",
    re.I,
)
_APPOSITION = re.compile(r"(?P<name>.+?),?\s+(?P<summary>(?:the|an?)\s+[^\W\dA-Z].*)")
_ASK = re.compile(
    r"\bask\s+me\s+(?:about\s+|for\s+)?(?P<topic>[^.;!?\n]+?)"
    r"(?=,?\s+(?:and|then)\s+(?:\w+ly\s+)?(?:add|create|draft|write|continue|read|quote|find|search)\b"
    r"|,\s*(?:add|create|draft|write|continue|read|quote|find|search)\b|[.;!?\n]|$)",
    re.I,
)
_READ = re.compile(r"\b(?:read|quote|summari[sz]e|recap|what\s+happens\s+in)\b", re.I)
_WHO = re.compile(
    r"\bwho\b|\b(?:which|what|list|find|detect)\b[^.?!]*\b(?:characters?|people|persons|names|places|entities|cast)\b",
    re.I,
)
_SEARCHING = re.compile(r"\?|^\s*(?:who|what|where|when|why|how|which|tell\s+me|find|search|look\s+up)\b", re.I)
_OPTION_IDS = "abcd"

Rule = Callable[[RuleInput, str, OfferedTool], Iterator[tuple[re.Match[str], PlannedCall]]]


def plan_story_calls(scene: RuleInput) -> list[PlannedCall]:
    """The calls of the story tools on offer that the message asks for."""
    rules: dict[str, Rule] = {"create_entity": _create, "ask_question": _ask, "search_story": _draft}
    calls: list[PlannedCall] = []
    rest = within_reach(scene.text)
    for name, rule in rules.items():
        if tool := scene.tools.get(name):
            for found, call in list(rule(scene, rest, tool)):
                calls.append(call)
                rest = rest[: found.start()] + " " * len(found[0]) + rest[found.end() :]
    looked_up = _look_up(scene, rest)
    if looked_up and looked_up.tool not in {call.tool for call in calls}:
        calls.append(looked_up)
    return calls


def search_call(scene: RuleInput, text: str) -> PlannedCall | None:
    """A search for what a question is about, when it is one and the search is on offer."""
    tool, text = scene.tools.get("search_story"), within_reach(text)
    if tool is None or not (_SEARCHING.search(text) or scene.names_in(text)):
        return None
    return PlannedCall("search_story", tool.fit({"query": " ".join(keywords(text)) or text.strip()}))


def _create(scene: RuleInput, text: str, tool: OfferedTool) -> Iterator[tuple[re.Match[str], PlannedCall]]:
    found_at: set[int] = set()
    for pattern in (_NAME_AS_KIND, _KIND_NAME):
        for found in pattern.finditer(text):
            if found.start() not in found_at:
                found_at.add(found.start())
                many = found.groupdict().get("many")
                for name in re.split(r",\s*(?:and\s+)?|\s+and\s+", found["name"]) if many else [found["name"]]:
                    arguments = tool.fit(_entity(name, found["kind"].lower(), tool))
                    yield found, PlannedCall("create_entity", arguments, found.start())


def _entity(name: str, word: str, tool: OfferedTool) -> dict[str, object]:
    name, summary = name.strip(" \"'“”‘’"), ""
    if apposition := _APPOSITION.fullmatch(name):
        name, summary = apposition["name"].strip(" ,"), apposition["summary"]
    kind = next(kind for kind, words in _KINDS.items() if word in words)
    allowed = tool.choices("type")
    if kind == "location" and allowed and kind not in allowed:
        kind = "place"
    described = {"summary": summary} if "summary" in tool.properties else {"fields": {"summary": summary}}
    return {"type": kind, "name": name.removeprefix("the "), **(described if summary else {})}


def _ask(scene: RuleInput, text: str, tool: OfferedTool) -> Iterator[tuple[re.Match[str], PlannedCall]]:
    for found in _ASK.finditer(text):
        topic = re.sub(r"(?:\s*,)?(?:\s+and)?\s*$", "", found["topic"])
        labels: list[str] = []
        if re.match(r"(?:whether|if)\b", topic, re.I):
            topic, labels = re.sub(r"^(?:whether|if)\s+", "", topic, flags=re.I) + ": yes or no", ["Yes", "No"]
        elif re.match(r"(?:who|whose|whom|which\s+character)\b", topic, re.I):
            labels = (scene.names_in(scene.text) + [n for n in scene.names if n not in scene.names_in(scene.text)])[:4]
        question: dict[str, object] = {"question": f"{sentence(topic)}?"}
        if len(labels) > 1:
            question["options"] = [{"id": id_, "label": label} for id_, label in zip(_OPTION_IDS, labels, strict=False)]
        yield found, PlannedCall("ask_question", tool.fit(question), found.start())


def _draft(scene: RuleInput, text: str, tool: OfferedTool) -> Iterator[tuple[re.Match[str], PlannedCall]]:
    if found := DRAFTING.search(text):
        clause = re.split(r"[.;!?\n]|,\s", text[found.end() :])[0]
        query = " ".join(keywords(clause)) or " ".join(scene.names_in(scene.text)) or scene.text
        yield found, PlannedCall("search_story", tool.fit({"query": query}), found.start())


def _look_up(scene: RuleInput, text: str) -> PlannedCall | None:
    document = document_in(text)
    for name, pattern in (("detect_entities", _WHO), ("read_document", _READ)):
        tool, found = scene.tools.get(name), pattern.search(text)
        if tool and found and document and "document" in tool.fit({"document": document}):
            return PlannedCall(name, {"document": document}, found.start())
    return None
