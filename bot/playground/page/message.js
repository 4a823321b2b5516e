// One message: who, when, what; the way into its thread; what only the visitor sees.

import { act } from "./api.js";
import { drawBlocks } from "./blocks.js";
import { toast } from "./dialog.js";
import { h, icon } from "./dom.js";
import { drawFiles } from "./files.js";
import { clockTime, dateOf, moment, replies, t } from "./i18n.js";
import { go } from "./navigate.js";
import { avatar } from "./people.js";
import { nameOf, state } from "./store.js";
import { mrkdwn } from "./text.js";
import { drawWelcome } from "./welcome.js";

const TOGETHER_SECONDS = 300;

/** Whether a message continues the one before it: same person, a moment later, nothing between. */
export function continues(message, before) {
  if (!before || before.is_ephemeral || message.is_ephemeral || before.subtype || message.subtype)
    return false;
  return before.user === message.user && !before.reply_count && message.ts - before.ts < TOGETHER_SECONDS;
}

/** A message as a node; `inThread` leaves out what leads to the thread. */
export function drawMessage({ channel, message, compact = false, inThread = false }) {
  const who = nameOf(message.user);
  const classes = ["message", compact && "compact", message.is_ephemeral && "ephemeral", message.subtype]
    .filter(Boolean)
    .join(" ");
  const node = h("article", {
    class: classes,
    tabindex: "-1",
    dataset: { ts: message.ts },
    "aria-label": `${who}, ${clockTime(message.ts)}`,
  });
  const time = h(
    "time",
    { class: "time", datetime: dateOf(message.ts).toISOString(), title: dateOf(message.ts).toLocaleString() },
    clockTime(message.ts),
  );
  const head =
    !compact &&
    h(
      "div",
      { class: "head" },
      h("span", { class: "name" }, who),
      message.bot_id || message.user === state.app ? h("span", { class: "badge" }, t("app")) : null,
      time,
    );
  node.append(
    h("div", { class: "gutter" }, compact ? time : avatar(message.user)),
    h(
      "div",
      { class: "content" },
      message.is_ephemeral && onlyYou(message),
      head,
      contents(channel, message),
      !inThread && message.reply_count > 0 && threadBar(channel, message),
    ),
  );
  if (!message.is_ephemeral && message.subtype !== "welcome") node.append(tools(channel, message, inThread));
  return node;
}

function contents(channel, message) {
  if (message.subtype === "tombstone") return h("p", { class: "deleted" }, t("deleted"));
  if (message.subtype === "welcome") return drawWelcome();
  if (message.subtype === "slash_command")
    return h("div", { class: "text typed" }, h("code", {}, plainText(message.text)));
  const place = {
    prefix: `m${message.ts}`,
    id: { message_ts: message.ts },
    use: (block, element, chosen) =>
      act("action", {
        message_ts: message.ts,
        block_id: block.block_id,
        action_id: element.action_id,
        chosen,
      }),
  };
  const isTyped = message.blocks?.length === 1 && message.blocks[0].block_id === "typed";
  const body =
    message.blocks?.length && !isTyped
      ? drawBlocks(message.blocks, place)
      : h("div", { class: "text" }, mrkdwn(message.text ?? ""));
  return h(
    "div",
    { class: "body" },
    body,
    drawFiles(message.files),
    message.edited && !message.bot_id && h("span", { class: "edited" }, t("edited")),
  );
}

const plainText = (text) =>
  text
    .replace(/<([^<>|]+)(\|[^<>]*)?>/g, "$1")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");

function onlyYou(message) {
  const dismiss = h(
    "button",
    { type: "button", class: "link", onclick: () => act("dismiss", { ts: message.ts }) },
    t("dismiss"),
  );
  return h(
    "p",
    { class: "only-you" },
    icon("eye"),
    t("only_you"),
    h("span", { "aria-hidden": "true" }, "·"),
    dismiss,
  );
}

function threadBar(channel, message) {
  const faces = message.reply_users.slice(0, 4).map((user) => avatar(user, "tiny"));
  const when = moment(message.latest_reply);
  const open = () => go({ channel, thread: message.ts });
  return h(
    "button",
    { type: "button", class: "thread-bar", onclick: open },
    h("span", { class: "faces" }, faces),
    h("span", { class: "count" }, replies(message.reply_count)),
    h("span", { class: "when" }, t("last_reply", { when })),
  );
}

function tools(channel, message, inThread) {
  const copy = async () => {
    const address = new URL(`/archives/${channel}/p${message.ts.replace(".", "")}`, location.href);
    await navigator.clipboard?.writeText(address.href).catch(() => null);
    toast(t("copied"));
  };
  const tool = (name, label, onclick) =>
    h("button", { type: "button", "aria-label": label, title: label, onclick }, icon(name));
  const reply =
    !inThread &&
    message.subtype !== "channel_join" &&
    tool("reply", t("reply"), () => go({ channel, thread: message.ts }));
  return h("div", { class: "tools" }, reply, tool("link", t("copy_link"), copy));
}
