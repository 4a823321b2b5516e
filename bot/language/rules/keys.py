"""Keys with their values: `n=10k`, `seq 4k`, `batch of 32`, and what is wrong without one."""

from bot.language import not_done_words, sentences, small_words, told_words, words
from bot.language.grammar import KEY_OF_FIELD
from bot.language.index import FILLERS, KEY_NAMES, MORE_KEY_NAMES, NOUNS, SETTERS, is_known
from bot.language.keys import Key
from bot.language.kinds import Choice, Name, Pairs, Real, ValueFault, Whole, squash
from bot.language.numerals import CLASSIFIERS, ENGLISH, chinese_number
from bot.language.rules.counts import length_each
from bot.language.rules.gpus import count_first, counted_gpu, gpu_at, swallowed_noun
from bot.language.rules.match import Match, TokenStream, Value, numeral_at, once, phrase_set, phrase_size
from bot.language.rules.memory import memory_value
from bot.language.rules.names import longest_setter
from bot.language.rules.paid import PRICE, of_an_hour
from bot.language.rules.values import value_at
from bot.language.values import SIZE, looks_like_number

_TOKENS = KEY_OF_FIELD["num_tokens"]
_PER_GPU = phrase_set(sentences.PER_GPU)
_BATCHES = ("global_batch_size", "micro_batch_size")
_ADAPTED = frozenset(("lora", "qlora", "dora", "qdora", "rslora"))
_MISFITS = ("wrong_unit", "not_a_number")
_COMMAS = frozenset((",", ";", "),", ");"))
NOT_DONE = {squash(word): code for code, phrases in not_done_words.NOT_DONE.items() for word in phrases}
_DATA_SETS = frozenset(("dataset", "data", "数据", "数据集", "训练集", "训练数据"))
"""Keys that take the name of a data set, too."""
_BYTES = frozenset(("g", "gb", "gib", "mb", "mib", "kb", "tb"))
_NO_VALUE_AFTER_SPACE = frozenset({"no", "0", "1"})


@once
def bound_value(text: TokenStream, at: int) -> Match | None:  # noqa: PLR0911  -- a binding each
    """A key with its value: `n=10k`, `epochs: 3`, `batch of 32`, `bs to 16`, `seq 4k`."""
    found = key_at(text, at)
    if found is None:
        return None
    key, size, casual = found
    if text.binds(at + size):
        return _bound_by_a_mark(text, at, found)
    if text.squashed(at + size) == "of" and not _is_switch(key):
        about = text.squashed(at + size + 1) in small_words.ABOUT
        return _bound(text, at, (key, size + 1 + about, casual and not about), spaced=True)
    if (binding := _changed_to(text, at + size)) and not _is_switch(key):
        changed = _bound(text, at, (key, size + binding, casual), spaced=True)
        return changed if changed and changed.fault is None else None
    if text.squashed(at + size) in (*small_words.CALLED, *small_words.ABOUT) and not _is_switch(key):
        is_about = text.squashed(at + size) in small_words.ABOUT
        others = small_words.CALLED if is_about else small_words.ABOUT
        size += text.squashed(at + size + 1) in others  # `average is about 600`, `batch 估计是 1`
        called = _bound(text, at, (key, size + 1, False), spaced=True)
        return called._replace(casual=False) if called and called.fault is None else None
    if key.field == "lora_rank" and _is_after_lora(text, at):
        ranked = _bound(text, at, (key, size, casual), spaced=True)
        return ranked._replace(casual=False) if ranked and ranked.fault is None else None
    if len(text.phrase(at, size)) < 2 or longest_setter(text, at) > size:
        return None
    return _bound(text, at, (key, size, casual), spaced=True)


def _bound_by_a_mark(text: TokenStream, at: int, found: tuple[Key, int, bool]) -> Match | None:
    key, size, casual = found
    mark = text.atoms[at + size].text
    if mark == ":" and _is_told(text, at + size + 1, key):
        return None
    required = mark == "=" or text.phrase(at, size) not in FILLERS
    is_told = mark == "=" and text.phrase(at, size) not in FILLERS
    return _bound(text, at, (key, size + 1, casual or is_told), required=required)


def _is_told(text: TokenStream, at: int, key: Key) -> bool:
    """`context: we have …`: a sentence after the colon, where a number would be a value."""
    word = text.word(at)
    is_word = word is not None and word.text.isalpha() and not looks_like_number(word.text)
    return is_word and isinstance(key.kind, Whole) and value_at(text, at, key, spaced=True).fault is not None  # type: ignore[union-attr]  # a word is there


def _is_after_lora(text: TokenStream, at: int) -> bool:
    """`lora r 16`: beside the method one letter is enough."""
    return at > 0 and text.squashed(at - 1) in _ADAPTED


def _changed_to(text: TokenStream, at: int) -> int:
    """How many words of `to`, `改成`, `改 为` stand at `at`."""
    return next((n for n in range(3) if text.squashed(at + n) not in small_words.CHANGED_TO), 0)


@once
def key_at(text: TokenStream, at: int) -> tuple[Key, int, bool] | None:
    """The longest key at `at`, its words, and whether a plain reply may use that name of it."""
    for size, name in text.phrases_longest_first(at):
        if size > 1 and text.squashed(at) in SETTERS:
            continue  # `lora r=8` is a method and a rank, not `lora_r`
        if name in KEY_NAMES:
            return KEY_NAMES[name], size, True
        if name in MORE_KEY_NAMES:
            return MORE_KEY_NAMES[name], size, False
    return None


def _is_switch(key: Key) -> bool:
    return bool(key.alone)


def _bound(
    text: TokenStream,
    at: int,
    named: tuple[Key, int, bool],
    *,
    required: bool = False,
    spaced: bool = False,
) -> Match | None:
    key, before, casual = named
    begin = at + before
    if spaced and (_is_after_a_comma(text, begin) or _is_a_gpu(text, begin, key)):
        return None  # `数据 4090`
    if spaced and not _reads_as_value(text, begin, key, is_filler=text.phrase(at, 1) in FILLERS):
        return None
    value = value_at(text, begin, key, spaced=spaced)
    if value is None or (value.fault and not required and not spaced):
        return Match(size=before, role="wrong", fault=_missing(key), key_shaped=True) if required else None
    if spaced and _is_of_another(text, at, begin, begin + value.size, key):
        return None
    if value.fault and text.atoms[begin].start > text.atoms[begin - 1].end and is_known(text.squashed(begin)):
        return Match(size=before, role="wrong", fault=_missing(key), key_shaped=True)
    return _match_of(text, at, key, before, value, casual=casual)


def _is_of_another(text: TokenStream, at: int, begin: int, end: int, key: Key) -> bool:
    """`数据 2万条`, `数据 3轮`, `dataset is 2 GB`: the number is that of the noun or unit after it."""
    if isinstance(key.kind, Whole) and text.squashed(end) in _BYTES:
        return True
    is_filler = text.phrase(at, 1) in FILLERS
    return is_filler and (_is_counted(text, end) or SIZE.fullmatch(text.atoms[begin].text) is not None)


def _is_a_gpu(text: TokenStream, at: int, key: Key) -> bool:
    """`数据 4090`, `batch 4090`: a number by its form."""
    return isinstance(key.kind, Whole | Real) and gpu_at(text, at) is not None


def _is_after_a_comma(text: TokenStream, at: int) -> bool:
    """`16 accumulation steps, 7b`: a comma ends what the key says."""
    return (
        text.word(at) is not None
        and text.clean[text.atoms[at - 1].end : text.atoms[at].start].strip() in _COMMAS
    )


def _is_counted(text: TokenStream, at: int) -> bool:
    return text.squashed(at + (text.squashed(at) in CLASSIFIERS)) in NOUNS


def _match_of(text: TokenStream, at: int, key: Key, before: int, value: Value, *, casual: bool) -> Match:
    size = before + value.size
    casual = casual and text.squashed(at + before) not in ENGLISH
    if value.fault:
        return _told_aside(text, at, key, before, size) or Match(
            size=size, role="wrong", fault=value.fault.of(key.name), key_shaped=casual
        )
    if key.field == "num_examples" and NOUNS.get(text.squashed(at + size)) is _TOKENS:
        return _tokens_of_data(text, at, key, before, value)
    is_repeated = NOUNS.get(text.squashed(at + size)) is key and not text.binds(at + size + 1)
    size += is_repeated or swallowed_noun(text, at + size, (*key.nouns, *key.swallows))
    if key.field in _BATCHES and NOUNS.get(text.squashed(at + size)) is _TOKENS:
        own = swallowed_noun(text, at + size, _TOKENS.nouns)
        if own:  # `global batch 4m tokens`: neither how many sequences nor how long
            return Match(size=size + own, role="wrong", fault=ValueFault("tokens_per"), key_shaped=True)
    sets, more = _of_a_batch(text, at + size, value) if key.field in _BATCHES else (value.sets, 0)
    casual = casual and (not more or len(sets) > 1)
    match = Match(size=size + more, role="sets", sets=sets, casual=casual, key_shaped=True)
    if key.field == PRICE:
        return of_an_hour(text, at, match)
    chatty = (
        key.name == "step" and before == 1 and not text.binds(at + 1) and text.atoms[at + 1].text.isdigit()
    )
    return match._replace(casual=casual and not chatty)


def _told_aside(text: TokenStream, at: int, key: Key, before: int, size: int) -> Match | None:
    """What is no value of the key and no mistake: `method=dpo`, `dataset=alpaca`, `data=train.jsonl`."""
    code = NOT_DONE.get(text.squashed(at + before), "") if key.field == "method" else ""
    is_named = text.squashed(at) in _DATA_SETS and text.binds(at + before - 1)
    if code or (is_named and not looks_like_number(text.atoms[at + before].text)):
        return Match(size=size, role="aside", casual=False, not_done=code)
    return None


def _of_a_batch(text: TokenStream, at: int, value: Value) -> tuple[Pairs, int]:
    """What a batch comes to with the words after it: `per gpu`, `x 2048`."""
    each = phrase_size(text, at, _PER_GPU)
    if each and not (text.is_apart(at) or _has_its_own(text, at + each)):
        return tuple(("micro_batch_size", said) for _, said in value.sets), each
    if length := length_each(text, at):
        return (*value.sets, ("sequence_length", length[0])), length[1]
    return value.sets, 0


def _has_its_own(text: TokenStream, at: int) -> bool:
    """`bs 64 per gpu 4`: the number after `per gpu` is that of each; `4 per gpu 8 gpus` goes on."""
    numeral = numeral_at(text, at)
    if numeral is None or not numeral.text.isdigit() or text.is_apart(at):
        return False
    return not (count_first(text, at) or gpu_at(text, at) or _is_counted(text, at + numeral.size))


def _tokens_of_data(text: TokenStream, at: int, key: Key, before: int, value: Value) -> Match:
    """`数据量3亿token`: counted in tokens, unless those have a number of their own."""
    size = before + value.size
    own = swallowed_noun(text, at + size, _TOKENS.nouns)
    field = _TOKENS.field if own else key.field
    sets = tuple((field, said) for _, said in value.sets)
    return Match(size=size + own, role="sets", sets=sets, casual=False, key_shaped=True)


def _missing(key: Key) -> ValueFault:
    return ValueFault("missing_value", {"key": key.name})


def _reads_as_value(text: TokenStream, at: int, key: Key, *, is_filler: bool) -> bool:
    """Whether a space is enough to bind what stands at `at`."""
    word = text.word(at)
    is_vague = text.squashed(at + 1) in told_words.SEVERAL  # `预算十几万` is no budget of ten
    if word is None or (is_vague and chinese_number(word.text) is not None):
        return False
    if _is_switch(key):
        return isinstance(key.kind, Choice) and word.squashed in _switch_words(key) - _NO_VALUE_AFTER_SPACE
    if is_filler and (counted_gpu(text, at) or word.squashed in FILLERS):
        return False
    value = value_at(text, at, key, spaced=True)
    if value is not None and value.fault is None:
        return key.kind not in (Name.REGION, Name.TARGETS) or not is_known(word.squashed)
    if is_filler or isinstance(key.kind, Choice | Name) or not looks_like_number(word.text):
        return False
    is_misfit = value is not None and value.fault is not None and value.fault.code in _MISFITS
    return not (is_misfit and _means_something(text, at))


def _means_something(text: TokenStream, at: int) -> bool:
    """A model's size, a GPU, its memory or `8bit`: in `deadline 7b` it is no value gone wrong."""
    word = text.atoms[at]
    return bool(
        SIZE.fullmatch(word.text)
        or count_first(text, at)
        or gpu_at(text, at)
        or memory_value(text, at)
        or word.squashed in SETTERS
    )


def _switch_words(key: Key) -> frozenset[str]:
    """`on`, `off`, …: never a word that sets something by itself."""
    return (
        frozenset({*words.YES, *words.NO})
        if key.name != "ckpt"
        else frozenset({"on", "off", "none", "selective"})
    )


def lonely_key(text: TokenStream, at: int) -> Match | None:
    """A key without a value, or with one that only `=` could bind."""
    found = key_at(text, at)
    if found is None:
        return None
    key, size, _ = found
    after = text.word(at + size)
    if (
        after
        and not text.is_apart(at + size)
        and not is_known(after.squashed)
        and len(text.phrase(at, size)) < 2
        and looks_like_number(after.text)
    ):
        suggestions = (f"{key.name}={after.text}",)
        return Match(
            size=size + 1, role="wrong", fault=ValueFault("needs_equals", {"key": key.name}, suggestions)
        )
    return Match(size=size, role="wrong", fault=_missing(key))
