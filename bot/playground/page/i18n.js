// What the page itself says, in English and Chinese. What the app says comes from the app.

const WORDS = {
  en: {
    about: "This is the whole bot on your own machine: a stand-in for Slack, the real app, no account.",
    app: "APP",
    apps: "Apps",
    as: "You are {name}",
    beside: "{name}, in a second window",
    channels: "Channels",
    clear: "No choice",
    close: "Close",
    cancel: "Cancel",
    choose: "Choose an option",
    command_usage: "estimate a fine-tuning run",
    command_invite: "bring the app into this channel",
    composer: "Message {place}",
    composer_hint: "Type /ftcost, or @FT Cost",
    copied: "Link copied",
    copy_link: "Copy link to message",
    dark: "Dark",
    deleted: "This message was deleted.",
    dismiss: "Dismiss",
    direct: "Direct messages",
    edited: "(edited)",
    empty: "Nothing here yet. Try /ftcost 7b fp16 n=10000 bs=32",
    enter: "to send",
    new_line: "for a new line",
    examples: "Examples",
    home: "Home",
    home_empty: "The app has not published its home tab yet.",
    invalid_number: "Enter a number.",
    invalid_whole: "Enter a whole number.",
    jump: "New messages",
    language: "Language",
    last_reply: "Last reply {when}",
    light: "Light",
    loading: "Searching…",
    locked: "The playground was started anew. Open the address that it printed.",
    messages: "Messages",
    menu: "Channels and settings",
    more: "More actions",
    no_app: "FT Cost is not in this channel. Commands still work; threads need it: /invite @FT Cost",
    none: "No results",
    lookup_failed: "The look-up failed; type to try again",
    offline: "Connection lost. Reconnecting…",
    only_you: "Only visible to you",
    optional: "(optional)",
    people: "Switch person",
    required: "Please fill in this field.",
    replied: "replied to a thread",
    replies_one: "{n} reply",
    replies: "{n} replies",
    reply: "Reply in thread",
    reply_hint: "Reply… e.g. bs=16 · lora r=8 · undo",
    search: "Type to search",
    send: "Send",
    send_failed: "Not sent: the playground does not answer.",
    shortcut_ftcost_new: "Estimate a fine-tune",
    shortcuts: "Shortcuts",
    skip: "Skip to the message box",
    suggestions: "Suggestions",
    system: "System",
    table: "Table, scrolls sideways",
    theme: "Theme",
    thread: "Thread",
    too_big: "Enter {max} or less.",
    too_small: "Enter {min} or more.",
    today: "Today",
    "topic_ml-training": "Fine-tunes, GPUs and what they cost",
    topic_general: "Everything else",
    topic_random: "The app has not been invited here",
    unread: "unread",
    welcome: "Will it fit, how long, how much?",
    welcome_lead: "Ask in one line. I answer with memory, time and cost, and with the assumptions I made.",
    welcome_try: "Try one of these, it fills the box below:",
    welcome_thread: "Then reply in the card's thread with just the change:",
    welcome_more:
      "The ⚡ button opens the same as a form. Switch to another person or language in the sidebar.",
    yesterday: "Yesterday",
  },
  zh: {
    about: "整个机器人都运行在本机：一个模拟的 Slack 加上真实的应用，无需账号。",
    app: "应用",
    apps: "应用",
    as: "当前身份：{name}",
    beside: "另开窗口：{name}",
    channels: "频道",
    clear: "不选",
    close: "关闭",
    cancel: "取消",
    choose: "请选择",
    command_usage: "估算一次微调",
    command_invite: "邀请应用加入此频道",
    composer: "发送消息至 {place}",
    composer_hint: "输入 /ftcost，或 @FT Cost",
    copied: "链接已复制",
    copy_link: "复制消息链接",
    dark: "深色",
    deleted: "此消息已删除。",
    dismiss: "关闭",
    direct: "私信",
    edited: "(已编辑)",
    empty: "这里还没有消息。试试 /ftcost 7b fp16 n=10000 bs=32",
    enter: "发送",
    new_line: "换行",
    examples: "示例",
    home: "主页",
    home_empty: "应用还没有发布主页。",
    invalid_number: "请输入数字。",
    invalid_whole: "请输入整数。",
    jump: "新消息",
    language: "语言",
    last_reply: "最后回复：{when}",
    light: "浅色",
    loading: "搜索中…",
    messages: "消息",
    locked: "演示环境已重新启动，请打开它新打印的网址。",
    menu: "频道与设置",
    more: "更多操作",
    no_app: "FT Cost 不在此频道中。命令仍可使用；要在消息列中调整，请输入 /invite @FT Cost",
    none: "没有结果",
    lookup_failed: "查找失败，输入文字再试一次",
    offline: "连接中断，正在重连…",
    only_you: "仅你可见",
    optional: "(可选)",
    people: "切换身份",
    required: "请填写此项。",
    replied: "回复了消息列",
    replies_one: "{n} 条回复",
    replies: "{n} 条回复",
    reply: "在消息列中回复",
    reply_hint: "回复，例如 bs=16 · 换成 h100 · undo",
    search: "输入以搜索",
    send: "发送",
    send_failed: "未发送：游乐场没有响应。",
    shortcut_ftcost_new: "估算一次微调",
    shortcuts: "快捷方式",
    skip: "跳到输入框",
    suggestions: "建议",
    system: "跟随系统",
    table: "表格，可左右滚动",
    theme: "主题",
    thread: "消息列",
    too_big: "请输入不大于 {max} 的数。",
    too_small: "请输入不小于 {min} 的数。",
    today: "今天",
    "topic_ml-training": "微调、GPU 和费用",
    topic_general: "其他话题",
    topic_random: "这里还没有邀请应用",
    unread: "未读",
    welcome: "放得下吗？要多久？多少钱？",
    welcome_lead: "一行话提问，我用显存、时间和费用作答，并列出所有假设。",
    welcome_try: "点一个示例，会填入下方输入框：",
    welcome_thread: "然后在卡片的消息列里只回复要改的参数：",
    welcome_more: "⚡ 按钮会打开同样内容的表单。在侧栏可以切换身份和语言。",
    yesterday: "昨天",
  },
};

export const EXAMPLES = {
  en: [
    "7b fp16 n=10000 bs=32",
    "llama-3.1-8b qlora r=16 n=50k on 4090",
    "qwen2.5-14b lora seq=4k 3 epochs 8 h100s",
  ],
  zh: [
    "7b fp16 n=10000 bs=32",
    "qwen2.5-7b qlora 1万条 单卡4090",
    "全参微调 llama-3.1-8b 长度4k 三轮 8张h100",
  ],
};

export const REPLIES = { en: ["bs=16", "lora r=16", "undo"], zh: ["bs=16", "换成 h100", "undo"] };

let language = "en";

/** `zh` or `en`, after a locale such as `zh-CN`. */
export const languageOf = (locale) => (locale?.startsWith("zh") ? "zh" : "en");

export function setLanguage(wanted) {
  language = wanted;
  document.documentElement.lang = wanted === "zh" ? "zh-CN" : "en";
}

export const currentLanguage = () => language;

/** One text of the page, its `{names}` filled in. */
export function t(key, names = {}) {
  return (WORDS[language][key] ?? WORDS.en[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => names[name] ?? "");
}

/** What a channel is for, in the visitor's language where the page knows it. */
export const topicOf = ({ name, topic }) => (`topic_${name}` in WORDS.en ? t(`topic_${name}`) : topic);

/** `1 reply`, `3 replies`. */
export const replies = (n) => t(n === 1 ? "replies_one" : "replies", { n });

const locale = () => (language === "zh" ? "zh-CN" : "en-US");
const TIME = { hour: "numeric", minute: "2-digit" };
export const dateOf = (ts) => new Date(Number(ts) * 1000);
export const clockTime = (ts) => dateOf(ts).toLocaleTimeString(locale(), TIME);

/** `today at 9:41 AM`, within a sentence. */
export function moment(ts) {
  const day = dayName(ts);
  const isNear = day === t("today") || day === t("yesterday");
  return language === "zh"
    ? `${day} ${clockTime(ts)}`
    : `${isNear ? day.toLowerCase() : day} at ${clockTime(ts)}`;
}

/** `Today`, `Yesterday`, or the date. */
export function dayName(ts) {
  const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  const days = Math.round((midnight(new Date()) - midnight(dateOf(ts))) / 86_400_000);
  if (days === 0) return t("today");
  if (days === 1) return t("yesterday");
  return dateOf(ts).toLocaleDateString(locale(), { weekday: "long", day: "numeric", month: "long" });
}

const DATE_STYLES = {
  date_num: { year: "numeric", month: "2-digit", day: "2-digit" },
  date_slash: { year: "numeric", month: "2-digit", day: "2-digit" },
  date: { year: "numeric", month: "long", day: "numeric" },
  date_short: { year: "numeric", month: "short", day: "numeric" },
  date_long: { weekday: "long", year: "numeric", month: "long", day: "numeric" },
  time: TIME,
  time_secs: { ...TIME, second: "2-digit" },
};

/** Slack's `<!date^…>` pattern with its tokens written in the reader's language and zone. */
export function formatDate(seconds, pattern) {
  const date = new Date(seconds * 1000);
  return pattern.replace(/\{(\w+)\}/g, (whole, token) => {
    const style = DATE_STYLES[token.replace("_pretty", "")];
    return style ? date.toLocaleString(locale(), style) : whole;
  });
}
