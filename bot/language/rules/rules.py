"""The rules of the language: what the atoms at one place mean. The first rule that matches wins."""

from collections.abc import Callable

from bot.language.kinds import ValueFault
from bot.language.normalize import has_refused_digit
from bot.language.rules.amounts import (
    about_so_long,
    limit_of_money,
    may_be_money,
    number_first,
    per_epoch,
    price_of_an_hour,
    time_of_a_step,
    tokens_of_a_sample,
    tokens_of_a_step,
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
from bot.language.rules.machines import (
    gpus_of_a_machine,
    machines,
    machines_of_a_gpu,
    machines_times_gpus,
    one_of_a_gpu,
    slice_of_tpus,
)
from bot.language.rules.match import Match, TokenStream, numeral_at
from bot.language.rules.memory import gpus_of_memory, memory_of_the_host
from bot.language.rules.models import quantized_name, size_and_family, variant_before_size
from bot.language.rules.modules import targeted
from bot.language.rules.names import known_name, model_size, name_of_hub, released
from bot.language.rules.negations import excluded, negated
from bot.language.rules.parameters import ordinal, without_effect
from bot.language.rules.steps import steps_of_an_epoch
from bot.language.rules.unknown_keys import unknown_key
from bot.language.rules.unknown_things import data_in_bytes, named_data_set, size_of_a_corpus
from bot.language.rules.unread import unknown
from bot.language.sentences import FIRST_WORDS
from bot.language.small_words import ARTICLES

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
    how_large_a_model,
    gpu_hours,
    of_evaluation,
    steps_of_an_epoch,
    every_so_often,
    without_effect,
    ordinal,
    targeted,
    whole_length,
    of_one_gpu,
    batch_of_a_gpu,
    batch_times_passes,
    machines_times_gpus,
    machines_of_a_gpu,
    machines,
    one_of_a_gpu,
    tokens_of_a_sample,
    tokens_of_a_step,
    data_in_bytes,
    size_of_a_corpus,
    gpus_of_memory,
    memory_of_the_host,
    time_of_a_step,
    took,
    about_so_long,
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

_OF_A_NUMBER = frozenset(
    (
        counted_instances,
        machines_times_gpus,
        machines_of_a_gpu,
        machines,
        data_in_bytes,
        size_of_a_corpus,
        gpus_of_memory,
        number_first,
    )
)
"""Rules of which nothing comes where no number stands."""
_OF_A_NUMBER_OR_PHRASE = frozenset(
    (
        *(tokens_of_a_sample, took, without_effect, price_of_an_hour, limit_of_money),
        *(one_of_a_gpu, gpu_hours, time_of_a_step, of_evaluation, steps_of_an_epoch),
    )
)
"""Rules of which nothing comes where none of both begins, nor money, nor what counts like `a`."""
_OF_A_PHRASE = frozenset(
    (
        turned,
        memory_of_the_host,
        every_so_often,
        not_done_in_words,
        how_large_a_model,
        negated,
        per_epoch,
        in_currency,
        in_area,
        parting,
        best_at,
        not_done,
        spoken,
    )
)
"""Rules of which nothing comes where no phrase of sentences begins."""
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


def _with_and_without_phrase(*rules: Rule) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    return rules, tuple(rule for rule in rules if rule not in _OF_A_PHRASE)


RULES_FOR_DIGITS = _with_and_without_phrase(
    refused_word,
    unknown_key,
    *(rule for rule in _SENTENCES_FIRST if rule not in _OF_WORDS),
    *_FOR_DIGITS,
    number_first,
)
RULES_FOR_NUMBER_WORDS = _with_and_without_phrase(
    *_KEY_RULES, *_SENTENCES_FIRST, *_FOR_DIGITS, *_SENTENCES_LAST, *_LAST_RULES
)
_RULES_FOR_WORDS = _with_and_without_phrase(
    refused_word,
    *(rule for rule in _SENTENCES_FIRST if rule not in _OF_A_NUMBER),
    bound_value,
    unknown_key,
    gpus_of_a_machine,
    count_last,
    *_NAME_RULES,
    *(rule for rule in _SENTENCES_LAST if rule not in _OF_A_NUMBER),
    *_LAST_RULES,
)
RULES_FOR_WORDS, RULES_FOR_WORDS_OUTSIDE_PHRASES = _RULES_FOR_WORDS
RULES_FOR_PLAIN_WORDS = tuple(
    rule for rule in RULES_FOR_WORDS_OUTSIDE_PHRASES if rule not in _OF_A_NUMBER_OR_PHRASE
)
"""Words are not tried as numbers, nor numbers as words, and no phrase where none begins."""


def matches_of(text: TokenStream) -> list[tuple[int, Match]]:
    """Every atom, understood or not: where each match begins, in order."""
    found: list[tuple[int, Match]] = []
    at = 0
    while at < len(text.atoms):
        match = _match_at(text, at)
        found.append((at, match))
        at += match.size
    return found


def _match_at(text: TokenStream, at: int) -> Match:
    for rule in _rules_for(text, at):
        if (match := rule(text, at)) is not None:
            return match
    return unknown(text, at)


def _rules_for(text: TokenStream, at: int) -> tuple[Rule, ...]:
    if text.atoms[at].binds:
        return ()
    numeral, begins_no_phrase = numeral_at(text, at), not text.said(at)
    if numeral is None:
        return _rules_for_a_word(text, at, begins_no_phrase=begins_no_phrase)
    if _is_in_a_row_of_numbers(text, at):
        return ()
    return (RULES_FOR_NUMBER_WORDS if numeral.is_word else RULES_FOR_DIGITS)[begins_no_phrase]


def _is_in_a_row_of_numbers(text: TokenStream, at: int) -> bool:
    """Between two numbers with nothing but spaces, none the name of a GPU: nothing says what it counts."""
    if not 0 < at < len(text.atoms) - 1 or text.gap(at) or text.gap(at + 1):
        return False
    around = (text.atoms[at - 1], text.atoms[at], text.atoms[at + 1])
    return all(atom.text.isdecimal() and atom.squashed not in text.names.gpu_keys for atom in around)


def _rules_for_a_word(text: TokenStream, at: int, *, begins_no_phrase: bool) -> tuple[Rule, ...]:
    if _is_hopeless(text, at):
        return ()
    if not begins_no_phrase:
        return RULES_FOR_WORDS
    is_plain = text.squashed(at) not in ARTICLES and not may_be_money(text, at)
    return RULES_FOR_PLAIN_WORDS if is_plain else RULES_FOR_WORDS_OUTSIDE_PHRASES


def _is_hopeless(text: TokenStream, at: int) -> bool:
    """Letters with which no name of ours begins: no rule but that of `=` could match."""
    word = text.atoms[at].text
    return (
        word.isalpha()
        and not text.phrases(at)
        and not text.binds(at + 1)
        and not has_refused_digit(word)
        and text.atoms[at].squashed not in FIRST_WORDS
    )
