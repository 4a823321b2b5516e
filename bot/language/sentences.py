"""The words of sentences: what negates, what compares, what asks, what greets."""
# ruff: noqa: E501, SIM905  -- a list of words reads as text

from typing import Final

from bot.language import limit_words, run_words, small_words, told_words, unwanted_words
from bot.language.kinds import CURRENCY_WORDS, squash
from bot.language.not_done_words import NOT_DONE
from bot.language.places import AREAS
from bot.language.unwanted_words import phrases as _phrases

NEGATIONS: Final = _phrases(
    "no|not|without|w/o|neither|anything but|anyone but|any cloud but|any cloud except|any provider but|any provider except|any seller but|any seller except|all clouds but|all clouds except|all providers but|all providers except|all sellers but|all sellers except|anybody but|everyone but|everybody but|all but|any but|other than|apart from|turn off|turning off|turned off|disable|disabling|don't|dont|never|except|excluding|exclude|avoid|skip|ex|不用|不要|不开|不带|不使用|不想用|别用|没有|除了|排除|无|关掉|关闭"
)
UNWANTED: Final = (
    *unwanted_words.BEFORE,
    *unwanted_words.UNABLE,
    *unwanted_words.AFTER,
    *unwanted_words.OFF,
    *unwanted_words.BUT,
    *unwanted_words.HARMLESS,
    *unwanted_words.WHOLE_WORDS,
)
BETWEEN_NEGATION_AND_WORD: Final = _phrases("use|using|any|the|with|want|用|使用|开|要|from|on")
ON_SELLERS: Final = frozenset(_phrases("on|via|using|在|用"))
"""Before the name of a seller that is an ordinary word too: `on together`."""
INSTEAD_OF: Final = _phrases("instead of|rather than|not from|而不是|而非")
"""What follows is what somebody does not want."""
CHOICES: Final = _phrases(
    "or|vs|vs.|versus|against|compared to|compared with|compare|than|or rather|better than|还是|或|或者|或是|对比|相比|比|比较|哪个|哪个更|哪一个|which one|不够的话|不行的话|不行就|不够就|要不|or else|otherwise|if not"
)
"""Between two values of one thing: a comparison is asked for."""
CHANGES: Final = _phrases(
    "换成|改成|换|改用|升级到|upgrade to|upgrading to|switch to|switching to|move to|moving to"
)
"""Likewise, where nothing comes before."""

SPENT: Final = _phrases(
    "finishes in|completes in|need|takes|took|taken|taking|take|ran|ran in|was trained in|was finished in|were finished in|was done in|runs|running|spent|spend|spends|already|after|been|lasted|lasts|still|about|around|roughly|approximately|approx|nearly|almost|shows|showing|showed|needs|needs more than|takes more than|took more than|took over|duration|training time|for|only|总共花了|一共花了|总共用了|一共用了|差不多|需要|要|跑了|用了|花了|还是|耗时|训练了|训练|训了|需要训练|要训练|跑|已经|了|花|大约|大概|约|得|才|都|只"
)
"""Before a length of time: somebody tells how long it took."""
WITHIN: Final = _phrases(
    "within|under|in under|in less than|less than|below|at most|max|maximum|before|by|until|done by|ready by|finished by|up to|no more than|in|不超过|上限|最多|最多等|最多跑|最迟|必须在|要在|最多花|最多花费|最多用|花费不超过|费用不超过|低于|少于"
)
"""Before a length of time or money: a limit."""
WITHIN_AFTER: Final = _phrases(
    "以内|之内|内|里|以下|之前|前|够吗|够不够|够用吗|来得及吗|能跑完|能训完|跑得完|能完成|能不能跑完|能不能训完|or less|max|tops|at most|deadline|time limit"
)
MONEY_IN_HAND: Final = _phrases(
    "with|for|have|have got|got|budget of|a budget of|only have|only|手里有|只有|预算|预算只有|预算是|预算有"
)
"""Before an amount of money: what may be spent."""
PAID: Final = _phrases("at|for|at a price of|paying|we pay|i pay|价格|单价")
"""Before the price of an hour."""
MONEY_IN_HAND_AFTER: Final = _phrases(
    "budget|of budget|credits|credit|of credits|of credit|in credits|to spend|limit|cap|预算|的预算|额度"
)
PER_EPOCH: Final = _phrases("per epoch|each epoch|every epoch|每轮|每个epoch")
AN_EPOCH: Final = _phrases("an epoch|a epoch|one epoch|for one epoch|一轮|一个epoch")

PER_GPU: Final = _phrases(
    "per gpu|per card|per device|per rank|each gpu|each card|each device|for each gpu|for each card|for each device|on every gpu|every gpu|in each gpu|on each gpu|on each card|a card|a gpu|/gpu|/card|per-gpu|per-device|每卡|每张卡|每块卡|每个gpu|每张gpu|每gpu|各卡"
)
PER_STEP: Final = _phrases(
    "per step|per batch|per iteration|per update|per optimizer step|a batch|a step|in a batch|in each batch|each batch|each step|每步|每批|每个step|每个batch|一批|每一批|一个batch|每一步"
)
LONGEST_ALONE: Final = _phrases(
    "最长能跑多长|能跑多长|最长多长|最长能到多少|能开多长|最长能开多长|how long a sequence|how long can the context be|how long can my context be|how long can the sequence be|how much context"
)
"""The longest sequence, without a key."""
HOW_LARGE: Final = _phrases(
    "最大能开到多少|最大能开到多大|能开到多大|能调到多大|最大能调到多少|最大能设多少|最大|能开多大|多大|能到多大|能跑多大|最大能开多大|最大多大|最大能到多少|最多能开多少|最多多少|能开到多少|能多大"
)
FITTING: Final = _phrases("fits|fit|can|will|would|could")
ENOUGH: Final = _phrases("enough|fit|fits|够|够吗|够不够|够用|放得下|装得下|跑得动")
"""Beside a GPU's memory: whether one of it does."""
LARGEST: Final = _phrases(
    "how big can the|how large can the|how high can the|how long can the|how big can|how large can|longest|largest|biggest|max|maximum|highest|how long a|how large a|how big a|最大|最长|最多"
)
"""Before a size: as large as fits."""
EACH: Final = _phrases(
    "each|apiece|a piece|per node|per box|per machine|per server|per host|in each|on each|每台|每机|每节点|每个节点|each node|每台机器|每个机器|每台服务器|一个节点|一台机器|一台服务器|单个节点"
)
PER_SAMPLE: Final = _phrases(
    "each|per sample|per example|per row|per record|apiece|a sample|long|per sequence|in length|length|长|每条|每个样本|一条"
)
EACH_SAMPLE: Final = _phrases(
    "每条|每个样本|每条数据|每条样本|单条|each sample|each example|each row|per sample|每句"
)
ABOUT: Final = _phrases(
    "about|around|approx|approximately|roughly|average|avg|mean|平均|大约|大概|约|averaging|on average|~"
)
MACHINES: Final = _phrases(
    "机|台|台机器|台服务器|机器|machine|machines|server|servers|node|nodes|节点|个节点|box|boxes|host|hosts"
)
INSTANCES: Final = _phrases("instance|instances|vm|vms|实例|云服务器|服务器")
"""After the name of a cloud's machine."""
MACHINES_EACH: Final = _phrases("机|台|台机器|台服务器")
"""After these the cards are those of one machine."""
OF_EACH: Final = _phrases("of|with|x|*|each with|each having|having|每台|每机|各|每节点|每个节点")

HOST_MEMORY: Final = _phrases(
    "ram|of ram|system ram|host ram|cpu ram|host memory|system memory|cpu memory|ddr4|ddr5|swap|disk|ssd|nvme|storage|space|内存|主机内存|硬盘|磁盘|swap space|unified memory|统一内存"
)
"""After an amount of memory: it is not that of a GPU."""
DATA: Final = _phrases(
    "dataset|data|corpus|text|texts|jsonl|json|csv|parquet|txt|file|files|数据|数据集|语料|文本|语料库"
)
"""Beside an amount of memory: it is that of the data."""
IN_TOTAL: Final = _phrases(
    "in total|total|altogether|combined|overall|in all|总共|一共|合计|共|总显存|in sum|of total"
)
GPU_MEMORY_AFTER: Final = _phrases(
    "vram|of vram|gpu memory|of gpu memory|gpu|gpus|card|cards|graphics card|显存|显卡|卡|gpu ram|of memory|memory|video memory|的|each|大显存"
)

DATA_SETS: Final = _phrases(
    "alpaca|sharegpt|dolly|openorca|ultrachat|finetome|openhermes|longalpaca|magpie|numinamath|openthoughts|oasst1|slimorca|belle|firefly|gsm8k|metamathqa|codealpaca|wikitext"
)
"""Data sets that people name: a number before one counts its samples, `52k alpaca`."""

NAMES_OF_CARDS: Final = {
    "memory": _phrases(
        "memory|vram|gpu memory|gb|oom|fit|fits|显存|内存|爆显存|放得下|装得下|跑得动|跑得起来|够|够不够|爆|能跑|跑得了"
    ),
    "time": _phrases(
        "time|long|hours|days|duration|slow|fast|speed|throughput|tokens/s|eta|多久|时间|多长时间|多长|慢|快|速度|几天|几个小时|耗时"
    ),
    "cost": _phrases(
        "cost|costs|price|expensive|cheap|money|dollars|bill|pay|多少钱|价格|费用|成本|贵|钱|花费"
    ),
    "gpus": _phrases("gpu|gpus|cards|card|machine|hardware|几张卡|几张|几卡|显卡|卡|配置|什么卡|哪种卡"),
}
"""What a card says, by the words that ask for it."""
FASTER: Final = _phrases(
    "faster|quicker|speed it up|speed up|fastest|sooner|更快|快一点|快点|再快一点|快一些|加速|最快|更快一点|再快点|更快的|快些"
)
CHEAPER: Final = _phrases(
    "cheaper|less expensive|cheapest|smallest gpu|smallest card|最小的卡|最便宜的卡|lower cost|save money|更便宜|便宜点|便宜一点|便宜些|再便宜点|再便宜一点|最便宜|省钱|省点钱|更便宜的|更省钱|降低成本|省钱点"
)
ASKING: Final = _phrases(
    "是多少|几个小时|how|what|which|does|is|are|can|could|would|will|why|should|do|did|what's|whats|how's|isn't|doesn't|can't|won't|吗|呢|么|能不能|能否|可以|可不可以|多少|怎么|怎样|如何|为什么|哪|几|多久|会不会|是不是|够不够|行不行|要不要|什么|多长|多大|如果|假如"
)
"""A message with one of these, or with a question mark, asks."""
IN_QUESTIONS: Final = _phrases(
    "够吗|够么|只有|ok|okay|thing|things|instance|instances|save|saves|saving|charge|charges|longer|shorter|worth|worth it|help|helps|smallest|finish|finished|done|be done|that|expensive|than|是多少|总共|一共|够不够|够用|省下|省|花|完|跑完|训完|哪个|哪一个|which one|slower|slow|like|fits|one|ones|show|still|there|any|anything|get|way|bit|little|even|more|less|higher|lower|bigger|smaller|larger|other|another|option|options|possible|work|works|happen|happens|happened|used|needs|needed|required|require|requires|go|goes|up|down|have|has|had|got|when|and|so|exactly|total|overall|enough|right|they|on|out|off|same|way|them|me|much|under|over|within|actually|here|no|not|without|use|using|uses|used|"
    "也|放下|放得下|装得下|训|换个|算|按|以|能|够|便宜|贵|能跑|跑|还|还能|会|会不会|可以|可以不|能否|行|好|再|更|点|一点|一些|些|多|少|了|得|到|是|有|没有|还有|别的|其他|其它|方案|办法|就|都|才|最|大概|大约|需要|降|提高|省|什么|怎么|怎么样|如何|哪个|哪种|开|不|不用|不开|要|会是|变|变成|变化|占|占用|那么|那样|话|的话|上去|下来|结果|呀|啊|嘛|哦|么|看看|帮忙|够用|我"
)
"""Words that a question about a card may have besides its tokens."""
PER_HOUR_ASKED: Final = _phrases(
    "per hour|an hour|a hour|hourly|per gpu hour|per gpu-hour|hourly rate|一小时|每小时|每个小时|一个小时|每卡时|一卡时|时租"
)
"""After a GPU without a model: its price is asked for."""
LARGEST_MODEL: Final = _phrases(
    "largest model|biggest model|how big a model|how large a model|what size model|what size of model|what model size|which model size|what models|which models|what model can i|which model can i|what can i train|what can i finetune|what can i fine-tune|what llm can i|多大的模型|能跑多大的模型|能跑多大模型|多大模型|多大参数的模型|什么模型|哪些模型|最大多大的模型|多少b的模型|几b的模型|什么规模的模型"
)
"""A question for the model itself: the usual sizes are compared."""
IN_CURRENCY: Final = _phrases("in|to|into|换成|改成|用|按|以|改用|换算成|折合|折合成|折算成|算成")
_ONLY_WITH_A_NUMBER: Final = frozenset(_phrases("sgd|元|块|块钱|dollar"))
"""An optimizer, measures of things, and what stands beside an amount."""
CURRENCIES: Final = {
    code: tuple(
        name
        for name in (code.lower(), *(word for word, its in CURRENCY_WORDS.items() if its == code))
        if "$" not in name and name[0].isalpha() and name not in _ONLY_WITH_A_NUMBER
    )
    for code in dict.fromkeys(CURRENCY_WORDS.values())
}
"""Currencies as people name them without `cur=`."""
GREETINGS: Final = frozenset(
    _phrases(
        "hi|hello|hey|heya|yo|hiya|morning|evening|afternoon|thanks|thank|thx|ty|cheers|thankyou|bye|ping|test|你好|您好|嗨|哈喽|谢谢|多谢|感谢|早|早上好|辛苦了|在吗|在么|再见|測試|测试"
    )
)

OUR_GROUP: Final = _phrases(
    "我们组|我们组里|咱们组|咱组|我组|组里|课题组|我们课题组|小组|我们小组|团队|我们团队|咱们团队|我们这边|我们这里|咱们|咱|我们实验室|我们公司|team|group|lab|company"
)
"""For whom it is: nothing of a run, and a word among people."""
MORE_FILLERS: Final = (
    *OUR_GROUP,
    *_phrases(
        "does|did|is|are|was|were|am|be|been|has|have|had|s|'s|possible|or so|there|here|me|mine|he|she|they|them|their|your|yours|one's|some|any|enough|i'm|im|i've|ive|we're|we've|i'd|id|gonna|wanna|just|very|quite|maybe|perhaps|kind of|sort of|"
        "以外|之外|以外的|之外的|full-parameter|fullparameter|请教|求问|求助|大佬|大佬们|各位|问下|问一下|想问|想问下|老铁|调|微调下|拿|做|行|不行|够不够|能不能|能否|可不可以|要不要|是不是|行不行|可以|吗|了|的话|么|啊|呀|哦|嘛|是|有|没有人|什么|怎么|大约|左右|进行|使用|基于|通过|需不需要|占|占用|吃|跑得动|跑起来|跑得起来|带得动|够用|会|会不会|最少|至少|起码|最低|得|到底|这样|目前|现在|已经|自己|手里|手上|手头|家里|公司|实验室"
    ),
)
"""Fillers of sentences: nothing on the card says that they were not used."""
FIRST_QUESTIONS: Final = _phrases(
    "只有|手里有|ok|okay|better|best|rather|min|minimum|least|looking|rough|roughly|tell|know|anyone|anybody|somebody|someone|tried|rent|renting|renting a|free|hobby|please|pls|kindly|realistic|realistically|feasible|doable|viable|worth|sensible|ft|tuned|finetuned|fine-tuned|trained|continue|continued|from scratch|scratch|own|custom|trainning|finetunning|stage|llm|llms|lm|models|weights|language model|instruction|instructions|adapters|planning|wondering|wonder|curious|question|hi all|hey all|guys|folks|could you|you|租|租用|给|给我|自有|自家|划算|可行|可行吗|怎么办|多大|小|求|帮忙|麻烦|一天|一个月|月|流水线并行|目标模块|张量并行|数据并行|继续|从头|ballpark|ballpark figure|ballpark estimate|rough estimate|enuf|btw|咋办|来得及|来得及吗|谁|昇腾|华为昇腾|微调训练"
)
"""Likewise where the bot is spoken to; in a thread people say them to each other."""
CHINESE_EXTRA: Final = _phrases(
    "国内|以及|第|机|台|台机器|台服务器|机器|每台|每机|各|共|总共|一共|内存|主机内存|以内|之内|不超过|预训练|量化|显存|每卡|每张卡|每块卡|每条|每个样本|平均|约|比|和|跟|都|跑了|用了|花了|还是|耗时|需要|千问|通义千问|老是|爆显存|大显存|块钱|参数卸载|卸载|梯度累加"
)

ALL: Final = frozenset(
    squash(phrase)
    for table in (
        NEGATIONS, UNWANTED, run_words.DONE_AT_TIMES, run_words.ATTENTION_MODULES, run_words.MLP_MODULES, run_words.LENGTHS_OF_TIME, run_words.GPU_HOURS, run_words.SWITCHED_ON, run_words.TURNED, run_words.A_STEP, run_words.HELD_OUT, run_words.EVALUATING, run_words.HELD_OUT_AS, run_words.OF_EACH_EPOCH, INSTEAD_OF, CHOICES, CHANGES, *NOT_DONE.values(), run_words.OWN, run_words.OWN_MACHINES, run_words.WITHOUT_EFFECT, SPENT, WITHIN, WITHIN_AFTER, MONEY_IN_HAND, MONEY_IN_HAND_AFTER, PAID, PER_HOUR_ASKED, LARGEST_MODEL, PER_EPOCH, PER_GPU, PER_STEP, EACH,
        PER_SAMPLE, EACH_SAMPLE, ABOUT, MACHINES, OF_EACH, HOST_MEMORY, DATA, IN_TOTAL, small_words.OF_ALL_GPUS, *small_words.PER_OTHER_TIME.values(), GPU_MEMORY_AFTER, *NAMES_OF_CARDS.values(),
        FASTER, CHEAPER, ASKING, IN_QUESTIONS, LARGEST, LONGEST_ALONE, HOW_LARGE, IN_CURRENCY, *CURRENCIES.values(), *AREAS.values(), GREETINGS, MORE_FILLERS, FIRST_QUESTIONS, CHINESE_EXTRA, *told_words.EVERY_TABLE, *limit_words.EVERY_TABLE,
    )
    for phrase in table
)  # fmt: skip
"""Every phrase at which Chinese is cut, squashed."""
PHRASES: Final = ALL | frozenset(
    squash(phrase)
    for table in (
        BETWEEN_NEGATION_AND_WORD,
        run_words.PER_NODE,
        run_words.EVERY,
        run_words.WARMING_UP,
        run_words.DESCRIBING,
        run_words.TARGETING,
        run_words.MODULES_AFTER,
        unwanted_words.USING,
        AN_EPOCH,
        FITTING,
        MACHINES_EACH,
        INSTANCES,
        DATA_SETS,
    )
    for phrase in table
)
"""Every phrase."""
ORDINARY: Final = frozenset(
    """
    cuda ollama lambada adapters
    together replicate google amazon
actually adam adams adapted added aero alam amps arteries atta bach backing bang bank bart batches bath beat
beatings beet beit belt bent berg bern berth beset best bitch blood blooms boom bora bows breeze bret brice
broom brows budge budgeted budgets bull burt butch camp capt cast catch cert clam clash codes command commanded
commander commanders commando commandos commands compared compares compiled compiler complied comprise contempt
content contents contest contests contexts cora costly cows cracking crank crows ctrl curb cure curl currently
currents curt cuttings damp dang dank dara deadlines decision defective demo detective dion doha dork dorm dory
drank dull east eater elective elmo emma epoch examines example factual falcons fall fallon fang fast fell fill
fittings fixed flashy flask flesh flora flush fracking frank freezer freezes fuel fully gang glam glen gloom
grows gull hacking hang hank hast hatch headline headlined headlines heap held hell helm helps hemp hero
historic hull indo instruct internal internet jang jaws kang lacking lager lamp lana land lane lange lara lash
last latch lava laws lean left legion lena lend lens lent leon liang lien liner ling linger linn lions lira
liter liver lola long loom loon lord lore lorna lows lull lung lure lyon marked marker marketed markets mast
match matched meager meetings memo methods mined ministerial ministry mixer mixes mixing mobs mode modem
modes molar moon mora motel mule mundo nero niger nodding node nods nora noses notes nudes null onion oomed
opted opus orson orton owen pacing packages packaging packed packs pang panicking parking past patch paws peat
pest picking poaching polar pore prank priced pricey prick pricks pride primate primates prime prince princes
princess privately prize prizes provide provided provides provision puke pull pune purge purse quaint quart rack
racking ramp rana rand rang rani ranked ranking ranks rant recipes recite reflective regional regions religion
resent rest retirees retires retrieve retro revision rice rink rods role ross rowe rude ruled ruler rules rune
ruse sack sacking sample sampled sampler sang sank santander scot seductive selecting selection selectively
servings setting settling shack shambles shift shot sift simplest sion slack slam slang slash slot smack
smacking snack soar soft sonar soot sora spanking sparking spat spit sport spots spout stacking stacks stacy
stalk stark steep stem stems steph stew stick stock stop stops stuck sure tack tackling tang tank target
targeted tiger token tracking transformed transformer transforms trillion unto vase vert vest vows wager wang
watch welp yang yank yelp zeros zion
""".split()
)
"""English words that are no slips of ours although one letter is all that parts them.

Those of the 30 000 most frequent (wordfreq 3.1.1, English, 2023-11) within one letter (two from eight letters on)
of a name of the grammar or the catalogues.
"""
