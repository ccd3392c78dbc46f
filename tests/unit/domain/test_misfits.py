"""What does not fit a model is told in our words, one sentence for each kind of misfit."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from saga_agent.domain.misfits import misfit


class Cat(BaseModel):
    kind: Literal["cat"]


class Dog(BaseModel):
    kind: Literal["dog"]


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(default="x", min_length=1, max_length=3, pattern="^[a-z]*$")
    number: int = Field(default=1, ge=1, le=9)
    share: float = Field(default=0.5, gt=0, lt=1, allow_inf_nan=False)
    is_on: bool = False
    kind: Literal["note", "clip"] = "note"
    tags: list[str] = Field(default=[], max_length=2)
    fields: dict[str, str] = Field(default={})
    inner: Cat | None = None
    pet: Annotated[Cat | Dog, Field(discriminator="kind")] | None = None
    told: str = ""

    @field_validator("told")
    @classmethod
    def _told(cls, told: str) -> str:
        if told:
            raise ValueError("nobody may say that.")
        return told


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"name": 7}, "'name' must be a text"),
        ({"name": ""}, "'name' must not be empty"),
        ({"name": "long"}, "'name' has more than 3 characters"),
        ({"name": "A"}, "'name' must match ^[a-z]*$"),
        ({"number": "seven"}, "'number' must be a whole number"),
        ({"number": 1.5}, "'number' must be a whole number"),
        ({"number": 0}, "'number' must be at least 1"),
        ({"number": 10}, "'number' must be at most 9"),
        ({"share": 0}, "'share' must be more than 0.0"),
        ({"share": 1}, "'share' must be less than 1.0"),
        ({"share": float("inf")}, "'share' must be a finite number"),
        ({"share": []}, "'share' must be a number"),
        ({"is_on": "maybe"}, "'is_on' must be true or false"),
        ({"kind": "image"}, "'kind' must be 'note' or 'clip'"),
        ({"tags": "a"}, "'tags' must be a list"),
        ({"tags": ["a", "b", "c"]}, "'tags' has more than 2 items"),
        ({"tags": ["a", 7]}, "'tags.1' must be a text"),
        ({"fields": []}, "'fields' must be an object"),
        ({"inner": 7}, "'inner' must be an object"),
        ({"inner": {}}, "'inner.kind' is missing"),
        ({"pet": {"kind": "bird"}}, "'pet' has a wrong 'kind'; it must be one of 'cat', 'dog'"),
        ({"pet": {}}, "'pet' needs 'kind'"),
        ({"told": "x"}, "'told' cannot be used: nobody may say that"),
        ({"more": 1}, "'more' is not known here; leave it out"),
    ],
)
def test_each_kind_of_misfit_has_its_words(given: dict[str, Any], words: str):
    with pytest.raises(ValidationError) as refused:
        Shape.model_validate(given)

    assert misfit(refused.value) == words


def test_where_the_whole_does_not_fit_it_is_called_by_what_it_is():
    with pytest.raises(ValidationError) as refused:
        Shape.model_validate(7)

    assert misfit(refused.value, within="the reply") == "the reply must be an object"
