"""Commands and configurations that serve, judge, convert or write what others train."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

_SERVING: Final[dict[str, tuple[str, ...]]] = {
    "vllm": ("serve", "bench", "chat", "complete"),
    "sglang": ("serve",),
    "lmdeploy": ("serve", "chat", "lite", "convert"),
    "ollama": ("run", "serve", "pull", "create"),
    "xinference": ("launch",),
    "mlc_llm": ("serve", "chat", "compile"),
    "trtllm-serve": (),
    "trtllm-build": (),
    "text-generation-launcher": (),
    "llama-server": (),
    "llama-cli": (),
}
"""Programs that answer questions -> their commands; empty: they have options alone."""
_JUDGING: Final[dict[str, tuple[str, ...]]] = {
    "lm_eval": (),
    "lm-eval": (),
    "lighteval": (),
    "opencompass": (),
    "evalscope": ("eval", "perf"),
    "mergekit-yaml": (),
}
"""Likewise of those that judge and merge."""
OTHERS: Final = {**_SERVING, **_JUDGING}
"""Programs of this trade that train nothing."""
STARTS: Final = "|".join(f"{program} {command}" for program, said in OTHERS.items() for command in said)
"""A pattern of the beginnings of their command lines that have no option."""
_SERVING_MODULES: Final = re.compile(
    r"(?:vllm|sglang|lmdeploy|mlc_llm|fastchat\.serve|tensorrt_llm|llama_cpp)(?:$|\.)"
)
_JUDGING_MODULES: Final = re.compile(r"(?:lm_eval|lighteval|opencompass|evalscope)(?:$|\.)")
_COMMANDS: Final = re.compile(
    r"(?:^|[/_.-])(?:(infer\w{0,20}|deploy|chat|serve|generate|api|webchat|webui|web-ui)|export|eval\w{0,20}"
    r"|merge\w{0,20}|preprocess\w{0,20}|prepare\w{0,20}|convert\w{0,20}|config|env|download|test|estimate-memory|ls|cp|fetch)(?:$|[.])"
)
"""Commands of the same programs that train nothing; the first kind serves."""
_TRAINS: Final = ("train", "sft", "pt")
"""What stands behind such a word is the name of something."""
_TRAINING_FILE: Final = re.compile(r"(?:^|[/_.-])(?:pre)?(?:train|finetune|sft)(?:ing|er)?(?=[_.-])")
"""A script that trains, whatever else its name says: `train_eval.py`, `merge_data_and_train.py`."""
_FARTHEST: Final = 5
_SIGNS: Final = ("do_predict", "export_dir", "infer_backend", "quantizer._component_", "max_new_tokens")
"""Settings of a configuration by which others are written, tried out or served."""
_RATES: Final = ("learning_rate", "lr", "optimizer.lr", "optim_wrapper.optimizer.lr", "do_train")
"""What a configuration that trains says."""


def runs(words: Sequence[str], *, has_options: bool) -> bool:
    """Whether these words run one of the `OTHERS`: `vllm is great` names one."""
    commands = OTHERS.get(words[0].rpartition("/")[2])
    return bool(commands and words[1:2] and words[1] in commands) or (commands == () and has_options)


def kind_of_command(words: Sequence[str], configurations: tuple[str, ...]) -> str:
    """The code of the sentence that says what a command does beside training; empty: it trains."""
    program = words[0].rpartition("/")[2] if words else ""
    if program in OTHERS:
        return "inference" if program in _SERVING else "besides_training"
    for word in words[:_FARTHEST]:
        if word in _TRAINS or _TRAINING_FILE.search(word):
            return ""
        if _SERVING_MODULES.match(word):
            return "inference"
        if _JUDGING_MODULES.match(word):
            return "besides_training"
        if not word.endswith(configurations) and (found := _COMMANDS.search(word)):
            return "inference" if found[1] else "besides_training"
    return ""


def shown_command(words: Sequence[str]) -> str:
    """What of a command tells which it is: `vllm serve`, `sglang.launch_server`."""
    if "-m" in words[:-1] and words[0] not in OTHERS:
        return words[words.index("-m") + 1]
    return " ".join(word for word in words[:2] if not word.startswith("-"))


def trains(values: Mapping[str, Any]) -> bool:
    """Whether settings are of a run that trains: they have a learning rate, or say nothing of another use."""
    return any(name in values for name in _RATES) or all(values.get(name) in (None, False) for name in _SIGNS)
