"""How a Redis is looked at: MGET and LRANGE, of several threads in one pipeline, in a cluster one by one."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any, TypeVar

import redis

from bot.store.clients import Client
from bot.store.port import Looked, StoreUnavailable
from bot.store.shared_looks import Found, Look
from bot.store.trouble import in_words

T = TypeVar("T")


def all_looked(client: Client, looks: Sequence[Look]) -> list[Found]:
    """Each as it was found; an answer that is an error is one to who asked for that.

    Raises:
        redis.RedisError: nobody was answered.
    """
    pipeline = client.pipeline(transaction=False)
    for each in looks:
        ask_to_look(pipeline, each.keys, dict(each.lists))
    answers = iter(pipeline.execute(raise_on_error=False))
    return [_found(tuple(islice(answers, bool(each.keys) + len(each.lists))), each) for each in looks]


def _found(answers: Sequence[Any], look: Look) -> Found:
    try:
        return looked_in(answers, look.keys)
    except redis.RedisError as error:
        return StoreUnavailable(in_words(error))


def ask_to_look(pipeline: Client, keys: Sequence[str], lists: Mapping[str, int]) -> None:
    """Put into `pipeline` what `looked_in` reads of its answers."""
    if keys:
        pipeline.mget(keys)
    for name, start in lists.items():
        pipeline.lrange(name, start, -1)


def looked_in(answers: Sequence[Any], keys: Sequence[str]) -> Looked:
    """What the answers to `ask_to_look` say."""
    values, listed = (answers[0], answers[1:]) if keys else ((), answers)
    return tuple(no_error(values)), tuple(tuple(_or_absent(partial(no_error, each), ())) for each in listed)


def looked_in_cluster(client: Client, keys: Sequence[str], lists: Mapping[str, int]) -> Looked:
    """Slot by slot, list by list."""
    values = client.mget_nonatomic(keys)
    return tuple(values), tuple(entries(client, name, start) for name, start in lists.items())


def entries(client: Client, name: str, start: int, stop: int = -1) -> tuple[bytes, ...]:
    """Of the list `name`; none of what is no list."""
    return tuple(_or_absent(lambda: client.lrange(name, start, stop), ()))


def no_error(answer: Any) -> Any:
    """One answer of a pipeline that goes on after an error.

    Raises:
        redis.RedisError: which it is.
    """
    if isinstance(answer, Exception):
        raise answer
    return answer


def _or_absent(command: Callable[[], T], absent: T) -> T:
    """What another version, a hand or a fault left under the name is no trouble of the store's."""
    try:
        return command()
    except redis.ResponseError as error:
        if str(error).startswith("WRONGTYPE"):
            return absent
        raise
