"""Every name of the catalogues reads as what it names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language import Request, Vocabulary, format_request, read
from bot.language.index import ALL_NAMES
from estimator.spec import TrainingSpec

FEWEST_NUMBERS = 8
"""GPUs whose name is a number, at least: `4090`."""


@pytest.mark.untraced
def test_every_model_reads_by_key_and_hub_name(names: Vocabulary) -> None:
    for key, others in names.models.items():
        for name in (key, f"model={key}", *(other for other in others if "/" in other)):
            spec = read(f"lora {name} bs=4", names).spec
            assert spec is not None, name
            assert spec.model == key, name


def test_every_gpu_reads_by_key_and_with_a_count(names: Vocabulary) -> None:
    for key in names.gpus:
        for text in (f"{key} 7b", f"8x{key} 7b", f"gpu={key} 7b", f"7b {key}x8"):
            spec = read(text, names).spec
            assert spec is not None, text
            assert spec.gpu == key, text


def test_every_gpu_alias_names_its_gpu(names: Vocabulary) -> None:
    for key, others in names.gpus.items():
        for alias in others:
            if alias.isascii() and "(" not in alias:
                spec = read(f"7b gpu={alias}", names).spec
                assert spec is not None, alias
                assert spec.gpu == key, alias


def test_two_keys_that_squash_alike_are_told_apart(names: Vocabulary) -> None:
    for key in ("megatron-gpt2-2b", "megatron-gpt-22b"):
        request = Request(spec=TrainingSpec(model=key))
        assert read(format_request(request), names).request == request


def test_a_vocabulary_without_names_still_reads_the_grammar() -> None:
    spec = read("7b lora aws bs=16", Vocabulary(models={}, gpus={})).spec
    assert spec is not None
    assert spec.providers == ("aws",)


@given(st.data())
def test_a_phrase_begins_a_name_where_a_name_begins_with_it(names: Vocabulary, data: st.DataObject) -> None:
    known = (*names.gpu_keys, *names.model_keys, *names.provider_keys, *ALL_NAMES)
    name = data.draw(st.sampled_from(known))
    phrase = name[: data.draw(st.integers(0, len(name)))] + data.draw(
        st.sampled_from(["", "", "s", "\U0010ffff"])
    )
    plurals = tuple(f"{gpu}s" for gpu in names.gpu_keys)
    expected = phrase != "" and any(each.startswith(phrase) for each in (*known, *plurals))
    assert names.begins_a_name(phrase) is expected


def test_nothing_begins_after_the_last_name(names: Vocabulary) -> None:
    assert not names.begins_a_name("\U0010ffff" * 3)
    assert not names.begins_a_name("")


@pytest.mark.untraced
@pytest.mark.parametrize(
    "line", ["7b lora {} {}", "7b lora {}, {}", "7b 微调 {} {}", "compare 7b lora {} {}"]
)
def test_a_gpu_whose_name_is_a_number_counts_no_other(names: Vocabulary, line: str) -> None:
    numbers = [name for name in names.gpu_keys if name.isdigit()]
    assert len(numbers) >= FEWEST_NUMBERS
    for number in numbers:
        for gpu in names.gpus:
            reading = read(line.format(number, gpu), names)
            runs = reading.compared or ((reading.request,) if reading.request else ())
            counts = [run.spec.num_gpus for run in runs]
            assert set(counts) <= {None}, (number, gpu)
