"""What a problem says, in both languages: the token, what was expected, an example."""
# ruff: noqa: E501  -- a sentence is one line of the table

from bot.language.grammar import KEYS
from bot.language.problems import Language, Problem

_LONGEST_ECHO = 80

_SENTENCES: dict[str, tuple[str, str]] = {
    "unknown_word": (
        "I don't know `{token}`. I expected a model, a GPU or a setting, for example `7b lora bs=16 4xh100`.",
        "无法识别“{token}”。这里应为模型、GPU 或设置，例如 `7b lora bs=16 4xh100`。",
    ),
    "unknown_key": (
        "I don't know the setting in `{token}`. I expected a key with its value, for example `bs=32`.",
        "无法识别“{token}”中的设置。应为“键=值”，例如 `bs=32`。",
    ),
    "unknown_model": (
        "I don't know the model in `{token}`. I expected a size, a catalogue name or `org/name`, for example `llama-3.1-8b`.",
        "不认识“{token}”中的模型。应为规模、目录中的名称或 `组织/名称`，例如 `llama-3.1-8b`。",
    ),
    "model_without_size": (
        "`{token}` is a family of models without the size. I expected a name with its size, for example `llama-3.1-8b`.",
        "“{token}”是模型系列，缺少规模。应写带规模的名称，例如 `llama-3.1-8b`。",
    ),
    "unknown_gpu": (
        "I don't know the GPU in `{token}`. I expected a type, perhaps with a count, for example `gpu=4xh100`; a count alone is `gpus=8`.",
        "不认识“{token}”中的 GPU。应为型号（可带数量），例如 `gpu=4xh100`；仅数量写作 `gpus=8`。",
    ),
    "unknown_provider": (
        "I don't know the provider in `{token}`. I expected one whose prices I have, for example `provider=aws`.",
        "不认识“{token}”中的云厂商。应为有报价的厂商，例如 `provider=aws`。",
    ),
    "unknown_currency": (
        "`{token}` has no currency that I know. I expected an ISO code, for example `cur=usd`.",
        "“{token}”中的货币无法识别。应为 ISO 代码，例如 `cur=usd`。",
    ),
    "bad_choice": (
        "`{token}` is not a value of `{key}`. I expected one of {expected}, for example `{example}`.",
        "“{token}”不是 `{key}` 的取值。应为 {expected} 之一，例如 `{example}`。",
    ),
    "bad_region": (
        "`{token}` is no region. I expected a name without spaces, for example `region=cn-hangzhou`.",
        "“{token}”不是地域。应为不含空格的名称，例如 `region=cn-hangzhou`。",
    ),
    "bad_targets": (
        "`{token}` names no modules. I expected `all-linear`, `qv`, `qkvo`, `mlp` or names joined with `+`, for example `targets=q_proj+v_proj`.",
        "“{token}”不是模块名。应为 `all-linear`、`qv`、`qkvo`、`mlp` 或用 `+` 连接的名称，例如 `targets=q_proj+v_proj`。",
    ),
    "not_a_number": (
        "`{token}` is no number that I can read. I expected a plain one for `{key}`, for example `{example}`.",
        "“{token}”不是可识别的数字。`{key}` 应为普通数字，例如 `{example}`。",
    ),
    "not_whole": (
        "`{token}` is no whole number. `{key}` counts things, for example `{example}`.",
        "“{token}”不是整数。`{key}` 应为整数，例如 `{example}`。",
    ),
    "bad_comma": (
        "The comma in `{token}` makes no groups of three digits. I expected `10,000`, or a space between two settings.",
        "“{token}”中的逗号不是千位分隔。应写作 `10,000`，或用空格分开两个设置。",
    ),
    "refused_digits": (
        "`{token}` has superscripts or digits of another script. I expected plain digits, for example `n=10000`.",
        "“{token}”含有上标或其他文字的数字。请使用普通数字，例如 `n=10000`。",
    ),
    "wrong_unit": (
        "The unit `{unit}` in `{token}` does not fit `{key}`. I expected, for example, `{example}`.",
        "“{token}”中的单位 `{unit}` 不适用于 `{key}`。例如应写 `{example}`。",
    ),
    "two_currencies": (
        "`{token}` has two currencies. I expected one, for example `{example}`.",
        "“{token}”含有两种货币。应只写一种，例如 `{example}`。",
    ),
    "out_of_range": (
        "`{token}` is out of range. `{key}` goes from {low} to {high}, for example `{example}`.",
        "“{token}”超出范围。`{key}` 的范围是 {low} 到 {high}，例如 `{example}`。",
    ),
    "missing_value": (
        "`{token}` has no value that I can read. I expected, for example, `{example}`.",
        "“{token}”缺少可识别的值。例如应写 `{example}`。",
    ),
    "needs_equals": (
        "`{token}` needs an equals sign, because `{key}` is a single letter: for example `{example}`.",
        "“{token}”需要等号，因为 `{key}` 只有一个字母，例如 `{example}`。",
    ),
    "number_first": (
        "`{token}` has its number first. I expected the key first, for example `{suggestion}`.",
        "“{token}”把数字写在了前面。应先写键，例如 `{suggestion}`。",
    ),
    "bare_number": (
        "`{token}` is a number alone. I expected to hear what it counts, for example `bs=32` or `3 epochs`.",
        "“{token}”只是一个数字。请写明含义，例如 `bs=32` 或 `3轮`。",
    ),
    "said_twice": (
        "`{first}` and `{second}` set `{key}` to two values. I expected one of them, for example `{example}`.",
        "“{first}”与“{second}”给 `{key}` 设了两个值。请只保留一个，例如 `{example}`。",
    ),
    "two_models": (
        "`{first}` and `{second}` are two models. I expected one; `compare A | B` takes several.",
        "“{first}”与“{second}”是两个模型。请只写一个；比较多个请用 `compare A | B`。",
    ),
    "two_methods": (
        "`{first}` and `{second}` are two training methods. I expected one, for example `lora`.",
        "“{first}”与“{second}”是两种训练方式。请只写一种，例如 `lora`。",
    ),
    "no_model": (
        "No model is named. I expected a size such as `7b`, a model such as `llama-3.1-8b`, or a hub name `org/name`.",
        "没有写模型。请写规模（如 `7b`）、模型（如 `llama-3.1-8b`）或模型库名称 `组织/名称`。",
    ),
    "n_and_tokens": (
        "{with}: a data set is counted in samples or in tokens, not in both. Keep one, for example `tokens=30m`.",
        "{with}：数据集按条数或按 token 数计，不能同时使用。请保留一个，例如 `tokens=30m`。",
    ),
    "no_adapters": (
        "{with}: `{method}` has no adapters to set. I expected `lora` with it, for example `lora r=16`.",
        "{with}：`{method}` 没有适配器可设。应与 `lora` 一起使用，例如 `lora r=16`。",
    ),
    "no_quantization": (
        "{with}: `{method}` trains the weights themselves, which are not quantised. I expected `qlora`, for example `qlora 4bit`.",
        "{with}：`{method}` 训练权重本身，不能量化。应使用 `qlora`，例如 `qlora 4bit`。",
    ),
    "split_does_not_divide": (
        "{with}: {gpus} GPUs cannot be split {split} ways. I expected sizes whose product divides the count, for example `tp=2 gpus=8`.",
        "{with}：{gpus} 张 GPU 无法分成 {split} 份。并行数之积应整除总数，例如 `tp=2 gpus=8`。",
    ),
    "nodes_do_not_divide": (
        "{with}: {gpus} GPUs cannot be spread over {nodes} nodes. I expected a count that divides, for example `gpus=16 nodes=2`.",
        "{with}：{gpus} 张 GPU 无法平均分到 {nodes} 个节点。应能整除，例如 `gpus=16 nodes=2`。",
    ),
    "too_long": (
        "The text is too long. I read up to {limit} characters; a command is one line, for example `7b lora bs=16`.",
        "文本过长，最多读取 {limit} 个字符。命令只需一行，例如 `7b lora bs=16`。",
    ),
    "too_many_tokens": (
        "The text has too many words. I read up to {limit}; a command is one line, for example `7b lora bs=16`.",
        "文本的词过多，最多读取 {limit} 个。命令只需一行，例如 `7b lora bs=16`。",
    ),
    "malformed_request": (
        'This line is no request. I expected JSON with a text, for example {{"text": "7b lora"}}.',
        '此行不是请求。应为含 text 的 JSON，例如 {{"text": "7b lora"}}。',
    ),
}
_DID_YOU_MEAN = (" Did you mean {names}?", " 是不是 {names}？")
_EXAMPLES = {key.name: key.example for key in KEYS}


def message(problem: Problem, language: Language = "en") -> str:
    """The problem as a sentence; nothing in it is escaped for Slack."""
    chinese = language == "zh"
    params = {
        "token": _echo(problem.token),
        "key": "",
        "example": _EXAMPLES.get(problem.params.get("key", ""), "7b lora bs=16"),
        "suggestion": problem.suggestions[0] if problem.suggestions else "",
        **{
            name: _echo(value) if name in {"first", "second", "with", "unit"} else value
            for name, value in problem.params.items()
        },
    }
    sentence = _SENTENCES[problem.code][chinese].format_map(params)
    if not problem.suggestions or problem.code == "number_first":
        return sentence
    names = ("、" if chinese else ", ").join(f"`{name}`" for name in problem.suggestions)
    return sentence + _DID_YOU_MEAN[chinese].format(names=names)


def codes() -> frozenset[str]:
    """The codes that have a sentence."""
    return frozenset(_SENTENCES)


def _echo(token: str) -> str:
    token = token.replace("`", "'")
    return token if len(token) <= _LONGEST_ECHO else f"{token[:_LONGEST_ECHO]}…"
