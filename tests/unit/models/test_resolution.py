from __future__ import annotations

import subprocess
import sys

import pytest

from saga_agent.errors import InvalidInput
from saga_agent.models.offline import OfflineModel
from saga_agent.models.openai import OpenAIModel
from saga_agent.models.resolution import resolve_model
from saga_agent.models.scripted import ScriptedModel

KEYS = {"OPENAI_API_KEY": "sk-openai", "OPENROUTER_API_KEY": "sk-router"}


def _key(model: object) -> str:
    assert isinstance(model, OpenAIModel)
    assert model.openai_api_key is not None
    return model.openai_api_key.get_secret_value()  # type: ignore[union-attr]


def test_a_chat_model_passes_through() -> None:
    model = ScriptedModel([])

    assert resolve_model(model) is model


def test_offline_is_unpaced_unless_a_pace_is_given() -> None:
    plain, paced = resolve_model("offline", environ={}), resolve_model("offline:tps=20", environ={})

    assert isinstance(plain, OfflineModel)
    assert isinstance(paced, OfflineModel)
    assert (plain.tokens_per_second, paced.tokens_per_second) == (None, 20)


@pytest.mark.parametrize(
    ("spec", "name", "base_url", "key"),
    [
        ("openai:gpt-test", "gpt-test", "https://api.openai.com/v1", "sk-openai"),
        ("openrouter:maker/name:free", "maker/name:free", "https://openrouter.ai/api/v1", "sk-router"),
        ("openai:llama@http://127.0.0.1:9/v1", "llama", "http://127.0.0.1:9/v1", "sk-openai"),
        ("openai:@cf/llama@https://u:p@host/v1", "@cf/llama", "https://u:p@host/v1", "sk-openai"),
    ],
)
def test_a_named_model_has_its_server_and_key(spec: str, name: str, base_url: str, key: str) -> None:
    model = resolve_model(spec, environ=KEYS)

    assert isinstance(model, OpenAIModel)
    assert (model.model_name, model.openai_api_base, _key(model)) == (name, base_url, key)


def test_a_server_of_ones_own_needs_no_key() -> None:
    assert _key(resolve_model("openai:llama@http://127.0.0.1:9/v1", environ={})) == "none"


def test_the_environment_may_name_the_server() -> None:
    model = resolve_model("openai:llama", environ={"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"})

    assert isinstance(model, OpenAIModel)
    assert model.openai_api_base == "http://127.0.0.1:9/v1"


@pytest.mark.parametrize(
    ("spec", "variable"), [("openai:gpt-test", "OPENAI_API_KEY"), ("openrouter:a/b", "OPENROUTER_API_KEY")]
)
def test_a_missing_key_is_named(spec: str, variable: str) -> None:
    with pytest.raises(InvalidInput, match=f"set the environment variable {variable}"):
        resolve_model(spec, environ={variable: ""})


@pytest.mark.parametrize(
    "spec",
    [
        "",
        "gpt-4",
        "offline:",
        "offline:fast",
        "offline:tps=",
        "offline:tps=0",
        "offline:tps=-1",
        "openai:",
        "openrouter:",
        "openai:llama@localhost:8000",
        "openai:llama@http://",
        "openai:@http://host/v1",
        "openrouter:a/b@http://host/v1",
        "anthropic:claude",
        "openai:llama@http://[bad/v1",
        "openai:llama@http://host:port/v1",
    ],
)
def test_any_other_text_is_refused_with_the_list_of_forms(spec: str) -> None:
    with pytest.raises(InvalidInput, match=r'"offline", "offline:tps=20", "openai:NAME".*"openai:NAME@BASE_URL"'):
        resolve_model(spec, environ=KEYS)


def test_a_key_with_line_breaks_around_it_is_trimmed_and_one_with_others_inside_refused() -> None:
    assert _key(resolve_model("openai:gpt-test", environ={"OPENAI_API_KEY": " sk-x\n"})) == "sk-x"

    with pytest.raises(InvalidInput, match="OPENAI_API_KEY holds characters that no API key has"):
        resolve_model("openai:gpt-test", environ={"OPENAI_API_KEY": "sk-“x”"})


def test_a_base_url_in_the_environment_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidInput, match="OPENAI_BASE_URL is 'localhost:8000'"):
        resolve_model("openai:llama", environ={"OPENAI_BASE_URL": "localhost:8000"})


def test_resolving_the_offline_model_imports_no_openai() -> None:
    """The OpenAI package alone costs a second of CPU at start."""
    code = (
        "import sys; from saga_agent.models.resolution import resolve_model\n"
        "assert 'langchain_core' not in sys.modules\n"
        "resolve_model('offline'); assert not {'openai', 'langchain_openai', 'tiktoken'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
