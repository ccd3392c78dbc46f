"""The writer of the demo: answers requests by the script, visibly."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from saga_agent.cli.conversation.repliers import SHOWN
from saga_agent.cli.conversation.typed import parse_answer
from saga_agent.cli.demonstration.script import ALIASES, NOTE, POINT_OF_VIEW
from saga_agent.cli.demonstration.stage import Stage
from saga_agent.cli.rendering.cards import request_card
from saga_agent.domain.record import JsonObject
from saga_agent.domain.requests import Approval, ClientCall, Edit, Question, Reply, Request


class ScriptedWriter:
    """Takes the script's option, and approves what is to be added after putting in its other names."""

    def __init__(self, stage: Stage, *, project: str) -> None:
        self._stage, self._project = stage, project

    def reply(self, requests: Sequence[Request]) -> Mapping[str, Reply]:
        replies: dict[str, Reply] = {}
        for number, request in enumerate(requests, start=1):
            place = f" {number} of {len(requests)}" if len(requests) > 1 else ""
            self._stage.console.print(request_card(request, project=self._project, place=place))
            self._stage.pause(1.2)
            replies[request.id] = self._answer(request)
            self._stage.console.print()
        return replies

    def _answer(self, request: Request) -> Reply:
        match request:
            case Approval():
                return self._edit(request)
            case Question():
                return self._choose(request)
            case ClientCall():
                return SHOWN

    def _choose(self, question: Question) -> Reply:
        labels = [option.label for option in question.options]
        number = labels.index(POINT_OF_VIEW) + 1 if POINT_OF_VIEW in labels else 1
        line = f"{number} {NOTE}" if labels else NOTE
        self._stage.type(f"1-{len(labels)}, a note may follow > " if labels else "your answer > ", line)
        return parse_answer(question, line)

    def _edit(self, approval: Approval) -> Reply:
        self._stage.type("[a]pprove  [d]eny  [e]dit  [s]top > ", "e")
        arguments: JsonObject = {name: value for name, value in approval.arguments.items() if value}
        arguments["aliases"] = list(ALIASES)
        self._stage.type("arguments > ", json.dumps(arguments, ensure_ascii=False))
        return Edit(arguments=arguments)
