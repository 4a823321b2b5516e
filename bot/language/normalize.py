"""What Slack, keyboards and word processors put around words is undone; what remains is ASCII and Chinese."""

import re
import unicodedata
from functools import lru_cache
from itertools import groupby

from bot.language import words
from bot.language.grammar import MAX_CHARACTERS
from bot.language.index import ENDS_OF_KEYS
from bot.language.kinds import squash
from bot.language.numerals import LONGEST_NUMERAL, NUMERAL, chinese_number
from bot.lazy_pattern import lazily

_SURROGATES = re.compile("[\ud800-\udfff]")
_MENTION = lazily(r"<@[^<>|\s]{1,80}(?:\|[^<>]{0,200})?>")
_LINK = lazily(r"<((?:https?://|mailto:|tel:)[^<>|\s]*)(?:\|([^<>]*))?>")
_ENTITY = lazily(r"&(amp|lt|gt);")
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">"}
_HUB = lazily(
    r"(?:https?://)?(?:www\.)?(?:{hosts})/(?:models/)?([\w.-]+)/([\w.-]+)(?:[/?#]\S*)?".format(
        hosts="|".join(re.escape(host) for host in words.MODEL_HUBS)
    ),
    re.IGNORECASE | re.ASCII,
)
_HUB_AT_ALL = re.compile("|".join(re.escape(host) for host in words.MODEL_HUBS), re.IGNORECASE)
_SHORT_CODES = lazily(
    r"(?<![^\s:])(?::[a-z_+-][a-z0-9_+'-]{0,99}:)+|(?<![^\s:])(?::[a-z0-9_+'-]{1,100}:)+(?=\s|$|[^\sa-z0-9=])",
    re.IGNORECASE,
)
_GLUED_CODE = lazily(r"(?<![\w.-])([\w.-]+):([a-z_+][a-z0-9_+'-]{1,100}):(?=\s|$)", re.IGNORECASE | re.ASCII)
_EMOJI = lazily(
    "[0-9#*]\ufe0f?\u20e3|[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u2300-\u23ff"
    "\u2190-\u21ff\u3030\u303d\u3297\u3299\u203c\u2049\u00a9\u00ae\u2122\u2139\u24c2]"
)
_INVISIBLE = lazily(
    "[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e007f]"
)
_MEMORY_IN_BRACKETS = re.compile(r"(?<=\w)\((\d{1,4} ?gi?b?)\)", re.IGNORECASE | re.ASCII)
_GPU_IN_BRACKETS = re.compile(r"(?<=\d)(gi?b?)\(([a-z][\w-]{1,15})\)", re.IGNORECASE | re.ASCII)
_TIMES_BRACKETS = re.compile(r"(?<=\d) ?([x*]) ?\(", re.IGNORECASE)
_BRACKETS_TIMES = re.compile(r"\) ?([x*]) ?(?=\d)", re.IGNORECASE)
_AT_LEAST = re.compile(r"(?<=[a-z])[<>~!]=(?=\d+\.\d)", re.IGNORECASE)
"""`torch>=2.1`: a version, and which is not said."""
_TIMES_TIMES = re.compile(r"(?<!\w)(\d{1,3}) ?\* ?(\d{1,2}) ?\* ?(?=[a-z])", re.IGNORECASE)
_PER_GPU = re.compile(r"(?<=\d) ?/ ?(?:每?[张块]?卡|gpu|card|device)(?![\w时小/-])", re.IGNORECASE)
_PER_STEP = re.compile(r"(?<=\d) ?(m?s|secs?|秒)/(?:it|iter|iteration|step|步)(?![\w/-])", re.IGNORECASE)
_SWITCHED = re.compile(r"(?<!\S)--(bf16|fp16) +(true|false)(?!\S)", re.IGNORECASE)
"""An option of the Trainer and its switch; without the hyphens `bf16 true` is 16 bit throughout."""
_ABOUT = re.compile(r"(?<![\w~≈])[~≈](?=\d)(?!\S*~)")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_WIDE_COMMAS = lazily(r"(?<![0-9０-９])[0-9０-９]+(?:[,，][0-9０-９]+)+")
_GROUPED = lazily(r"[0-9０-９]{1,3}(?:[,，][0-9０-９]{3})+")
_LINE_START = re.compile(r"^[ \t]*(?:(?:[>•◦▪‣●○·])[ \t]*|[*+\-–—][ \t]+)+", re.MULTILINE)
_LONG_DASH = lazily("[\u2012-\u2015\u2e3a]+")
_ARROW = lazily(r"(?<=[0-9０-９kKmM万bB]) ?[→⇒➔➜⟶] ?(?=[0-9０-９]|[a-zA-Z]{1,3}[0-9])")
"""Between two numbers, or names that have one, it says what is changed to what; elsewhere it says nothing."""
_LONGEST_FOLDED = 2 * MAX_CHARACTERS
"""One character may become eighteen; what is cut off here is too long all the same."""
_ALIKE = str.maketrans(
    {
        **dict.fromkeys("×✕✖╳⨉⨯", "x"),
        **dict.fromkeys("“”„‟«»「」『』《》", '"'),
        **dict.fromkeys("（）【】", " "),
        **dict.fromkeys("‘’‚‛`´", "'"),
        **dict.fromkeys("‐‑−⁃﹣", "-"),
    }
)


def normalized(text: str) -> str:
    """`text` without marks, mentions, links, entities, emoji and unusual forms of common characters.

    Superscripts and digits of other scripts stay as they are, for `has_refused_digit` to find.
    """
    if _SURROGATES.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if "<" in text:
        text = _LINK.sub(_link_text, _MENTION.sub(" ", text))
    if "&" in text:
        text = _ENTITY.sub(lambda found: _ENTITIES[found.group(1)], text)
    if not text.isascii():
        text = _without_unusual_forms(text)
        for name, latin in words.CHINESE_NAMES:
            text = text.replace(name, latin)
        text = _PARAMETERS.sub(_size_of_parameters, text)
    if ":" in text:
        text = _GLUED_CODE.sub(_without_glued_code, _SHORT_CODES.sub(" ", text))
    if _HUB_AT_ALL.search(text):
        text = _HUB.sub(_hub_name, text)
    text = _AT_LEAST.sub("==", text)
    text = _SWITCHED.sub(r"\1=\2", _PER_STEP.sub(r"\1 per step", _ABOUT.sub("about ", text)))
    return _LINE_START.sub("", _CONTROL.sub(" ", _PER_GPU.sub(" per gpu", _without_brackets(text))))


def _without_brackets(text: str) -> str:
    """`8*(v100 32G)`, `16G(T4)`, `A100(80G)` as they are written without."""
    text = _TIMES_TIMES.sub(r"\1*\2*", text) if "*" in text else text  # `4* 8 *A800`
    if "(" not in text:
        return text
    text = _BRACKETS_TIMES.sub(r" \1 ", _TIMES_BRACKETS.sub(r"\1 ", text))
    return _MEMORY_IN_BRACKETS.sub(r" \1 ", _GPU_IN_BRACKETS.sub(r"\1 \2 ", text))


_AROUND = "\"'`*_~?!.。！？ "
"""What people put around a whole message, which says nothing of it but that it is asked, or loud."""


def unmarked(clean: str) -> str:
    """A normalized message without the marks that stand around all of it."""
    return clean.strip(_AROUND)


def whole_message(clean: str) -> str:
    """Likewise as the shapes of whole messages are matched: in lower case, with one space between words."""
    return " ".join(unmarked(clean).lower().split())


_PARAMETERS = lazily(
    rf"(?<![0-9.])(?:(?P<number>\d{{1,5}}(?:\.\d{{1,3}})?)|(?P<word>{NUMERAL}{{1,{LONGEST_NUMERAL}}}?))亿参数(?:量)?",
    re.ASCII,
)


def _size_of_parameters(found: re.Match[str]) -> str:
    """`70亿参数`, `七十亿参数`: a size as people abroad write it, ` 7b `."""
    number = float(found["number"]) if found["number"] else chinese_number(found["word"])
    return found.group() if number is None else f" {number / 10:g}b "


def has_refused_digit(text: str) -> bool:
    """Whether `text` holds a superscript, or a digit that is neither ASCII nor full-width."""
    return not text.isascii() and any(map(_is_refused, set(text)))


@lru_cache(maxsize=8192)
def _is_refused(character: str) -> bool:
    if character < "\x80" or "０" <= character <= "９" or character == "〇":
        return False
    return unicodedata.category(character) in {"Nd", "No", "Nl"} or unicodedata.decomposition(
        character
    ).startswith(("<super>", "<sub>"))


def _without_unusual_forms(text: str) -> str:
    text = _INVISIBLE.sub("", _EMOJI.sub(" ", _ARROW.sub("->", text.translate(_ALIKE))))
    text = _WIDE_COMMAS.sub(_split_at_wide_commas, text)
    if not has_refused_digit(text):
        return _plain(text)
    runs = groupby(text, _is_refused)
    return "".join("".join(run) if kept else _plain("".join(run)) for kept, run in runs)


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text)[:_LONGEST_FOLDED]
    return _LONG_DASH.sub(_hyphen_or_space, folded).translate(_ALIKE)


def _hyphen_or_space(found: re.Match[str]) -> str:
    """A long dash is a hyphen in a value or before a number, else it parts words (`7b—lora`, `no–ckpt`)."""
    text, at = found.string, found.start()
    chunk = text[max(text.rfind(space, 0, at) for space in " \n\t") + 1 : at]
    if chunk and not chunk.endswith("="):
        return "-" if "=" in chunk or "/" in chunk else " "
    return "-" if text[found.end() : found.end() + 1].isdigit() else " "


def _split_at_wide_commas(found: re.Match[str]) -> str:
    run, before = found.group(), found.string[found.start() - 1 : found.start()]
    if before.isalpha() and not before.isascii():
        return run.replace("，", " ")  # `batch为1，744G内存`
    return run if "，" not in run or _GROUPED.fullmatch(run) else run.replace("，", " ")


def _link_text(found: re.Match[str]) -> str:
    return found.group(2) or found.group(1)


def _hub_name(found: re.Match[str]) -> str:
    owner, name = found.groups()
    return found.group() if owner.lower() in words.NOT_MODELS else f"{owner}/{name}"


def _without_glued_code(found: re.Match[str]) -> str:
    return found.group() if squash(found.group(1)) in ENDS_OF_KEYS else f"{found.group(1)} "
