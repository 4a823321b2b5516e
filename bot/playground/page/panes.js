// The two columns of messages: a channel (or the app's home tab), and a thread beside it.

import { act } from "./api.js";
import { drawBlocks } from "./blocks.js";
import { makeComposer } from "./composer.js";
import { h, icon, reconcile } from "./dom.js";
import { inView } from "./holding.js";
import { currentLanguage, dayName, replies, t, topicOf } from "./i18n.js";
import { continues, drawMessage } from "./message.js";
import { go } from "./navigate.js";
import { channelById, channelMessages, isAppChannel, placeName, state, threadReplies } from "./store.js";

const NEAR_BOTTOM = 120;

/** A column that scrolls, stays at its end while the visitor is there, and says when something new is below. */
function makeScroller(className) {
  const list = h("div", { class: "list" });
  const jump = h("button", { type: "button", class: "jump", hidden: true });
  const scroller = h("div", { class: `scroller ${className}` }, list);
  const atEnd = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_BOTTOM;
  const toEnd = () => (scroller.scrollTop = scroller.scrollHeight);
  let follows = true;
  let isShowing = false;
  scroller.addEventListener("scroll", () => {
    follows = atEnd() && !isShowing;
    if (atEnd()) jump.hidden = true;
  });
  for (const gesture of ["wheel", "touchmove", "keydown", "pointerdown"])
    scroller.addEventListener(gesture, () => (isShowing = false), { passive: true });
  jump.addEventListener("click", toEnd);
  list.addEventListener("keydown", (event) => walk(event, list));
  /** A new message taller than the window is shown from its beginning until the visitor moves: the answer stands there. */
  const toNewest = () => {
    const newest = list.lastElementChild;
    if (!newest || newest.offsetHeight <= scroller.clientHeight) return toEnd();
    follows = false;
    isShowing = true;
    return (scroller.scrollTop = newest.offsetTop - list.offsetTop);
  };
  for (const watched of [list, scroller]) new ResizeObserver(() => follows && toNewest()).observe(watched);
  const show = (items, draw, { moved = false, grew = false, mine = false } = {}) => {
    if (moved || mine) isShowing = false;
    follows = moved || mine || (!isShowing && follows && atEnd());
    if (follows) jump.hidden = true;
    jump.replaceChildren(icon("down"), t("jump"));
    reconcile(list, items, draw);
    if (grew && follows) toNewest();
    else if (follows) toEnd();
    else if (grew) jump.hidden = false;
  };
  /** Who sends something waits for its answer at the end, though no line of theirs comes first. */
  const awaitAnswer = () => {
    isShowing = false;
    follows = true;
    jump.hidden = true;
    toEnd();
  };
  return { node: h("div", { class: "scroll-frame" }, scroller, jump), list, show, awaitAnswer };
}

/** Arrow keys go from message to message; Enter opens the thread of the one in focus. */
function walk(event, list) {
  const here = event.target.closest(".message");
  if (event.target !== here) return;
  const all = [...list.querySelectorAll(".message")];
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) all[all.indexOf(here) + step]?.focus();
  else if (event.key === "Enter") here.querySelector(".thread-bar, .tools button")?.click();
  else return;
  event.preventDefault();
}

/** Items of a channel's list: days, and messages under them. */
function channelItems(id) {
  const items = [];
  let before = null;
  for (const message of channelMessages(id)) {
    const day = dayName(message.ts);
    if (!before || dayName(before.ts) !== day) {
      items.push({ key: `day ${day}`, signature: day, day });
      before = null;
    }
    items.push(messageItem(id, message, continues(message, before), false));
    before = message;
  }
  if (!items.length)
    items.push({ key: "empty", signature: t("empty"), divider: h("p", { class: "nothing" }, t("empty")) });
  return items;
}

const seen = new WeakMap();
let versions = 0;

/** An item whose signature changes when its message was replaced or the language switched. */
function messageItem(channel, message, compact, inThread) {
  if (!seen.has(message)) seen.set(message, ++versions);
  const signature = `${seen.get(message)} ${compact} ${currentLanguage()} ${state.me}`;
  return { key: message.ts, signature, channel, message, compact, inThread };
}

/** The placeholder of the composer: the place it writes to, where there is room, and how to begin. */
function composerHint() {
  const where = t("composer", { place: placeName(channelById(state.channel)) });
  return matchMedia("(max-width: 860px)").matches ? t("composer_hint") : `${where}  —  ${t("composer_hint")}`;
}

const drawItem = (item) =>
  item.day ? h("div", { class: "day" }, h("span", {}, item.day)) : (item.divider ?? drawMessage(item));

/** The column of the channel. */
export function makeMain(root, openMenu) {
  const scroller = makeScroller("messages");
  const composer = makeComposer({
    id: "composer",
    withCommands: true,
    hint: composerHint,
    place: () => `${state.me} ${state.channel}`,
    send: (text) => {
      scroller.awaitAnswer();
      return act("send", { channel: state.channel, text });
    },
  });
  const head = h("header", { class: "pane-head" });
  const notice = h("p", { class: "no-app" });
  const home = h("div", { class: "home-tab", tabindex: "-1" });
  root.append(head, home, scroller.node, notice, composer.node);
  composer.box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowUp" && !composer.box.value)
      [...scroller.list.querySelectorAll(".message")].at(-1)?.focus();
  });
  const show = (options) => {
    const channel = channelById(state.channel);
    const atHome = state.tab === "home" && isAppChannel(channel);
    drawHead(head, channel, atHome, openMenu);
    home.hidden = !atHome;
    scroller.node.hidden = composer.node.hidden = atHome;
    notice.hidden = channel.has_app || atHome;
    notice.textContent = t("no_app");
    if (atHome) drawHome(home);
    scroller.show(channelItems(channel.id), drawItem, options);
    composer.refresh();
  };
  return { show, composer };
}

function drawHead(head, channel, atHome, openMenu) {
  const signature = `${channel.id} ${atHome} ${currentLanguage()}`;
  if (head.dataset.signature === signature) return;
  head.dataset.signature = signature;
  const sign = { public: "hash", private: "lock", im: null }[channel.kind];
  const menu = h(
    "button",
    { type: "button", class: "square-button only-narrow", "aria-label": t("menu"), onclick: openMenu },
    icon("menu"),
  );
  const tab = (name) =>
    h(
      "button",
      {
        type: "button",
        role: "tab",
        "aria-selected": String((name === "home") === atHome),
        onclick: () => go({ tab: name }),
      },
      t(name),
    );
  const title = h("h1", {}, sign && icon(sign), channel.name);
  const tabs =
    isAppChannel(channel) && h("div", { class: "tabs", role: "tablist" }, tab("home"), tab("messages"));
  head.replaceChildren(menu, title, tabs || h("p", { class: "topic" }, topicOf(channel)));
}

function drawHome(root) {
  const view = state.home;
  const signature = `${view?.hash} ${currentLanguage()}`;
  if (root.dataset.signature === signature) return;
  root.dataset.signature = signature;
  if (!view) {
    root.replaceChildren(h("p", { class: "home-empty" }, t("home_empty")));
    return;
  }
  const place = inView("home", view, structuredClone(view.state.values));
  root.replaceChildren(h("div", { class: "home-inside" }, drawBlocks(view.blocks, place)));
}

/** The column of a thread. */
export function makeThread(root) {
  const scroller = makeScroller("thread-messages");
  const close = () => go({ thread: null });
  const composer = makeComposer({
    id: "thread-composer",
    withCommands: false,
    hint: () => t("reply_hint"),
    place: () => `${state.me} ${state.channel} ${state.thread}`,
    send: (text) => {
      scroller.awaitAnswer();
      return act("send", { channel: state.channel, text, thread_ts: state.thread });
    },
  });
  const head = h("header", { class: "pane-head" });
  root.append(head, scroller.node, composer.node);
  root.addEventListener("keydown", (event) => event.key === "Escape" && !event.defaultPrevented && close());
  const show = (options) => {
    const rootMessage = state.thread && state.messages.get(state.channel)?.get(state.thread);
    root.hidden = !rootMessage;
    if (!rootMessage) return;
    const back = h(
      "button",
      { type: "button", class: "square-button", "aria-label": t("close"), onclick: close },
      icon("close"),
    );
    head.replaceChildren(
      h("h2", {}, t("thread")),
      h("p", { class: "topic" }, placeName(channelById(state.channel))),
      back,
    );
    const answers = threadReplies(state.channel, state.thread);
    const items = [messageItem(state.channel, rootMessage, false, true)];
    const said = rootMessage.reply_count ? replies(rootMessage.reply_count) : "";
    if (said)
      items.push({
        key: "divider",
        signature: said,
        divider: h("div", { class: "divider" }, h("span", {}, said)),
      });
    answers.forEach((message, at) =>
      items.push(messageItem(state.channel, message, continues(message, answers[at - 1]), true)),
    );
    scroller.show(items, drawItem, options);
    composer.refresh();
  };
  return { show, composer };
}
