// The markdown block: standard Markdown as far as Slack draws it. Inert like everything else.

import { h } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { link } from "./text.js";

const INLINE = /`([^`\n]+)`|\*\*([^*\n]+)\*\*|\[([^\]\n]+)\]\(([^)\s]+)\)|~~([^~\n]+)~~|[*_]([^*_\n]+)[*_]/g;

function inline(text) {
  const nodes = [];
  let from = 0;
  for (const found of text.matchAll(INLINE)) {
    const [whole, code, bold, words, address, strike, italic] = found;
    nodes.push(withEmoji(text.slice(from, found.index)));
    if (code) nodes.push(h("code", {}, code));
    else if (bold) nodes.push(h("strong", {}, inline(bold)));
    else if (address) nodes.push(link(address, inline(words)));
    else if (strike) nodes.push(h("del", {}, inline(strike)));
    else nodes.push(h("em", {}, inline(italic)));
    from = found.index + whole.length;
  }
  nodes.push(withEmoji(text.slice(from)));
  return nodes;
}

/** Nodes of a Markdown text. */
export function markdown(text) {
  const nodes = [];
  const left = text.split("\n");
  while (left.length) {
    const kind = KINDS.find(([pattern]) => pattern.test(left[0]));
    nodes.push(kind[1](left));
  }
  return nodes.filter(Boolean);
}

/** Take lines off the front while they match. */
function take(left, pattern) {
  const taken = [];
  while (left.length && pattern.test(left[0])) taken.push(left.shift());
  return taken;
}

function fenced(left) {
  left.shift();
  const code = [];
  while (left.length && !left[0].startsWith("```")) code.push(left.shift());
  left.shift();
  return h("pre", {}, code.join("\n"));
}

function heading(left) {
  const [, marks, words] = /^(#{1,6})\s+(.*)$/.exec(left.shift());
  return h(`h${Math.min(marks.length + 1, 6)}`, {}, inline(words));
}

function list(tag, pattern) {
  return (left) =>
    h(
      tag,
      {},
      take(left, pattern).map((line) => h("li", {}, inline(line.replace(pattern, "")))),
    );
}

function grid(left) {
  const cells = (line) =>
    line
      .trim()
      .replace(/^\||\|$/g, "")
      .split("|")
      .map((cell) => cell.trim());
  const lines = take(left, /^\s*\|.*\|\s*$/);
  const aligns = cells(lines[1] ?? "").map((rule) => (/^-+:$/.test(rule) ? " right" : ""));
  const row = (tag) => (line) =>
    h(
      "tr",
      {},
      cells(line).map((cell, at) => h(tag, { class: `cell${aligns[at] ?? ""}` }, inline(cell))),
    );
  return h(
    "div",
    { class: "table-box" },
    h("table", {}, h("thead", {}, row("th")(lines[0])), h("tbody", {}, lines.slice(2).map(row("td")))),
  );
}

const paragraph = (left) => {
  const taken = [];
  do taken.push(left.shift());
  while (left.length && KINDS.find(([pattern]) => pattern.test(left[0]))[1] === paragraph);
  return h(
    "p",
    {},
    taken.flatMap((line, at) => [at ? h("br") : null, ...inline(line)]),
  );
};

const KINDS = [
  [/^\s*$/, (left) => void left.shift()],
  [/^```/, fenced],
  [/^#{1,6}\s/, heading],
  [/^\s*[-*+]\s+/, list("ul", /^\s*[-*+]\s+/)],
  [/^\s*\d+[.)]\s+/, list("ol", /^\s*\d+[.)]\s+/)],
  [
    /^>\s?/,
    (left) =>
      h(
        "blockquote",
        {},
        inline(
          take(left, /^>\s?/)
            .map((line) => line.replace(/^>\s?/, ""))
            .join(" "),
        ),
      ),
  ],
  [/^\s*\|.*\|\s*$/, grid],
  [/^\s*(---+|\*\*\*+)\s*$/, (left) => (left.shift(), h("hr"))],
  [/^/, paragraph],
];
