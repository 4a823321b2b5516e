"""Help and the form come from the grammar's table, so that they cannot lag behind it."""

from bot.files import load_catalog
from bot.i18n import LANGUAGES, load_texts
from bot.language import Vocabulary, fillers, help_topic, help_topics, read
from bot.language.grammar import KEYS
from bot.language.request import LOOKS
from estimator import PriceBook, estimate
from estimator.spec import RankBy, TrainingSpec

DEFAULTS = load_catalog().defaults
ENGLISH = load_texts("en")


def test_every_field_of_the_spec_has_a_key_or_belongs_to_one() -> None:
    belongs = {"optimizer_implementation", "stack_release", "offload_params", "gpu_memory_gb", "largest"}
    assert {key.field for key in KEYS} | belongs == {*TrainingSpec.model_fields, *LOOKS}


def test_every_topic_is_complete_in_both_languages() -> None:
    english, chinese = (help_topics(load_texts(each), DEFAULTS) for each in LANGUAGES)
    for one, other in zip(english, chinese, strict=True):
        assert one.name == other.name
        assert one.description
        assert other.description
        assert one.kind != other.kind


def test_every_example_reads(names: Vocabulary) -> None:
    for topic in help_topics(ENGLISH, DEFAULTS):
        text = topic.example if topic.name == "model" else f"{topic.example} 7b"
        request = read(text, names).request
        assert request is not None, text
        assert topic.field in request.said() or topic.field == "method"


def test_a_topic_is_found_by_key_alias_field_and_word() -> None:
    for name in ("seq", "长度", "max_len", "sequence_length", "SEQ LEN"):
        topic = help_topic(name, ENGLISH, DEFAULTS)
        assert topic is not None
        assert topic.name == "seq"
    found = help_topic("4bit", ENGLISH, DEFAULTS)
    assert found is not None
    assert found.name == "quant"
    assert help_topic("nonsense", ENGLISH, DEFAULTS) is None


def test_a_default_is_the_catalogs_where_it_has_one() -> None:
    taken = {topic.field: topic.default for topic in help_topics(ENGLISH, DEFAULTS)}
    shared = taken.keys() & type(DEFAULTS).model_fields.keys() - {"rule_of_thumb"}
    said = {"precision", "optimizer", "quantization"}
    assert {each: taken[each] for each in shared - said} == {
        each: "+".join(value) if isinstance(value := getattr(DEFAULTS, each), tuple) else value
        for each in shared - said
    }
    assert [each for each in said if getattr(DEFAULTS, each) not in str(taken[each])] == []
    assert len(shared) == 13
    assert (taken["method"], taken["mfu"], taken["num_nodes"]) == (
        "full",
        "calibrated",
        "",
    )


def test_the_fillers_are_shown_and_carry_nothing(names: Vocabulary) -> None:
    assert read(" ".join(fillers()[:90]), names).outcome == "help"
    assert read(" ".join(fillers()[90:]), names).outcome == "help"


def test_a_default_that_help_names_is_the_one_that_is_taken(names: Vocabulary) -> None:
    taken = {topic.field: topic.default for topic in help_topics(ENGLISH, DEFAULTS)}
    request = read("7b lora 1xh100", names).request
    whole = read("7b 1xh100", names).request
    assert request is not None
    assert whole is not None
    catalog, book = load_catalog(), PriceBook((), ())
    adapters, everything = (estimate(each.spec, catalog, book) for each in (request, whole))
    assumed = {each.what: each.value for found in (adapters, everything) for each in found.assumptions}
    assert {name: assumed[name] for name in ("method", "lora_targets")} == {
        name: taken[name] for name in ("method", "lora_targets")
    }
    assert assumed["precision"] in str(taken["precision"])
    assert assumed["optimizer"].split()[0] in str(taken["optimizer"])
    spec = request.spec.model_copy(update={"rank_by": RankBy(str(taken["rank_by"]))})
    by_default = estimate(spec, catalog, book)
    assert [each.plan for each in by_default.options] == [each.plan for each in adapters.options]
