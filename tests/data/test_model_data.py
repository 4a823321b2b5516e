"""The models: what a count leaves out is said, and a text part has the shape of what it was built on."""

import pytest
from shipped import shipped_names

from bot.files import load_catalog
from bot.i18n import load_texts
from bot.language import read
from estimator.defaults import settle
from estimator.model.arch import NotCounted
from estimator.spec import TrainingSpec

CATALOG = load_catalog()
NAMES = shipped_names()
COPIES = CATALOG.models.said("copy_of")
SEEING = (
    "-vl-",
    "llava",
    "internvl",
    "vision",
    "minicpm-v",
    "minicpm-llama3-v",
    "glm-4v",
    "glm-4.1v",
    "pixtral",
)
ALSO_SEEING = (
    "gemma-3-4b",
    "gemma-3-12b",
    "gemma-3-27b",
    "gemma-4",
    "llama-4",
    "qwen3.5",
    "qwen3.6",
    "mistral-small-3.1",
    "mistral-small-3.2",
)


def test_every_model_that_sees_says_that_its_tower_is_not_counted() -> None:
    for key in CATALOG.models:
        sees = any(part in key for part in SEEING) or key.startswith(ALSO_SEEING)
        assert (CATALOG.models[key].not_counted is NotCounted.VISION) == sees, key


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("qwen2-vl-7b", "qwen2-7b"),
        ("qwen2.5-vl-72b", "qwen2.5-72b"),
        ("qwen3-vl-30b-a3b", "qwen3-30b-a3b"),
        ("llava-1.5-13b", "llama-2-13b"),
        ("glm-4.1v-9b", "glm-4-9b"),
    ],
)
def test_a_text_part_counts_as_the_model_it_was_built_on(key: str, text: str) -> None:
    seeing, reading = CATALOG.models[key], CATALOG.models[text]
    assert (seeing.num_params, seeing.num_active_params) == (reading.num_params, reading.num_active_params)
    assert not set(seeing.aliases) & set(reading.aliases)


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("chatglm-6b", "chatglm-6b"),
        ("vicuna-7b", "vicuna-7b"),
        ("lmsys/vicuna-13b-v1.5", "vicuna-13b"),
        ("qwen2.5-coder-1.5b", "qwen2.5-coder-1.5b"),
        ("gemma-4-31b-it", "gemma-4-31b-it"),
        ("google/gemma-4-26B-A4B-it", "gemma-4-26b-a4b-it"),
        ("qwen2.5-vl-7b", "qwen2.5-vl-7b"),
        ("Qwen2.5-VL-7B-Instruct", "qwen2.5-vl-7b"),
        ("qwen3vl 8b", "qwen3-vl-8b"),
        ("llama 3.2 11b vision", "llama-3.2-11b-vision"),
        ("llava-v1.5-7b", "llava-1.5-7b"),
        ("InternVL3-8B", "internvl3-8b"),
        ("minicpm-v-2_6", "minicpm-v-2.6"),
    ],
)
def test_a_model_is_read_as_people_type_it(typed: str, key: str) -> None:
    spec = read(f"lora {typed} 1xa100", NAMES).spec
    assert spec is not None
    assert spec.model == key


@pytest.mark.parametrize(
    ("typed", "hub_name", "shape"),
    [
        ("vicuna-7b", "lmsys/vicuna-7b-v1.5", "llama-2-7b"),
        ("vicuna-13b", "lmsys/vicuna-13b-v1.5", "llama-2-13b"),
        ("vicuna-7b-v1.3", "lmsys/vicuna-7b-v1.3", "llama-7b"),
        ("qwen2.5-coder-1.5b", "Qwen/Qwen2.5-Coder-1.5B", "qwen2.5-1.5b"),
        ("qwen2.5-math-7b", "Qwen/Qwen2.5-Math-7B", "qwen2.5-7b"),
        ("bloomz-7b", "bigscience/bloomz-7b1", "bloom-7b1"),
        ("alpaca-7b", "", "llama-7b"),
    ],
)
def test_a_fine_tuned_copy_has_a_name_of_its_own_and_the_shape_of_another(
    typed: str, hub_name: str, shape: str
) -> None:
    copy, first = CATALOG.model(typed), CATALOG.models[shape]
    assert (copy.hf_name, copy.num_params, copy.num_layers) == (hub_name, first.num_params, first.num_layers)


def test_a_model_that_sees_is_estimated_with_its_text_part_and_says_so() -> None:
    seeing, reading = (
        settle(TrainingSpec(model=model), CATALOG).assumptions for model in ("qwen2.5-vl-7b", "qwen2.5-7b")
    )
    assert [each.code for each in seeing if each.what == "not_counted"] == ["vision_not_counted"]
    assert not [each for each in reading if each.what == "not_counted"]


@pytest.mark.parametrize("part", NotCounted)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_not_counted_has_its_sentence(part: NotCounted, language: str) -> None:
    texts = load_texts(language)
    assert texts(f"assumption.{part}_not_counted")


@pytest.mark.parametrize(("key", "model"), COPIES.items())
def test_a_copy_is_read_by_its_names_and_has_the_shape_of_its_model(key: str, model: str) -> None:
    copy, first = CATALOG.models[key], CATALOG.models[model]
    own = {"key", "hf_name", "aliases", "copy_of"}
    assert copy.model_dump(exclude=own) == first.model_dump(exclude=own)
    assert first.copy_of is None
    assert "/" in copy.hf_name
    for name in CATALOG.models.names(key):
        spec = read(f"model={name}", NAMES).spec
        assert spec is not None
        assert (spec.model, CATALOG.model(name).key) == (key, key)


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("llama-3.1-8b-instruct", "llama-3.1-8b-instruct"),
        ("llama3.1 8b instruct", "llama-3.1-8b-instruct"),
        ("NousResearch/Meta-Llama-3.1-8B-Instruct", "llama-3.1-8b-instruct"),
        ("meta-llama/Llama-2-7b-chat-hf", "llama-2-7b-chat"),
        ("llama2-7b-chat", "llama-2-7b-chat"),
        ("gemma-2-9b-instruct", "gemma-2-9b-it"),
        ("mistral-7b-v0.3-instruct", "mistral-7b-instruct-v0.3"),
        ("qwen3-8b-base", "qwen3-8b-base"),
        ("llama-3.1-8b-base", "llama-3.1-8b"),
    ],
)
def test_a_model_and_what_it_is_tuned_for_is_its_copy(typed: str, key: str) -> None:
    spec = read(f"{typed} lora 1xa100", NAMES).spec
    assert spec is not None
    assert spec.model == key
