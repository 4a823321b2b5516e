"""Names that are words of the grammar and stand in the catalogues: frameworks, the best known sellers."""

from collections.abc import Mapping
from typing import Any, Final

from bot.files import load_sellers, read_config, read_sellers
from bot.language.words import Word
from estimator.spec import Engine


def _framework(key: str, facts: Mapping[str, Any]) -> Word:
    """A name of several words counts only where the bot is spoken to."""
    names = (key, *facts.get("aliases", ()))
    return Word(
        tuple(name for name in names if " " not in name),
        (("stack", key),),
        tuple(name for name in names if " " in name),
    )


_ENGINE: Final = Engine.DEEPSPEED.value
"""An engine that people take for a framework."""
FRAMEWORKS: Final = (
    *(_framework(key, facts) for key, facts in read_config("frameworks").items()),
    Word((_ENGINE,), (("engine", _ENGINE),), alone=False),
)
RELEASES: Final[Mapping[str, Mapping[str, Any]]] = {
    key: {
        "oldest": facts["oldest"],
        "newest": facts["newest"],
        "lasts": tuple(facts.get("last_of_majors", ())),
    }
    for key, facts in read_config("frameworks").items()
    if "newest" in facts
}
"""Framework -> between which releases a version can be its own, as `may_exist` takes them."""
USUAL_FRAMEWORK: Final[str] = read_config("defaults")["stack"]
"""On whose libraries the others stand."""
SELLERS: Final[Mapping[str, tuple[str, ...]]] = {
    key: load_sellers()[key]
    for _, key in sorted(
        (facts["well_known"], key) for key, facts in read_sellers().items() if "well_known" in facts
    )
}
"""Whose names count in a plain reply, and although they are ordinary words: what people call each."""
SELLERS_NAMES: Final = frozenset(name for names in load_sellers().values() for name in names)
"""What people call any of them: Chinese is cut at these."""
