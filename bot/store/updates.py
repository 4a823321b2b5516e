"""Values made from those that stood there before, written so that nobody's are lost on the way."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from bot.store.port import Store, Swap, TimedValue

ATTEMPTS: Final = 5
"""Somebody who was slower so often writes over whatever stands there: no answer waits for longer."""


class Update(NamedTuple):
    """What is to stand under a key, by what stands there."""

    key: str
    before: bytes | None
    """What stood there when it was read; None: nothing."""
    made: Callable[[bytes | None], bytes]
    """What stands there -> what is to."""
    seconds: float


def write_updates(
    store: Store, updates: Sequence[Update], then: Sequence[TimedValue] = (), *, attempts: int = ATTEMPTS
) -> dict[str, bytes]:
    """Write what each makes of what stood there, then `then`; what was written, by key.

    One trip where everything stands as it was read. Where somebody was quicker, it is made anew of theirs.
    """
    wanted = [Swap(each.key, each.before, each.made(each.before), each.seconds) for each in updates]
    written = {each.key: each.value for each in wanted}
    if not attempts:
        store.set_many([*((each.key, each.value, each.seconds) for each in wanted), *then])
        return written
    found = store.swap_many(wanted, then)
    late = [
        each._replace(before=now)
        for each, ours, now in zip(updates, wanted, found, strict=True)
        if now != ours.value
    ]
    return written | write_updates(store, late, then, attempts=attempts - 1) if late else written
