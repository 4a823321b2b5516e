"""What a server does in one step, where one of its commands would not do: scripts in its own language."""

from collections.abc import Sequence
from typing import Any, Final

from bot.store.clients import Client
from bot.store.port import Swap, TimedValue

RELEASE: Final = (
    "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"
)
EXTEND: Final = (
    "if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end "
    "return redis.call('pexpire', KEYS[1], ARGV[2])"
)
SET_ABSENT: Final = (
    "if redis.call('set', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end "
    "if redis.call('type', KEYS[1])['ok'] ~= 'string' then return 0 end "
    "return redis.call('get', KEYS[1]) == ARGV[1] and 1 or 0"
)
CLAIM: Final = (
    "if redis.call('set', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return ARGV[1] end "
    "if redis.call('type', KEYS[1])['ok'] ~= 'string' then return '' end "
    "return redis.call('get', KEYS[1])"
)
# Nothing to add: the last is written over itself, so that waiting for the disk waits for what stands there.
APPEND: Final = (
    "local n = redis.call('llen', KEYS[1]) "
    "if ARGV[1] ~= '' and tonumber(ARGV[1]) ~= n then return {0, n} end "
    "for at = 2, #ARGV do n = redis.call('rpush', KEYS[1], ARGV[at]) end "
    "if #ARGV == 1 and n > 0 then redis.call('lset', KEYS[1], -1, redis.call('lindex', KEYS[1], -1)) end "
    "return {1, n}"
)
_ABSENT, _STANDS, _THEN = b"0", b"1", b"2"
"""A key is written where nothing stands there; where its `before` does; where all before it were written."""
# A whole value comes back only where it is another's; ours stands there already after a lost answer.
_SWAP: Final = (
    "local found, all = {}, true "
    "for at = 1, #KEYS do "
    "local when, before, value, px = unpack(ARGV, at * 4 - 3, at * 4) "
    "local now = redis.call('type', KEYS[at])['ok'] == 'string' and redis.call('get', KEYS[at]) "
    "local stands = when == '0' and not now or when == '1' and now == before "
    "if when == '2' and all or stands then "
    "redis.call('set', KEYS[at], value, 'PX', px) now = value end "
    "found[at] = now == value and 1 or now "
    "all = all and now == value "
    "end return found"
)


def milliseconds(seconds: float) -> int:
    """As a server counts time; at least one."""
    return max(1, round(seconds * 1000))


def swapped(
    client: Client, swaps: Sequence[Swap], then: Sequence[TimedValue] = ()
) -> tuple[bytes | None, ...]:
    """Put each value in the place of what was `before`, and `then` where all were; what stands there now."""
    asked: list[tuple[str, bytes, bytes, bytes, float]] = [
        (key, _ABSENT if before is None else _STANDS, before or b"", value, seconds)
        for key, before, value, seconds in swaps
    ]
    asked += [(key, _THEN, b"", value, seconds) for key, value, seconds in then]
    keys = [key for key, *_ in asked]
    arguments = [each for _, *said, seconds in asked for each in (*said, milliseconds(seconds))]
    answers: list[Any] = client.eval(_SWAP, len(keys), *keys, *arguments)
    return tuple(each.value if answer == 1 else answer for each, answer in zip(swaps, answers, strict=False))
