// mrkdwn, rich text and plain text as nodes. Slack escapes three characters; everything else is inert text.

import { h } from "./dom.js";
import { emoji, withEmoji } from "./emoji.js";
import { formatDate } from "./i18n.js";
import { channelById, nameOf, state } from "./store.js";

const unescaped = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

// Marks count only at the edge of a word, as in Slack: `a*b*c` and `字*粗*字` stay as they are.
const edge = (mark) =>
  `(?<![\\p{L}\\p{N}${mark}])${mark}(?=[^\\s${mark}])([^${mark}\\n]*[^\\s${mark}])${mark}(?![\\p{L}\\p{N}${mark}])`;
const INLINE = new RegExp(
  ["`([^`\\n]+)`", "<([^<>\\n]+)>", edge("\\*"), edge("_"), edge("~"), ":([a-z0-9_+-]+):"].join("|"),
  "gu",
);

/** The nodes of one run of mrkdwn without line structure. */
export function inline(text) {
  const nodes = [];
  let from = 0;
  for (const found of text.matchAll(INLINE)) {
    const [whole, code, angle, bold, italic, strike, name] = found;
    if (found.index > from) nodes.push(unescaped(text.slice(from, found.index)));
    if (code) nodes.push(h("code", {}, unescaped(code)));
    else if (angle) nodes.push(angled(angle));
    else if (bold) nodes.push(h("strong", {}, inline(bold)));
    else if (italic) nodes.push(h("em", {}, inline(italic)));
    else if (strike) nodes.push(h("del", {}, inline(strike)));
    else nodes.push(emoji(name));
    from = found.index + whole.length;
  }
  if (from < text.length) nodes.push(unescaped(text.slice(from)));
  return nodes;
}

/** What stands between `<` and `>`: a person, a channel, a date, a link. */
function angled(inside) {
  const [target, ...rest] = inside.split("|");
  const label = rest.join("|");
  if (target.startsWith("@")) return mention(target.slice(1));
  if (target.startsWith("#"))
    return h(
      "span",
      { class: "mention" },
      `#${channelById(target.slice(1))?.name ?? (label || target.slice(1))}`,
    );
  if (target.startsWith("!date^")) return dated(target, label);
  if (target.startsWith("!")) return h("span", { class: "mention loud" }, `@${label || target.slice(1)}`);
  return link(unescaped(target), unescaped(label) || unescaped(target));
}

export function mention(userId) {
  const mine = userId === state.me ? " mine" : "";
  return h("span", { class: `mention${mine}` }, `@${nameOf(userId)}`);
}

function dated(target, fallback) {
  const [, seconds, pattern, address] = target.split("^");
  const words = Number.isFinite(Number(seconds)) ? formatDate(Number(seconds), pattern) : fallback;
  const time = h(
    "time",
    { datetime: new Date(Number(seconds) * 1000 || 0).toISOString(), title: fallback },
    words,
  );
  return address ? link(address, time) : time;
}

/** A link, if its address is one a reader may follow; otherwise its words. */
export function link(address, words) {
  if (!/^(https?:|mailto:)/i.test(address)) return h("span", {}, words);
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, words);
}

/** mrkdwn with its lines, quotes and code blocks. */
export function mrkdwn(text) {
  return text.split(/```\n?/).flatMap((part, index) => {
    if (index % 2) return [h("pre", {}, unescaped(part.replace(/\n$/, "")))];
    return lines(part);
  });
}

function lines(text) {
  const nodes = [];
  let quote = null;
  const trimmed = text.replace(/^\n|\n$/g, "");
  if (!trimmed) return nodes;
  for (const line of trimmed.split("\n")) {
    const quoted = /^(?:&gt;|>)\s?(.*)$/.exec(line);
    const content = [...inline(quoted ? quoted[1] : line), h("br")];
    if (!quoted) quote = null;
    else if (!quote) nodes.push((quote = h("blockquote")));
    if (quote) quote.append(...content);
    else nodes.push(...content);
  }
  const last = quote ?? nodes;
  if (quote) last.lastChild?.remove();
  else nodes.pop();
  return nodes;
}

/** A text object of either kind. */
export function textOf(object) {
  if (!object) return [];
  if (object.type === "mrkdwn") return mrkdwn(object.text);
  return [object.emoji === false ? object.text : withEmoji(object.text)];
}

/** The words of a text object, for attributes. */
export const wordsOf = (object) => withEmoji(object?.text ?? "");

/** A `rich_text` block: what people type, and cells of tables. */
export function richText(block) {
  return block.elements.map(richPart);
}

const LIST = { bullet: "ul", ordered: "ol" };

function richPart(part) {
  const runs = (part.elements ?? []).map((run) =>
    run.type?.startsWith("rich_text") ? richPart(run) : richRun(run),
  );
  if (part.type === "rich_text_list")
    return h(
      LIST[part.style] ?? "ul",
      {},
      runs.map((run) => h("li", {}, run)),
    );
  if (part.type === "rich_text_preformatted") return h("pre", {}, runs);
  if (part.type === "rich_text_quote") return h("blockquote", {}, runs);
  return h("span", { class: "rich" }, runs);
}

function richRun(run) {
  if (run.type === "user") return mention(run.user_id);
  if (run.type === "channel")
    return h("span", { class: "mention" }, `#${channelById(run.channel_id)?.name ?? ""}`);
  if (run.type === "emoji") return emoji(run.name);
  if (run.type === "link") return link(run.url, run.text || run.url);
  const marks = Object.entries(run.style ?? {})
    .filter(([, on]) => on)
    .map(([name]) => name);
  const tags = { bold: "strong", italic: "em", strike: "del", code: "code" };
  return marks.reduce((node, mark) => (tags[mark] ? h(tags[mark], {}, node) : node), run.text ?? "");
}
