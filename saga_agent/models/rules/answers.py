"""The offline model's answers, by template from what the tools gave back."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from saga_agent.models.rules.prose import draft
from saga_agent.models.rules.replies import chosen
from saga_agent.models.rules.scene import Data, RuleInput, ToolOutcome, as_object
from saga_agent.models.rules.wording import DRAFTING, excerpt, keywords

_LISTED = 12
_QUOTE_CHARS = 280


def answer(scene: RuleInput) -> str:
    """What the results of this turn say, in the order of the calls; a draft, if one was asked for, comes last."""
    drafting = DRAFTING.search(scene.text) is not None and any(o.tool == "search_story" for o in scene.outcomes)
    told = [_tell(outcome) for outcome in scene.outcomes if not (drafting and outcome.ok and _is_material(outcome))]
    return "\n\n".join([*told, *([draft(scene)] if drafting else [])])


def introduce(scene: RuleInput) -> str:
    """What the model says when no tool fits."""
    offered = ", ".join(scene.tools)
    can = (
        f"Tools on offer here: {offered}. A line `/call TOOL {{json}}` calls one."
        if offered
        else "I have no tools here."
    )
    return (
        "I am the offline model: I follow fixed rules and write no prose of my own. I find nothing in your message "
        f"that my rules cover. Ask me who appears in a chapter, or where a name comes up. {can}"
    )


def _is_material(outcome: ToolOutcome) -> bool:
    return outcome.tool == "search_story"


def _tell(outcome: ToolOutcome) -> str:
    if not outcome.ok:
        return _tell_failure(outcome)
    tell = _TEMPLATES.get(outcome.tool)
    return tell(outcome) if tell and outcome.data else _tell_anything(outcome)


def _tell_failure(outcome: ToolOutcome) -> str:
    why = f": {outcome.problem}" if outcome.problem else "."
    if outcome.tool == "create_entity":
        return f"{outcome.arguments.get('name', 'The entry')} was not added to the story bible{why}"
    return f"`{outcome.tool}` did not work{why}"


def _tell_names(outcome: ToolOutcome) -> str:
    title = _title(outcome)
    people = _people(outcome.data)
    if not people:
        return f"I find no names in {title}."
    lines = [f"In {title} I find {len(people)} name{'s' if len(people) > 1 else ''}:"]
    lines += [f"- {_one_name(person)}" for person in people[:_LISTED]]
    if len(people) > _LISTED:
        lines.append(f"- and {len(people) - _LISTED} more")
    quote = next((str(person["first_quote"]) for person in people if person.get("first_quote")), "")
    return "\n".join([*lines, *(["", _cited(quote, title)] if quote else [])])


def _people(data: Data) -> Sequence[Data]:
    """The names found, most frequent first, from a ready list or counted from the single mentions."""
    for key in ("people", "names"):
        if data.get(key):
            return sorted(data[key], key=lambda person: -int(person.get("count") or 1))
    counts = Counter(str(mention.get("name") or mention.get("surface")) for mention in data.get("mentions") or ())
    return [{"name": name, "count": count} for name, count in counts.most_common()]


def _one_name(person: Data) -> str:
    kind = f" ({person['kind']})" if person.get("kind") else ""
    count = int(person.get("count") or 1)
    return f"{person.get('name')}{kind}, {'once' if count == 1 else f'{count} times'}"


def _tell_passages(outcome: ToolOutcome) -> str:
    query = str(outcome.arguments.get("query", ""))
    passages: Sequence[Data] = outcome.data.get("passages") or ()
    if not passages:
        return f"I find nothing about {query!r} in the manuscript."
    best = passages[0]
    return f"The closest passage I find about {query!r}:\n\n" + _cited(
        _best_sentence(str(best.get("text", "")), query), str(best.get("title") or "untitled")
    )


def _best_sentence(text: str, query: str) -> str:
    """The sentence with most of the query's words, and the next one when both are short."""
    sentences = [part for part in text.replace("\n", " ").replace("? ", "?|").replace(". ", ".|").split("|") if part]
    wanted = {word.lower() for word in keywords(query)}
    scores = [len(wanted & {word.lower() for word in keywords(part)}) for part in sentences]
    return " ".join(sentences[(at := scores.index(max(scores))) : at + 2]) if sentences else text


def _tell_creation(outcome: ToolOutcome) -> str:
    entity: Data = outcome.data.get("entity") or outcome.data
    name = entity.get("name") or outcome.arguments.get("name")
    kind = entity.get("type") or entity.get("kind") or outcome.arguments.get("type")
    if outcome.data.get("proposal"):
        return f"I proposed {name} ({kind}) for the story bible; the entry waits for your word."
    return f"I added {name} ({kind}) to the story bible."


def _tell_choice(outcome: ToolOutcome) -> str:
    data = outcome.data
    if data.get("outcome", "answered") != "answered":
        return "My question stays open, so I settle nothing on it."
    said = ", ".join(chosen(outcome))
    note = f" (you noted: {data['note']})" if data.get("note") else ""
    return f"You answered: {said or 'nothing'}{note}."


def _tell_report(outcome: ToolOutcome) -> str:
    agent, status = outcome.data.get("agent"), outcome.data.get("status")
    refused = " It was not allowed all that it tried." if status == "denied" else ""
    return f"@{agent} reports:\n\n{outcome.data.get('text') or 'Nothing.'}{refused}"


def _tell_document(outcome: ToolOutcome) -> str:
    text = str(outcome.data.get("text") or outcome.data.get("content") or "")
    title = _title(outcome)
    return f"{title} begins:\n\n{_cited(text, title)}" if text.strip() else f"{title} is empty."


def _tell_anything(outcome: ToolOutcome) -> str:
    findings: Sequence[Any] = outcome.data.get("findings") or ()
    content = json.dumps(outcome.data, ensure_ascii=False) if outcome.data else outcome.text
    found = f" and reports {len(findings)} finding(s)" if findings else ""
    return f"`{outcome.tool}` is done{found}: {excerpt(content, chars=_QUOTE_CHARS)}"


def _title(outcome: ToolOutcome) -> str:
    document = outcome.data.get("document")
    if (described := as_object(document)) is not None:
        document = described.get("title")
    return str(document or outcome.data.get("title") or outcome.arguments.get("document") or "the text")


def _cited(quote: str, title: str) -> str:
    return f"> {excerpt(quote, chars=_QUOTE_CHARS)}\n> — {title}"


_TEMPLATES: Mapping[str, Callable[[ToolOutcome], str]] = {
    "detect_entities": _tell_names,
    "search_story": _tell_passages,
    "create_entity": _tell_creation,
    "delegate": _tell_report,
    "ask_question": _tell_choice,
    "read_document": _tell_document,
}
