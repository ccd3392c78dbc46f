"""Requests that no route is for."""

from __future__ import annotations

from http import HTTPStatus

import httpx
import pytest


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/nowhere"), ("POST", "/ai/nothing"), ("GET", "/projects/p/chapters"), ("DELETE", "/ai/saga/chat-1/x")],
)
async def test_an_address_that_is_none_is_told_as_a_problem(ada: httpx.AsyncClient, method: str, path: str):
    answer = await ada.request(method, path)

    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "There is nothing at this address; /openapi.json lists the addresses there are.",
        "code": "HTTPException",
    }


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("POST", "/health", "GET"), ("GET", "/ai/saga", "POST"), ("DELETE", "/ai/chat/chat-1/messages", "GET")],
)
async def test_a_method_that_a_route_does_not_take_is_told_with_those_it_takes(
    ada: httpx.AsyncClient, method: str, path: str, allowed: str
):
    answer = await ada.request(method, path)

    assert answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["allow"] == allowed
    assert answer.json()["detail"] == f"This address takes {allowed} only."
