import ast
import re
import string
from collections import Counter
from pathlib import Path

import pytest
import yaml
from card_examples import A100
from written_yaml import SafeLoader

import bot.cards
import bot.language
import bot.playground.slackbot
from bot.cards.sections import memory_parts
from bot.files import config_dir
from bot.i18n import LANGUAGES, Language, Texts, load_texts
from estimator.memory.result import Phase

CARDS = sorted(Path(bot.cards.__file__).parent.glob("*.py"))
LANGUAGE = sorted(Path(bot.language.__file__).parent.glob("*.py"))
SOURCES = [*CARDS, *sorted(Path(bot.cards.__file__).parents[1].glob("**/*.py"))]
ONLY_ENGLISH = (".one",)
"""Forms of a count that Chinese does not have."""
ONLY_CHINESE = ("count.", "named.", "value.")
"""Units of ten thousand, and words for keys that English cards say as they are typed."""
BUILT_PREFIXES = frozenset(
    {
        "assumption", "bound_by", "bytes", "button", "checkpointing", "compare.name", "currency", "default",
        "help.key", "key", "kind", "market", "method", "mistake", "notice", "optimizer", "part", "phase",
        "problem", "provider", "setting", "sharding", "slackbot", "source",
        "spent", "term", "verdict", "warning",
    }
)  # fmt: skip
"""Keys that code makes from a value of the core (a method, a market), not from a literal."""


def names_in(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def sentences(texts: Texts) -> dict[str, str]:
    return {key: texts._sentences[key] for key in texts.keys}


@pytest.mark.parametrize(
    ("sentence", "name", "said"),
    [
        ("取不到{name}的报价", "RunPod", "取不到 RunPod 的报价"),
        ("取不到{name}的报价", "阿里云", "取不到阿里云的报价"),
        ("{name} 的 GPU", "阿里云", "阿里云的 GPU"),
        ("{name} 的 GPU", "阿里云 cn-hangzhou", "阿里云 cn-hangzhou 的 GPU"),
        ("在 {name} 出售", "中国", "在中国出售"),
        ("在 {name} 出售", "us-east-1", "在 us-east-1 出售"),
        ("用{name}上", "8× H100", "用 8× H100 上"),
        ("跑{name}次", "3", "跑3次"),
        ("沿用{name}的报价", "2026年11月9日", "沿用2026年11月9日的报价"),
        ("按：`{name}`", "不要 cudo", "按：`不要 cudo`"),
        ("取不到{name}的报价", "", "取不到的报价"),
    ],
)
def test_a_latin_name_has_a_space_beside_chinese_words_and_a_chinese_name_none(
    sentence: str, name: str, said: str
) -> None:
    assert Texts("zh", {"locale": "zh", "key": sentence})("key", name=name) == said


def test_a_range_is_written_in_one_place() -> None:
    for language in LANGUAGES:
        spans = {key for key, said in sentences(load_texts(language)).items() if "}–{" in said}
        assert spans == {"number.span"}


def test_both_languages_have_the_same_keys() -> None:
    english, chinese = (sentences(load_texts(each)) for each in LANGUAGES)
    assert {key for key in english if key not in chinese and not key.endswith(ONLY_ENGLISH)} == set()
    assert {key for key in chinese if key not in english and not key.startswith(ONLY_CHINESE)} == set()


def test_both_languages_fill_in_the_same_names() -> None:
    english, chinese = (sentences(load_texts(each)) for each in LANGUAGES)
    differing = {
        key: (names_in(english[key]), names_in(chinese[key]))
        for key in english.keys() & chinese.keys()
        if names_in(english[key]) != names_in(chinese[key])
    }
    assert differing == {}


def test_every_file_of_words_is_a_language_that_can_be_chosen() -> None:
    assert {each.stem for each in (config_dir() / "locales").glob("*.yaml")} == set(LANGUAGES)


def literal_keys() -> set[str]:
    """Every string in the bot's code, f-strings with `*` for what is filled in."""
    found = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                found.add("".join(str(p.value) if isinstance(p, ast.Constant) else "*" for p in node.values))
    return found


def said_twice(node: yaml.Node | None) -> list[str]:
    """Keys that a mapping says again: the second would win unseen."""
    if not isinstance(node, yaml.MappingNode):
        return []
    names = Counter(key.value for key, _ in node.value)
    beneath = [name for _, value in node.value for name in said_twice(value)]
    return [name for name, times in names.items() if times > 1] + beneath


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_stands_twice(language: Language) -> None:
    text = (config_dir() / "locales" / f"{language}.yaml").read_text(encoding="utf-8")
    assert said_twice(yaml.compose(text, SafeLoader)) == []


def test_every_sentence_is_used_by_some_code() -> None:
    literals = literal_keys()
    patterns = [
        re.compile(re.escape(each).replace(r"\*", r"[\w-]+") + "$") for each in literals if ".*" in each
    ]

    def used(key: str) -> bool:
        bare = re.sub(r"\.(one|other)$", "", key)
        return bare in literals or any(pattern.match(bare) for pattern in patterns)

    unused = {
        key for key in load_texts("en").keys if not used(key) and not key.startswith(tuple(BUILT_PREFIXES))
    }
    assert unused - {"locale"} == set()


def test_no_english_sentence_stands_in_the_code_of_the_language_or_of_slackbot() -> None:
    """Likewise; those left out here list what is read."""
    said = {
        (path.name, node.value)
        for path in (*LANGUAGE, Path(bot.playground.slackbot.__file__))
        if path.stem not in {"warm_up", "words", "sentences"} and not path.stem.endswith("_words")
        for nodes in [tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))]
        for docstrings in [{id(each.value) for each in nodes if isinstance(each, ast.Expr)}]
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if id(node) not in docstrings
        if re.search(r"[A-Za-z]{3,} [a-z]{2,} [a-z]{2,} ", node.value)
    }
    assert said == set()


@pytest.mark.parametrize("path", CARDS, ids=lambda path: path.stem)
def test_no_sentence_stands_in_the_code_of_the_cards(path: Path) -> None:
    """Three words in a row, or Chinese, in a literal that is no docstring and no error of ours."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    quiet = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise | ast.Subscript) or path.stem in ("slack_limits", "block"):
            quiet |= {id(each) for each in ast.walk(node)}
    said = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in quiet
        if re.search(r"[A-Za-z]{3,} [a-z]{2,} |[\u4e00-\u9fff]", node.value)
    ]
    assert said == []


def test_chinese_markup_stands_where_slack_sees_it() -> None:
    """Slack closes *bold* and `code` at a space, an ASCII sign or an end, not at a full-width one."""
    unseen = []
    for key, sentence in sentences(load_texts("zh")).items():
        for found in re.finditer(r"\*[^*\n]+\*|`[^`\n]+`", sentence):
            around = (
                sentence[max(0, found.start() - 1) : found.start()] + sentence[found.end() : found.end() + 1]
            )
            if not around.isascii():
                unseen.append((key, found[0]))
    assert unseen == []


def test_a_count_chooses_its_form() -> None:
    english, chinese = load_texts("en"), load_texts("zh")
    assert english.counted("estimate.tries", 1, count="1") == "1 try"
    assert english.counted("estimate.tries", 2.5, count="2.5") == "2.5 tries"
    assert chinese.counted("estimate.tries", 1, count="1") == "跑 1 次"


def test_a_sentence_that_does_not_exist_raises_unless_another_is_given(texts: Texts) -> None:
    with pytest.raises(KeyError):
        texts("no.such.sentence")
    assert texts.given("no.such.sentence", "as it is") == "as it is"
    assert texts.given("estimate.tries.other", "as it is") == "as it is"


def own_texts(folder: Path, language: Language, words: str) -> Texts:
    """The words of an installation that has `words` over the shipped ones."""
    (folder / "locales").mkdir()
    (folder / "locales" / f"{language}.yaml").write_text(words, encoding="utf-8")
    return load_texts(language, folder)


def test_an_installation_renames_one_word_and_loses_no_other(tmp_path: Path, language: Language) -> None:
    shipped, own = load_texts(language), own_texts(tmp_path, language, "{part: {weights: parameters}}")
    assert own.keys == shipped.keys
    before, now = sentences(shipped), sentences(own)
    assert {key for key in own.keys if now[key] != before[key]} == {"part.weights"}


def test_the_parts_of_memory_keep_their_order_whatever_the_words(tmp_path: Path, texts: Texts) -> None:
    own = own_texts(tmp_path, texts.language, "{part: {overhead: zzz, weights: parameters}}")
    renamed = memory_parts(A100, texts).replace(texts("part.weights"), "parameters")
    assert memory_parts(A100, own) == renamed.replace(texts("part.overhead"), "zzz")


def test_a_plural_form_is_the_languages_own(tmp_path: Path) -> None:
    polish = (
        "{locale: pl, estimate: {tries: {one: '{count} próba', few: '{count} próby', many: '{count} prób'}}}"
    )
    own = own_texts(tmp_path, "en", polish)
    said = [own.counted("estimate.tries", each, count=str(each)) for each in (1, 2, 5, 1.5)]
    assert said == ["1 próba", "2 próby", "5 prób", "1.5 tries"]


def test_every_phase_of_the_peak_has_its_formulas(texts: Texts) -> None:
    named = {f"term.{kind}_{phase}.formula" for kind in ("temporary", "activations") for phase in Phase}
    assert named <= texts.keys


def test_chinese_brackets_are_of_one_kind() -> None:
    """Half-width with a space before: what is joined to one line on a card would mix them otherwise."""
    chinese = sentences(load_texts("zh"))
    full_width = {key for key, said in chinese.items() if re.search("[（）]", said)}
    glued = {key for key, said in chinese.items() if re.search(r"[\u4e00-\u9fff]\(|\)[\u4e00-\u9fff]", said)}
    assert (full_width, glued) == (set(), set())
