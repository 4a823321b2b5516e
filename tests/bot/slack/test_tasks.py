"""Which task is next: by person, by channel, in the order of a thread."""

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from bot.slack.tasks import EACH_CHANNEL, EACH_PERSON, HELD_SECONDS, FairQueue, Holds, Task


def task(person: str = "", channel: str = "", order: str = "") -> Task:
    return Task(
        do=lambda: None, tell=lambda *_said: None, person=person, channel=channel or person, order=order
    )


def taken(queue: FairQueue) -> Iterator[Task]:
    while (found := queue.take()) is not None:
        yield found


def test_people_take_turns() -> None:
    queue = FairQueue(Holds())
    for person in "aaabbc":
        queue.add(task(person))
    assert "".join(each.person for each in taken(queue)) == "abcaba"


def test_nobody_has_more_than_their_share() -> None:
    queue = FairQueue(Holds())
    for _ in range(20):
        queue.add(task("a"))
    first = tuple(taken(queue))
    assert len(first) == EACH_PERSON
    queue.done(first[0])
    assert len(tuple(taken(queue))) == 1


def test_no_channel_has_more_than_its_share() -> None:
    queue = FairQueue(Holds())
    for number in range(30):
        queue.add(task(str(number), "here"))
    queue.add(task("x", "there"))
    found = [each.channel for each in taken(queue)]
    assert sorted(found) == ["here"] * EACH_CHANNEL + ["there"]


def test_what_stands_in_one_order_runs_in_it_whoever_said_it() -> None:
    queue = FairQueue(Holds())
    said = [task(person, "here", "thread") for person in "abcab"]
    for each in said:
        queue.add(each)
    for each in said:
        assert tuple(taken(queue)) == (each,)
        queue.done(each)


def test_a_held_channel_is_passed_over_until_its_end() -> None:
    now = [0.0]
    holds = Holds(lambda: now[0])
    queue = FairQueue(holds)
    holds.hold("here", 10)
    queue.add(task("a", "here"))
    queue.add(task("a", "there"))
    assert [each.channel for each in taken(queue)] == ["there"]
    assert holds.first_end() == 10
    now[0] = 10.0
    assert holds.first_end() is None
    assert [each.channel for each in taken(queue)] == ["here"]


def test_a_channel_that_is_held_for_longer_than_anybody_waits_holds_nobody_up() -> None:
    now = [0.0]
    holds = Holds(lambda: now[0])
    queue = FairQueue(holds)
    holds.hold("here", HELD_SECONDS + 1)
    queue.add(task("a", "here"))
    assert len(list(taken(queue))) == 1  # to be told so
    now[0] = 1.0
    queue.add(task("a", "here"))
    assert list(taken(queue)) == []
    now[0] = HELD_SECONDS + 1
    assert len(list(taken(queue))) == 1


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from("xy"), st.sampled_from(["", "t"])), max_size=40
    )
)
def test_whatever_is_added_is_taken_once_and_leaves_nothing(said: list[tuple[str, str, str]]) -> None:
    queue = FairQueue(Holds())
    added = [task(*each) for each in said]
    for each in added:
        queue.add(each)
    done = list[Task]()
    while running := tuple(taken(queue)):
        for each in running:
            queue.done(each)
        done.extend(running)
    assert len(done) == len(set(done)) == len(added)
    assert (len(queue), queue.unfinished()) == (0, ())
    assert [each for each in done if each.order] == [each for each in added if each.order]
