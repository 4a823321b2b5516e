"""Help and the form come from the grammar's table, so that they cannot lag behind it."""

from bot.language import Vocabulary, fillers, help_topic, help_topics, read
from bot.language.grammar import KEYS
from bot.language.request import LOOKS
from estimator.spec import TrainingSpec


def test_every_field_of_the_spec_has_a_key_or_belongs_to_one() -> None:
    belongs = {"optimizer_implementation"}
    assert {key.field for key in KEYS} | belongs == {*TrainingSpec.model_fields, *LOOKS}


def test_every_topic_is_complete_in_both_languages() -> None:
    for english, chinese in zip(help_topics("en"), help_topics("zh"), strict=True):
        assert english.name == chinese.name
        assert english.description
        assert chinese.description
        assert english.kind != chinese.kind


def test_every_example_reads(names: Vocabulary) -> None:
    for topic in help_topics():
        text = topic.example if topic.name == "model" else f"{topic.example} 7b"
        request = read(text, names).request
        assert request is not None, text
        assert topic.field in request.said() or topic.field == "method"


def test_a_topic_is_found_by_key_alias_field_and_word() -> None:
    for name in ("seq", "长度", "max_len", "sequence_length", "SEQ LEN"):
        topic = help_topic(name)
        assert topic is not None
        assert topic.name == "seq"
    found = help_topic("4bit")
    assert found is not None
    assert found.name == "quant"
    assert help_topic("nonsense") is None


def test_the_fillers_are_shown_and_carry_nothing(names: Vocabulary) -> None:
    assert read(" ".join(fillers()[:90]), names).outcome == "help"
    assert read(" ".join(fillers()[90:]), names).outcome == "help"
