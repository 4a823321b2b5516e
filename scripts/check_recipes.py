"""Hold recipes to the parsers of their tools.

`write DIR` with ftcost, then `check DIR` with a Python that has the tools: no parser needs a GPU or
PyTorch, and what is absent is stood in for: an environment of 300 MB does. How it is made and what came of it
is in tests/data/tools/parsed.yaml.
"""

import argparse
import contextlib
import dataclasses
import importlib
import importlib.metadata
import importlib.util
import inspect
import io
import json
import os
import shlex
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from stand_in import stand_in

RECIPES: Final = 200
TORCH: Final = ("torch", "torchao")
PEFT: Final = (*TORCH, "peft", "trl", "bitsandbytes")
VISION: Final = (*TORCH, "torchvision", "kagglehub", "blobfile", "tiktoken", "sentencepiece")
"""What is stood in for, because no parser needs it."""


def main() -> None:
    """Write recipes, or read them back with their tools."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("write", "check"))
    parser.add_argument("directory", type=Path)
    parser.add_argument("--tool", choices=tuple(PARSERS), help="one alone, in this process")
    asked = parser.parse_args()
    if asked.what == "write":
        write(asked.directory)
    elif asked.tool:
        check(asked.directory, asked.tool)
    else:
        for tool in PARSERS:  # a process each: what one imports is in the way of the next
            words = [sys.executable, __file__, "check", str(asked.directory), "--tool", tool]
            subprocess.run(words, check=False)  # noqa: S603  -- ourselves


def write(directory: Path) -> None:
    """`RECIPES` of each tool, of random runs."""
    root = Path(__file__).parent.parent
    sys.path[:0] = [str(root), *map(str, (root / "tests", root / "tests" / "bot" / "language" / "tools"))]
    from random import Random  # noqa: PLC0415  -- the tools' Python has no ftcost

    from test_recipes import some_spec  # noqa: PLC0415

    from bot.files import load_catalog  # noqa: PLC0415
    from bot.language import vocabulary_of  # noqa: PLC0415
    from bot.language.recipe import recipe_of  # noqa: PLC0415
    from bot.language.tools.registry import RECIPES as TOOLS  # noqa: PLC0415

    names = vocabulary_of(load_catalog())
    for key, tool in TOOLS.items():
        random, place = Random(f"recipes of {key}"), directory / key  # noqa: S311  -- the same every time
        place.mkdir(parents=True, exist_ok=True)
        for at in range(RECIPES):
            suffix = Path(tool.file_name).suffix
            spec = some_spec(random, names)
            spec = spec if spec.model else spec.model_copy(update={"model": "llama-3.1-8b"})
            text = recipe_of(spec, tool, names).text
            (place / f"{at:03d}{suffix}").write_text(text, encoding="utf-8")


def check(directory: Path, key: str) -> None:
    """How many recipes of a tool its parser reads, and what it has against the others."""
    package, absent, parse = PARSERS[key]
    stand_in(absent)
    refused: Counter[str] = Counter()
    files = sorted((directory / key).iterdir())
    for file in files:
        if said := why_not(parse, file):
            refused[said] += 1
    good = len(files) - refused.total()
    print(f"{key}: {package} {version_of(package)}: {good} of {len(files)} recipes are read")
    for said, count in refused.most_common(12):
        print(f"    {count}: {said}")


def version_of(package: str) -> str:
    """As it was installed, or unpacked."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        where = importlib.util.find_spec(package)
        roots = list(where.submodule_search_locations or ()) if where else []
        file = Path(roots[0]).parent / "version.txt" if roots else Path()
        return file.read_text(encoding="utf-8").strip() if file.is_file() else "?"


def why_not(parse: Callable[[Path], object], file: Path) -> str:
    """What the parser has against a file, in one line; nothing where it has nothing."""
    try:
        parse(file)
    except (Exception, SystemExit) as error:  # noqa: BLE001  -- whatever a tool throws is its answer
        return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
    return ""


def trl(file: Path) -> object:
    """The dataclasses of `trl sft`."""
    module = importlib.import_module("trl")
    return of_dataclasses((module.ScriptArguments, module.SFTConfig, module.ModelConfig), yaml(file))


def llama_factory(file: Path) -> object:
    """The dataclasses of `llamafactory-cli train`."""
    os.environ["DISABLE_VERSION_CHECK"] = "1"
    parser = importlib.import_module("llamafactory.hparams.parser")
    return of_dataclasses(parser._TRAIN_ARGS, yaml(file))  # noqa: SLF001  -- the list of its own


def of_dataclasses(kinds: Iterable[type], said: dict[str, Any]) -> object:
    """Likewise of what a document says."""
    words: list[str] = []
    for name, value in said.items():
        values = value if isinstance(value, list) else [value]
        words += [
            f"--{name}",
            *(json.dumps(each) if isinstance(each, dict) else str(each) for each in values),
        ]
    return of_words(kinds, words)


def of_words(kinds: Iterable[type], words: list[str]) -> object:
    """Every name is one of theirs, every value of its kind and among its choices."""
    parser = importlib.import_module("transformers").HfArgumentParser(list(kinds))
    with contextlib.redirect_stderr(io.StringIO()) as told:
        try:
            found, strange = argparse.ArgumentParser.parse_known_args(parser, words)
        except SystemExit:
            raise ValueError(told.getvalue().partition("error: ")[2].strip()) from None
    if strange:
        raise ValueError(f"not an argument: {strange}")
    return made(kinds, vars(found))


def made(kinds: Iterable[type], found: dict[str, Any]) -> list[object]:
    """The dataclasses themselves; the Trainer's would look for a GPU, and are left at their arguments."""
    return [
        kind(**{each.name: found[each.name] for each in dataclasses.fields(kind) if each.init})
        for kind in kinds
        if not hasattr(kind, "get_warmup_steps")
    ]


def axolotl(file: Path) -> object:
    """The schema of its configurations."""
    config = importlib.import_module("axolotl.utils.schemas.config")
    said = yaml(file)
    with TemporaryDirectory() as directory, contextlib.chdir(directory):
        if isinstance(
            named := said.get("deepspeed"), str
        ):  # one that `axolotl fetch deepspeed_configs` brings
            place = Path(named)
            place.parent.mkdir()
            place.write_text('{"zero_optimization": {"stage": 3}}', encoding="utf-8")
        return config.AxolotlInputConfig(**said)


def accelerate(file: Path) -> object:
    """`accelerate launch --config_file`."""
    arguments = importlib.import_module("accelerate.commands.config.config_args")
    return arguments.load_config_from_file(str(file))


def deepspeed(file: Path) -> object:
    """ZeRO and the number formats; the rest are plain numbers."""
    zero = importlib.import_module("deepspeed.runtime.zero.config")
    said = json.loads(file.read_text(encoding="utf-8"))
    return zero.DeepSpeedZeroConfig(**said.get("zero_optimization", {}))


def torchtune(file: Path) -> object:
    """Every component is there and takes what is written for it."""
    for part in components(yaml(file)):
        given = dict(part)
        module, _, name = str(given.pop("_component_")).rpartition(".")
        if module.partition(".")[0] != "torchtune":
            continue
        made = getattr(importlib.import_module(module), name)
        inspect.signature(made).bind_partial(**given)
    return None


def components(node: Any) -> Iterator[dict[str, Any]]:
    """The parts of a configuration that name what makes them."""
    if isinstance(node, dict):
        if "_component_" in node:
            yield {name: value for name, value in node.items() if not isinstance(value, dict)}
        for each in node.values():
            yield from components(each)


def xtuner(file: Path) -> object:
    """The program of `xtuner train`, by mmengine; whatever it imports from xtuner is in the package."""
    for line in file.read_text(encoding="utf-8").splitlines():
        home, _, names = line.removeprefix("from ").partition(" import ")
        if line.startswith("from xtuner."):
            where = package_text(home)
            for name in names.split(", "):
                if name not in where:
                    raise ValueError(f"{home} has no {name}")
    return importlib.import_module("mmengine.config").Config.fromfile(str(file))


def package_text(module: str) -> str:
    """What a package says of itself, without importing it."""
    found = importlib.util.find_spec(module.partition(".")[0])
    root = next(iter(found.submodule_search_locations or ())) if found else ""
    path = Path(root).joinpath(*module.split(".")[1:])
    files = path.rglob("*.py") if path.is_dir() else (path.with_suffix(".py"),)
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def swift(file: Path) -> object:
    """The dataclass of `swift sft`, by the words of its command."""
    module = importlib.import_module("swift.arguments.sft_args")
    words = shlex.split(file.read_text(encoding="utf-8").replace("\\\n", " "))
    return of_words((module.SftArguments,), words[words.index("sft") + 1 :])


def sky(file: Path) -> object:
    """The schemas of a task and of its machine."""
    schemas, said = importlib.import_module("sky.utils.schemas"), yaml(file)
    validate = importlib.import_module("jsonschema").validate
    validate(said, schemas.get_task_schema())
    return validate(said.get("resources", {}), schemas.get_resources_schema())


def dstack(file: Path) -> object:
    """A task of `dstack apply`."""
    models = importlib.import_module("dstack._internal.core.models.configurations")
    return models.parse_apply_configuration(yaml(file))


PARSERS: Final[dict[str, tuple[str, tuple[str, ...], Callable[[Path], object]]]] = {
    "trl": ("trl", (), trl),
    "llama-factory": ("llamafactory", PEFT, llama_factory),
    "axolotl": ("axolotl", (*PEFT, "ring_flash_attn"), axolotl),
    "accelerate": ("accelerate", TORCH, accelerate),
    "deepspeed": (
        "deepspeed",
        (*TORCH, "hjson", "cpuinfo", "ninja", "msgpack", "einops", "triton"),
        deepspeed,
    ),
    "torchtune": ("torchtune", VISION, torchtune),
    "xtuner": ("mmengine", (*TORCH, "cv2", "matplotlib"), xtuner),
    "swift": (
        "ms-swift",
        (*TORCH, "torchvision", "peft", "trl", "bitsandbytes", "json_repair", "aiohttp"),
        swift,
    ),
    "sky": (
        "skypilot",
        (
            *("prometheus_client", "alembic", "psycopg2", "passlib", "paramiko", "aiohttp", "orjson"),
            *("casbin", "sqlalchemy_adapter"),
        ),
        sky,
    ),
    "dstack": ("dstack", (), dstack),
}
"""Tool -> its package, what is stood in for, what reads a configuration."""


def yaml(file: Path) -> dict[str, Any]:
    """A configuration as parsed."""
    read: dict[str, Any] = importlib.import_module("yaml").safe_load(file.read_text(encoding="utf-8"))
    return read


if __name__ == "__main__":
    main()
