"""`ms-swift megatron`: a framework with a second loop, named by that loop's framework or its engine."""

from collections.abc import Mapping

from bot.language.rules.match import Matches


def second_loops(matches: Matches, loops: Mapping[str, str]) -> Matches:
    """`ms-swift megatron`, `llama-factory engine=megatron`: counted as the other framework's own loop.

    `loops`: by key of a framework whose second loop it has; the engine of that one has the same key.
    """
    said = [dict(match.sets) if match.role == "sets" else {} for _, match in matches]
    meant = {value for fields in said for name, value in fields.items() if name in ("stack", "engine")}
    found = list(matches)
    for index, fields in enumerate(said):
        loop = loops.get(str(fields.get("stack")))
        if loop is None or loop not in meant:
            continue
        at, match = found[index]
        sets = tuple((name, value) for name, value in match.sets if not name.startswith("stack"))
        is_named = any(each.get("stack") == loop for each in said)
        sets = sets if is_named else (*sets, ("stack", loop))
        found[index] = (at, match._replace(sets=sets, not_done="on_megatron"))
    return found
