"""The rules of the language: what the atoms at one place mean. The first rule that matches wins."""

from collections import defaultdict
from collections.abc import Callable

from bot.language.kinds import ValueFault
from bot.language.normalize import has_refused_digit
from bot.language.rules.amounts import (
    about_so_long,
    limit_of_money,
    number_first,
    per_epoch,
    price_of_an_hour,
    time_of_a_step,
    tokens_of_a_sample,
    took,
)
from bot.language.rules.areas import in_area
from bot.language.rules.asides import (
    as_large_as_fits,
    best_at,
    how_large_a_model,
    in_currency,
    named_key,
    not_done,
    not_done_in_words,
    on_a_seller,
    parting,
    spoken,
)
from bot.language.rules.batches import batch_of_a_gpu, batch_times_passes
from bot.language.rules.belonging import of_one_gpu, whole_length
from bot.language.rules.changes import than_before, turned
from bot.language.rules.counts import glued, gpus_by_classifier, number_with_noun, samples_of_tokens
from bot.language.rules.evaluation import of_evaluation
from bot.language.rules.gpu_hours import gpu_hours
from bot.language.rules.gpus import count_first, count_last, nodes_of_gpus
from bot.language.rules.instances import counted_instances, instance
from bot.language.rules.intervals import every_so_often
from bot.language.rules.keys import bound_value, lonely_key
from bot.language.rules.limits import cap_of_an_hour, longest_sample, two_limits
from bot.language.rules.machines import (
    gpus_of_a_machine,
    machines,
    machines_of_a_gpu,
    machines_times_counted,
    machines_times_gpus,
    one_of_a_gpu,
    slice_of_tpus,
)
from bot.language.rules.match import OPENED_BY, Match, TokenStream
from bot.language.rules.memory import gpus_of_memory, memory_of_the_host
from bot.language.rules.models import quantized_name, size_and_family, variant_before_size
from bot.language.rules.modules import targeted
from bot.language.rules.names import known_name, model_size, name_of_hub, released
from bot.language.rules.negations import excluded, negated
from bot.language.rules.openings import (
    ARTICLE,
    BOUND,
    COUNT,
    COUNT_OF,
    DIGIT,
    FIRST_OF_RULES,
    FOLLOWED,
    GPU,
    JOINED,
    KEY,
    LEFT_OUT,
    MIXED,
    MODULE,
    MONEY,
    NAME,
    NUMERAL,
    REFUSED,
    RELEASE,
    SIZE_KEY,
    SLASH,
    STAR,
)
from bot.language.rules.own_gpus import own_gpus
from bot.language.rules.parameters import ordinal, without_effect
from bot.language.rules.processors import processor
from bot.language.rules.speeds import speed, tokens_of_a_step
from bot.language.rules.steps import steps_of_an_epoch
from bot.language.rules.unknown_keys import unknown_key
from bot.language.rules.unknown_things import data_in_bytes, named_data_set, size_of_a_corpus
from bot.language.rules.used_memory import memory_used
from bot.language.rules.vague_counts import count_between, vague_count
from bot.language.rules.versions import version
from bot.language.rules.whole_modules import trained_whole

Rule = Callable[[TokenStream, int], Match | None]


def refused_word(text: TokenStream, at: int) -> Match | None:
    """A bare word with a superscript or a digit of another script."""
    word = text.word(at)
    if word is None or not has_refused_digit(word.text) or text.binds(at + 1):
        return None
    return Match(size=1, role="wrong", fault=ValueFault("refused_digits"))


def punctuation(text: TokenStream, at: int) -> Match | None:
    """A lone multiplication sign that no GPU took."""
    word = text.word(at)
    return Match(size=1, role="filler") if word and word.text == "*" else None


_SENTENCES_FIRST: tuple[Rule, ...] = (
    turned,
    than_before,
    instance,
    slice_of_tpus,
    counted_instances,
    excluded,
    not_done_in_words,
    own_gpus,
    how_large_a_model,
    gpu_hours,
    of_evaluation,
    steps_of_an_epoch,
    every_so_often,
    without_effect,
    ordinal,
    vague_count,
    count_between,
    trained_whole,
    targeted,
    whole_length,
    of_one_gpu,
    batch_of_a_gpu,
    batch_times_passes,
    machines_times_gpus,
    machines_times_counted,
    machines_of_a_gpu,
    machines,
    one_of_a_gpu,
    speed,
    longest_sample,
    tokens_of_a_sample,
    tokens_of_a_step,
    data_in_bytes,
    size_of_a_corpus,
    memory_used,
    gpus_of_memory,
    memory_of_the_host,
    processor,
    version,
    time_of_a_step,
    two_limits,
    took,
    about_so_long,
    cap_of_an_hour,
    price_of_an_hour,
    limit_of_money,
    negated,
    on_a_seller,
    as_large_as_fits,
    per_epoch,
    in_currency,
    in_area,
)
"""What a sentence says in several words, before any of them is taken alone."""
_SENTENCES_LAST: tuple[Rule, ...] = (number_first, parting, best_at, not_done, spoken, named_key)
_KEY_RULES: tuple[Rule, ...] = (refused_word, bound_value, unknown_key)
_NUMBER_RULES: tuple[Rule, ...] = (
    *(nodes_of_gpus, samples_of_tokens, count_first, number_with_noun, gpus_by_classifier),
)
_NAME_RULES: tuple[Rule, ...] = (
    released,
    variant_before_size,
    size_and_family,
    known_name,
    quantized_name,
    model_size,
    glued,
    name_of_hub,
)
_LAST_RULES: tuple[Rule, ...] = (lonely_key, named_data_set, punctuation)
_FOR_DIGITS: tuple[Rule, ...] = (gpus_of_a_machine, *_NUMBER_RULES, count_last, *_NAME_RULES)

TRAITS: dict[Rule, int] = {
    **dict.fromkeys((gpus_of_memory, count_first, gpu_hours, of_one_gpu), NUMERAL),
    machines_of_a_gpu: COUNT,
    **dict.fromkeys((counted_instances, machines_times_gpus, of_evaluation), FOLLOWED),
    **dict.fromkeys((data_in_bytes, number_first, nodes_of_gpus, samples_of_tokens), FOLLOWED),
    **dict.fromkeys((number_with_noun, gpus_by_classifier), FOLLOWED),
    **dict.fromkeys((machines, tokens_of_a_sample, steps_of_an_epoch, tokens_of_a_step), COUNT_OF),
    **dict.fromkeys((time_of_a_step, took), FOLLOWED | ARTICLE),
    **dict.fromkeys((cap_of_an_hour, price_of_an_hour, limit_of_money), MONEY),
    **dict.fromkeys((bound_value, named_key, lonely_key), KEY),
    **dict.fromkeys(
        (size_and_family, model_size, glued, slice_of_tpus, without_effect, machines_times_counted), DIGIT
    ),
    about_so_long: DIGIT,
    **dict.fromkeys((size_of_a_corpus, speed), FOLLOWED),
    count_between: NUMERAL,
    known_name: NAME,
    variant_before_size: NAME | JOINED,
    **dict.fromkeys((quantized_name, named_data_set), JOINED),
    batch_of_a_gpu: COUNT_OF | SIZE_KEY,
    batch_times_passes: FOLLOWED | SIZE_KEY,
    as_large_as_fits: SIZE_KEY,
    one_of_a_gpu: ARTICLE,
    **dict.fromkeys((instance, version), MIXED),
    processor: NUMERAL | MIXED,
    excluded: LEFT_OUT,
    targeted: MODULE,
    gpus_of_a_machine: NUMERAL | GPU | MIXED,
    count_last: GPU | DIGIT,
    refused_word: REFUSED,
    unknown_key: BOUND,
    released: RELEASE,
    name_of_hub: SLASH,
    punctuation: STAR,
}
"""What must stand at a place, one of it at least, for anything to come of a rule there, but for phrases.

A rule that is not here and that no phrase opens is tried everywhere.
"""
BITS: dict[Rule, int] = {rule: FIRST_OF_RULES << n for n, rule in enumerate(OPENED_BY)}
OPENING: dict[str, int] = defaultdict(int)
"""Phrase or word -> the rules that it opens."""
for _rule, _phrases in OPENED_BY.items():
    for _phrase in _phrases:
        OPENING[_phrase] |= BITS[_rule]
_OF_WORDS = frozenset(
    (
        turned,
        than_before,
        every_so_often,
        targeted,
        whole_length,
        instance,
        excluded,
        not_done_in_words,
        how_large_a_model,
        negated,
        on_a_seller,
        as_large_as_fits,
    )
)
"""Rules of which nothing comes where digits stand."""
RULES: dict[str, tuple[Rule, ...]] = {
    "digits": (
        refused_word,
        unknown_key,
        *(rule for rule in _SENTENCES_FIRST if rule not in _OF_WORDS),
        *_FOR_DIGITS,
        number_first,
    ),
    "number words": (*_KEY_RULES, *_SENTENCES_FIRST, *_FOR_DIGITS, *_SENTENCES_LAST, *_LAST_RULES),
    "words": (
        refused_word,
        *_SENTENCES_FIRST,
        bound_value,
        unknown_key,
        gpus_of_a_machine,
        count_last,
        *_NAME_RULES,
        *_SENTENCES_LAST,
        *_LAST_RULES,
    ),
}
"""The rules of what stands at a place, in order: words are not tried as numbers, nor numbers as words."""
