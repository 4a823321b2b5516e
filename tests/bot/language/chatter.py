"""Ordinary talk of people who train models: sentences of many shapes, full of the grammar's own words."""
# ruff: noqa: E501  -- lists of words read as text

import random
from collections.abc import Iterator
from itertools import islice

SLOTS = {
    "model": "7b 13b 70b llama-3.1-8b qwen2.5-7b mistral-7b the+7b our+13b the+llama qwen Llama-2-7b gemma phi-3 8x7b",
    "gpu": "a100 h100 4090 l40s v100 A100s H100s the+4090 2+a100s 8xh100 8+h100s a100-80g RTX+3090 b200 mi300x T4",
    "method": "lora qlora full+finetuning LoRA QLoRA dora SFT full freeze DPO RLHF peft galore",
    "precision": "bf16 fp16 fp8 fp32 4bit int8 amp nf4 tf32 mixed+precision",
    "shard": "zero3 zero2 fsdp ddp tp=2 deepspeed megatron offload ZeRO-3 FSDP pp",
    "tweak": "bs=16 bs=8 r=16 lr=2e-4 seq=4k epochs=3 n=10k warmup=100 mbs=2 ga=8 seed=42 dropout=0.1 ckpt flash",
    "provider": "aws gcp lambda runpod vast azure aliyun spot on-demand",
    "count": "2 3 4 8 16 32 two four eight",
    "number": "0.3 1.2 2.7 512 4096 10k 50k 1e-4 37 99.9 12.5% 80GB 24GB 3.5h 20min $40 $1200",
    "person": "Ana Wei Priya Tom Marek Yuki she he they everyone nobody somebody @sam the+intern our+PI",
    "thing": "loss gradient optimizer tokenizer checkpoint dataset notebook cluster queue config branch pipeline "
    "dataloader scheduler prompt benchmark eval embedding adapter kernel driver container dashboard",
    "things": "samples epochs steps tokens rows cards nodes logs weights results seeds runs batches prompts",
    "when": "yesterday today tomorrow tonight on+Friday last+week this+morning again already soon at+noon",
    "bad": "diverged crashed stalled exploded OOMed hung failed died vanished regressed plateaued",
    "good": "fine great solid promising stable cheaper faster better cleaner done ready",
    "verb": "merged pushed reverted reviewed restarted killed resumed profiled deleted renamed fixed broke",
    "ask": "anyone somebody who",
}  # fmt: skip
SHAPES = """
the {thing} {bad} with {method}
{person} said {model} is {good}
{model} with {method} on {gpu} {bad} {when}
my {gpu} run {bad} after {count} epochs
{ask} knows why {tweak} is so slow
I saw {number} on the {thing}
the {thing} is {good}, {tweak} helped
{tweak} was a mistake
we used {tweak} and {shard} last time
{person} {verb} the {thing} {when}
{person} wants {gpu} {when}
did {person} try {method}?
is {gpu} any good for {method}?
are the {things} from {when} gone?
why {precision} and not {precision}?
{precision} underflows, I think
I'd rather have {method} than {method}
{method} > {method} imho
{method} vs {method} again...
{count} {things} were missing
there are {count} {things} left
{count} {gpu} are reserved for {person}
{person}: can you look at {thing} {number}?
{provider} had an outage {when}
{provider} raised prices by {number}
our {provider} credits expire {when}
ok {person}, go ahead with {method}
lol {tweak}
hmm, {tweak}?? that can't be right
{tweak} didn't change anything for me
with {tweak} I got {number}
{number} vs {number} on the {thing}
loss {number} at step {count}
grad norm {number}, weird
val acc went from {number} to {number}
{model} beats {model} by {number}
PR #{number} {verb}
see {thing}.py line {number}
https://wandb.ai/team/{model}?run={number}
`{tweak}` in the {thing} yaml
export CUDA_VISIBLE_DEVICES={number}
pip install {shard}=={number}
{thing}={number}, right?
the paper uses {method} r={count} on {model}
did the {model} job on {gpu} finish?
how come {gpu} is slower than {gpu}
thanks {person}!
{good}, thank you
nice!! {number} is {good}
same here, {thing} {bad}
+1 for {method}
-1, {shard} is a pain
nope, {precision} only on {gpu}
yes, {model} it is
let me {verb} that {when}
brb, {thing} {bad}
wrong thread, sorry
{when} works for me
standup {when} at {count}
can we move the {thing} review to {when}
I will be out {when}
{person} is on {provider} now
please don't use {gpu} {when}
don't touch the {gpu} node
{gpu} node {count} is down
node {count} rebooted {when}
step {count}: {verb} the {thing}
epoch {count} took {number}
{count} of {count} {things} {bad}
only {count} {things} per {person}
need to talk about the {thing} budget
budget for {gpu} was {verb}
price of {gpu} dropped by {number}
cost came out at {number}
what's our quota on {provider}
how much did the {model} thing cost us
that would be {number} a month
too expensive for {model}
cheap enough, {person} approved {number}
what if the {thing} is wrong
if it doesn't fit, ask {person}
so the run {bad}, {tweak} next?
maybe {method}, maybe not
I tried {method} and {method}, both {bad}
full {thing} dump attached
spot got preempted {when}
private repo, ask {person}
the lion optimizer {bad}
muon needs {number} more memory
flash attention {bad} on {gpu}
compile takes {number}
packing broke the {thing}
swift answer, {person}
any update on {model}?
on {when}, off {when}
undo the last {thing} change
reset the {thing} please
can {person} undo {number}
vs root? no, vs main
{count} people in the room
{count}x faster with {shard}
{gpu} x {count} = {number}
a {model} on a {gpu}, really?
use the {thing} from {person}
go with {person}'s {thing}
try turning it off and on
give me a {thing}
set {thing} to {number}
switch to main and {verb} it
change {thing} back
run {thing} on {gpu} {when}
train {when} instead
{model} {model} {model} why always {model}
rank {count} of {count} on the leaderboard
{things} per second: {number}
{things}? which {things}?
seq len histogram attached, p99 is {number}
context window of {model} is {number}
r={count} alpha={count} as in the paper
lr {number} warmup {number}
{count} epochs overfits, {count} underfits
""".strip().splitlines()
CHINESE_SLOTS = {
    "模型": "7b 13b 70b qwen2.5-7b 这个7b llama 千问 那个模型",
    "卡": "a100 h100 4090 八卡h100 两张4090 3090 单卡a100 昇腾",
    "法": "lora qlora 全参 全量微调 dora sft 预训练 蒸馏 强化学习",
    "精": "bf16 fp16 4bit int8 混合精度 fp8",
    "改": "bs=16 r=8 lr=1e-4 seq=4k epochs=3 长度4k 批次32",
    "人": "小王 张工 老师 他 她 我们组 大家 老板 实习生",
    "物": "损失 日志 数据集 集群 队列 配置 代码 分支 显存 梯度 权重 评测 论文 报告",
    "时": "昨天 今天 明天 刚才 上周 周五 下午 刚刚",
    "坏": "崩了 炸了 挂了 不收敛 变慢了 爆显存了 卡住了 掉线了",
    "好": "不错 挺好 很稳 可以了 搞定了 便宜多了",
    "数": "0.3 500 1万 3轮 20% 8张 两倍 三天 40块",
}
CHINESE_SHAPES = """
{时}{卡}{坏}
{模型}{法}{坏}，{人}看一下
{人}说{法}{好}
{物}{坏}
{改}试过，{坏}
{人}{时}用{卡}跑的
{卡}都被{人}占了
{物}在哪里
{模型}的{物}发我一下
{法}和{法}差多少
{精}会掉点吗
{精}{好}，{法}也行
{时}再跑{模型}
{数}的{物}
到{数}就{坏}
先把{物}改了
{人}来跑{模型}吧
为什么{改}这么慢
这个{物}要{数}
阿里云{时}涨价了
预算{数}不够
训练到{数}{坏}
{模型}推理要几张卡
换成{人}的{物}
试试{人}的{物}
多谢{人}
收到，{时}弄
要不要{时}开会
{物}是{精}的
{卡}上{物}{好}
用{人}的数据
张{人}在吗
一个{物}{坏}
这个先不要
加班到{时}
""".strip().splitlines()


def chatter(count: int, seed: int) -> list[str]:
    """So many different lines, the same for the same seed."""
    return list(islice(_lines(random.Random(seed)), count))


def _lines(dice: random.Random) -> Iterator[str]:
    seen: set[str] = set()
    while True:
        shapes, slots = dice.choice(((SHAPES, SLOTS), (SHAPES, SLOTS), (CHINESE_SHAPES, CHINESE_SLOTS)))
        line = _said(dice.choice(shapes), slots, dice)
        if line not in seen:
            seen.add(line)
            yield line


def _said(shape: str, slots: dict[str, str], dice: random.Random) -> str:
    """A shape with each of its slots filled anew; now and then as people type."""
    for name, words in slots.items():
        while f"{{{name}}}" in shape:
            shape = shape.replace(f"{{{name}}}", dice.choice(words.split()).replace("+", " "), 1)
    manner = dice.random()
    if manner < 0.1:
        return shape.upper()
    return shape.capitalize() + "." if manner < 0.25 else shape
