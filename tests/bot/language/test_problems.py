"""Bad input: every problem at once, each with its token, a sentence and near words."""

import re
from pathlib import Path

import pytest

import estimator
from bot.i18n import LANGUAGES, load_texts
from bot.language import Vocabulary, message, read
from bot.model_hub.hub import Why

ONE_PROBLEM = [
    ("7b ecpochs=3", "unknown_key", "ecpochs=3"),
    ("7b foo2", "unknown_word", "foo2"),
    ("7b 2 rtx titan", "unlisted_gpu", "2 rtx titan"),
    ("7b 3070ti 8g", "unlisted_gpu", "3070ti 8g"),
    ("7b 2070 super", "unlisted_gpu", "2070 super"),
    ("7b rx 7900 xtx", "unlisted_gpu", "rx 7900 xtx"),
    ("7b 40MB of text", "bytes_of_data", "40MB of text"),
    ("7b dataset is 2 GB", "bytes_of_data", "2 GB"),
    ("mistal 7b lora", "unknown_word", "mistal 7b"),
    ("lama 3 8b", "unknown_word", "lama 3 8b"),
    ("7b qlroa", "unknown_word", "qlroa"),
    ("7b one more epoch", "more_of_it", "one more epoch"),
    ("7b 500 steps per epoch", "steps_per_epoch", "500 steps per epoch"),
    ("7b not lora", "negated", "not lora"),
    ("7b 4m tokens per step", "tokens_per", "4m tokens per step"),
    ("7b a100 24gb", "memory_mismatch", "24gb"),
    ("7b tp=2 ep=8", "no_expert_parallelism", "ep=8"),
    ("7b torchtitan 8xh100 ep=8", "no_expert_parallelism", "ep=8"),
    ("7b expert_parallel=8", "no_expert_parallelism", "expert_parallel=8"),
    ("7b $500", "bare_number", "$500"),
    ("7b 24小时", "bare_number", "24小时"),
    ("lama-7b", "unknown_word", "lama-7b"),
    ("model=nosuchthing", "unknown_model", "model=nosuchthing"),
    ("7b h10", "unknown_word", "h10"),
    ("llama2 lora", "model_without_size", "llama2"),
    ("lora llama 3.1 on 8xh100", "model_without_size", "llama 3.1"),
    ("qwen2.5-instruct qlora", "model_without_size", "qwen2.5-instruct"),
    ("7b gpu=foo", "unknown_gpu", "gpu=foo"),
    ("7b gpu=8", "unknown_gpu", "gpu=8"),
    ("7b provider=foo", "unknown_provider", "provider=foo"),
    ("7b cur=xyz", "unknown_currency", "cur=xyz"),
    ("7b bs=0", "out_of_range", "bs=0"),
    ("7b n=-5", "out_of_range", "n=-5"),
    ("7b n=−5", "out_of_range", "n=-5"),
    ("7b ep=1e9", "out_of_range", "ep=1e9"),
    ("7b ep=0", "out_of_range", "ep=0"),
    ("7b ep=1001", "out_of_range", "ep=1001"),
    ("7b seq=10b", "out_of_range", "seq=10b"),
    ("7b seq 10b", "out_of_range", "seq 10b"),
    ("7b bs=1000001", "out_of_range", "bs=1000001"),
    ("7b n=1e13", "out_of_range", "n=1e13"),
    ("7b n=1e999", "out_of_range", "n=1e999"),
    ("7b retry=0", "out_of_range", "retry=0"),
    ("7b retry=11", "out_of_range", "retry=11"),
    ("7b mfu=0", "out_of_range", "mfu=0"),
    ("7b mfu=101", "out_of_range", "mfu=101"),
    ("7b dropout=1", "out_of_range", "dropout=1"),
    ("7b price=-1", "out_of_range", "price=-1"),
    ("7b price=0", "out_of_range", "price=0"),
    ("7b deadline=0", "out_of_range", "deadline=0"),
    ("7b 0xh100", "out_of_range", "0xh100"),
    ("7b 0 gpus", "out_of_range", "0 gpus"),
    ("0b lora", "out_of_range", "0b"),
    ("7b n=4gb", "wrong_unit", "n=4gb"),
    ("7b seq=1s", "wrong_unit", "seq=1s"),
    ("7b budget=5usd/h", "wrong_unit", "budget=5usd/h"),
    ("7b deadline=5k", "wrong_unit", "deadline=5k"),
    ("7b h100 $20/h total", "price_of_all", "$20/h total"),
    ("7b n=nan", "not_a_number", "n=nan"),
    ("7b n=inf", "not_a_number", "n=inf"),
    ("7b n=-inf", "not_a_number", "n=-inf"),
    ("7b n=0x10", "not_a_number", "n=0x10"),
    ("7b n=+5", "not_a_number", "n=+5"),
    ("7b n=ten", "not_a_number", "n=ten"),
    ("7b n=1.2.3", "not_a_number", "n=1.2.3"),
    ("7b deadline=1h30m", "not_a_number", "deadline=1h30m"),
    ("7b n=10k-20k", "vague_number", "n=10k-20k"),
    ("7b lora 几千条", "vague_number", "几千条"),
    ("7b lora several thousand examples", "vague_number", "several thousand examples"),
    ("7b lora n=10k 几百块预算", "vague_number", "几百块"),
    ("7b lora 预算几千元", "vague_number", "几千元"),
    ("7b lora 预算十几万", "vague_number", "十几万"),
    ("7b lora budget a few hundred dollars", "vague_number", "few hundred dollars"),
    ("7b lora a couple of grand", "vague_number", "couple of grand"),
    ("7b lora 几十张4090", "vague_number", "几十张"),
    ("7b price=abc", "not_a_number", "price=abc"),
    ("7b n=1.5", "not_whole", "n=1.5"),
    ("7b n=10,00", "bad_comma", "n=10,00"),
    ("7b n=1,0000", "bad_comma", "n=1,0000"),
    ("7b bs=8,16", "bad_comma", "bs=8,16"),
    ("7b n=10²", "refused_digits", "n=10²"),
    ("7b lang=fr", "bad_choice", "lang=fr"),
    ("7b attn=foo", "bad_choice", "attn=foo"),
    ("7b zero=4", "bad_choice", "zero=4"),
    ("7b packing=maybe", "bad_choice", "packing=maybe"),
    ("7b bs=", "missing_value", "bs="),
    ("7b seq lora", "missing_value", "seq"),
    ("7b n 10000", "needs_equals", "n 10000"),
    ("7b 0 context", "number_first", "0 context"),
    ("7b 32", "bare_number", "32"),
    ("7b bs=16 bs=32", "said_twice", "bs=32"),
    ("7b bs=16 batch 32", "said_twice", "batch 32"),
    ("7b h100 a100", "said_twice", "a100"),
    ("7b 80gb 24gb", "said_twice", "24gb"),
    ("7b fp16 bf16", "said_twice", "bf16"),
    ("7b packing no-packing", "said_twice", "no-packing"),
    ("7b zero3 zero2", "said_twice", "zero2"),
    ("7b no-aws aws", "seller_both_ways", "aws"),
    ("7b aws gcp -aws", "seller_both_ways", "-aws"),
    ("7b provider=aws+gcp 不要aws", "seller_both_ways", "不要aws"),
    ("7b 13b", "two_models", "13b"),
    ("7b mistral-7b", "two_models", "mistral-7b"),
    ("7b full qlora", "two_methods", "qlora"),
    ("lora r=8", "no_model", ""),
    ("7b r=8 full", "no_adapters", "r=8"),
    ("7b full targets=qv", "no_adapters", "targets=qv"),
    ("7b freeze r=8", "no_adapters", "r=8"),
    ("7b lora under $2/hr", "cap_of_an_hour", "under $2/hr"),
    ("7b full 4bit", "no_quantization", "4bit"),
    ("7b freeze 8bit", "no_quantization", "8bit"),
    ("7b tp=3 8xh100", "split_does_not_divide", "tp=3"),
    ("7b tp=2 pp=3 gpus=4", "split_does_not_divide", "tp=2"),
    ("7b tp=16 gpus=8", "split_does_not_divide", "tp=16"),
    ("7b nodes=3 gpus=8", "nodes_do_not_divide", "nodes=3"),
    ("7b n=10k tokens=30m", "n_and_tokens", "tokens=30m"),
    ("7b lora mbs=4 ga=8 bs=16 1xa100", "batch_is_no_product", "bs=16"),
    ("7b bs=32 mbs=3 ga=2 8xh100 tp=2", "batch_is_no_product", "bs=32"),
    ("7b lora mbs=3 ga=8 bs=32", "batch_is_no_multiple", "bs=32"),
    ("7b hf@banana", "bad_release", "hf@banana"),
    ("7b stack=hf@", "bad_release", "stack=hf@"),
    ("lora " * 101, "too_many_tokens", ""),
    ("7b " + "x" * 2000, "too_long", ""),
]


@pytest.mark.parametrize(("text", "code", "token"), ONE_PROBLEM)
def test_a_mistake_is_one_problem_that_names_its_token(
    names: Vocabulary, text: str, code: str, token: str
) -> None:
    problems = read(text, names).problems
    assert [(problem.code, problem.token) for problem in problems] == [(code, token)]


@pytest.mark.parametrize(("text", "code", "token"), ONE_PROBLEM)
def test_a_message_has_the_token_and_an_example_in_both_languages(
    names: Vocabulary, text: str, code: str, token: str
) -> None:
    problem = read(text, names).problems[0]
    for language in LANGUAGES:
        sentence = message(problem, load_texts(language))
        assert problem.token[:40] in sentence
        assert "`" in sentence
        assert "{" not in sentence


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("llama2 lora", ("llama-2-7b", "llama-2-13b", "llama-2-70b")),
        ("llama 2 lora", ("llama-2-7b", "llama-2-13b", "llama-2-70b")),
        ("model=llama2 lora", ("model=llama-2-7b", "model=llama-2-13b", "model=llama-2-70b")),
        ("mistral lora", ("mistral-7b",)),
        ("gemma-4 lora", ("gemma-4-12b", "gemma-4-e4b", "gemma-4-e2b", "gemma-4-26b-a4b", "gemma-4-31b")),
    ],
)
def test_a_family_offers_the_sizes_that_exist(names: Vocabulary, text: str, sizes: tuple[str, ...]) -> None:
    (problem,) = read(text, names).problems
    assert problem.suggestions == sizes


def test_every_size_that_is_offered_is_a_model(names: Vocabulary) -> None:
    for family, sizes in names.families.items():
        for name in sizes:
            spec = read(f"lora {name}", names).spec
            assert spec is not None, (family, name)
            assert spec.model in names.models


def test_every_sentence_of_a_problem_is_said_somewhere_and_every_problem_has_one() -> None:
    """Those of the text are provoked above; the others come from the core, the hub and the answers."""
    others = {"unknown_currency", "bad_region", "bad_targets", "two_currencies", "malformed_request"}
    others |= {"out_of_range_above", "wanted_or_not", "maybe_experts", "of_what"}
    of_texts = {code for _, code, _ in ONE_PROBLEM} | others
    of_names = {f"catalog_{name}" for name in ("model", "gpu", "framework")}
    of_the_hub = {f"hub_{why}" for why in Why}
    for language in LANGUAGES:
        sentences = set(load_texts(language).group("problem")) - {"did_you_mean"}
        near = {each for each in sentences if each.endswith("_near")}
        assert sentences - near == of_texts | of_names | of_the_hub | codes_refused()
        assert {each.removesuffix("_near") for each in near} <= sentences


def codes_refused() -> set[str]:
    """The codes of `Impossible` and `Problem` that the core and the answers write."""
    root = Path(estimator.__file__).parent.parent
    patterns = {
        "estimator/planner/*.py": r'(?:_refused|Impossible)\(\s*"([a-z0-9_]+)"',
        "bot/answers/*.py": r'\bcode="([a-z_]+)"',
    }
    found = {
        code
        for files, pattern in patterns.items()
        for file in root.glob(files)
        for code in re.findall(pattern, file.read_text("utf-8"))
    }
    assumptions = set(load_texts("en").group("assumption")) | set(load_texts("en").group("warning"))
    return found - assumptions


def test_all_problems_come_at_once(names: Vocabulary) -> None:
    problems = read("foo2 bs=0 n=nan h100 a100 r=8 full", names).problems
    assert [problem.code for problem in problems] == [
        "unknown_word",
        "out_of_range",
        "not_a_number",
        "said_twice",
        "no_adapters",
        "no_model",
    ]


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("7b ecpochs=3", "epochs=3"),
        ("7b epochz=3", "epochs=3"),
        ("7b h10", "h100"),
        ("lama-7b", "llama-7b"),
        ("mistal-7b", "mistral-7b"),
        ("7b qlroa", "qlora"),
        ("7b runpodd", "runpod"),
        ("7b alibba", "alibaba"),
        ("7b adamx", "adamw"),
        ("7b gpu=h10", "gpu=h100"),
        ("7b gpu=8", "gpus=8"),
        ("7b provider=asure", "provider=azure"),
        ("7b opt=adanw", "opt=adamw"),
        ("model=qwen2.5-7", "model=qwen2.5-7b"),
        ("llama 8b lora", "llama-3.1-8b"),
        ("7b n 10000", "n=10000"),
        ("comprae 7b", "compare"),
    ],
)
def test_the_nearest_known_words_are_suggested(names: Vocabulary, text: str, suggestion: str) -> None:
    assert suggestion in read(text, names).problems[0].suggestions


def test_the_span_of_a_problem_is_where_its_token_stands(names: Vocabulary) -> None:
    reading = read("*7b*  `bs = 0`   lora ecpochs=3", names)
    assert [reading.text[slice(*problem.span)] for problem in reading.problems if problem.span] == [
        problem.token for problem in reading.problems
    ]


def test_a_text_of_a_hundred_tokens_is_still_read(names: Vocabulary) -> None:
    assert read("7b " + "the " * 99, names).spec is not None
    assert read("7b " + "n = 10 " * 99, names).spec is not None


@pytest.mark.parametrize(
    "text",
    [
        "7b lora mbs=4 ga=8 bs=32 1xa100",
        "7b mbs=2 ga=4 bs=32 8xh100 tp=2",
        "7b lora mbs=4 ga=2 bs=64",
        "7b lora mbs=4 bs=30 1xa100",
        "7b lora ga=5 bs=32 1xa100",
    ],
)
def test_numbers_of_one_batch_go_together(names: Vocabulary, text: str) -> None:
    """Three whose product is the batch; two, of which the plan rounds the batch up and says so."""
    assert read(text, names).problems == ()


def test_a_batch_that_is_no_product_offers_the_one_that_is(names: Vocabulary) -> None:
    problem = read("7b lora mbs=4 ga=8 bs=16 1xa100", names).problems[0]
    assert problem.suggestions == ("bs=32",)


@pytest.mark.parametrize("text", ["7b price=0", "7b ep=0", "7b mfu=0", "7b deadline=0h"])
def test_a_bound_that_is_out_itself_is_not_said_to_be_in(names: Vocabulary, text: str) -> None:
    (problem,) = read(text, names).problems
    assert "is more than 0" in message(problem, load_texts("en"))
    assert "要大于 0" in message(problem, load_texts("zh"))
    assert "goes from 1 to" in message(read("7b bs=0", names).problems[0], load_texts("en"))


@pytest.mark.parametrize("text", ["llama-9-foo lora", "qwen9-foo qlora 4bit"])
def test_a_word_like_a_models_name_is_one_problem_that_offers_models_alone(
    names: Vocabulary, text: str
) -> None:
    (problem,) = read(text, names).problems
    assert problem.token == text.split(maxsplit=1)[0]
    assert not [each for each in problem.suggestions if each not in names.shown_models.values()]
