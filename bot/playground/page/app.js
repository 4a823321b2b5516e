// The page: brings its parts together and tells each what changed.

import { act, follow } from "./api.js";
import { dismissTop, toast } from "./dialog.js";
import { languageOf, setLanguage, t } from "./i18n.js";
import { showErrors, showModal } from "./modal.js";
import { comeBack, go, hasUncovered, placeOf, remember } from "./navigate.js";
import { makeMain, makeThread } from "./panes.js";
import { makeSidebar } from "./sidebar.js";
import { channelById, isAppChannel, nameOf, onChange, state } from "./store.js";

const byId = (id) => document.getElementById(id);
const shell = byId("shell");
const start = placeOf(new URL(location.href));

const sidebar = makeSidebar(byId("sidebar"), {
  become: (user) => connect(user),
  beside: (user) => {
    const place = new URLSearchParams({ as: user, in: state.channel });
    if (state.thread) place.set("thread", state.thread);
    window.open(`/?${place}`, `playground-${user}`);
  },
  speak: (locale) => act("locale", { locale }),
});
const main = makeMain(byId("main"), () => showDrawer(true));
const thread = makeThread(byId("thread"));

function showDrawer(isOpen) {
  shell.classList.toggle("drawer", isOpen);
  if (isOpen) byId("sidebar").querySelector("button").focus();
}

function showAll(options) {
  setLanguage(languageOf(state.people.get(state.me)?.locale));
  byId("skip").textContent = t("skip");
  sidebar.show();
  main.show(options);
  thread.show(options);
  showModal();
  document.title = `${channelById(state.channel)?.name ?? ""} · FT Cost playground`;
}

/** Read a message aloud where the visitor is listening: its fallback text, as Slack's clients do. */
function announce(message) {
  if (message.user === state.me && !message.is_ephemeral) return;
  const line = document.createElement("p");
  line.textContent = `${nameOf(message.user)}: ${message.text}`;
  byId("live").append(line);
  while (byId("live").children.length > 20) byId("live").firstChild.remove();
}

function onMessage({ channel, message, isNew }) {
  const here = channel === state.channel;
  if (isNew && !here && message.user !== state.me) state.unread.add(channel);
  if (isNew && here) announce(message);
  const mine = message.user === state.me;
  const added = (rootTs) => ({
    grew: isNew && message.thread_ts === rootTs,
    mine: isNew && mine && message.thread_ts === rootTs,
  });
  if (here) {
    main.show(added(undefined));
    thread.show(added(state.thread ?? ""));
  }
  sidebar.show();
}

function openHomeTab() {
  if (state.tab === "home" && isAppChannel(channelById(state.channel))) act("home");
}

const reactions = {
  message: onMessage,
  ephemeral: (data) => onMessage({ ...data, isNew: true }),
  gone: () => showAll(),
  view: () => showAll(),
  home: () => main.show(),
  errors: showErrors,
  person: () => showAll(),
  channel: () => showAll(),
  notice: ({ text }) => toast(text),
  fill: ({ text }) => main.composer.fill(text),
  navigate: ({ moved }) => {
    showDrawer(false);
    showAll({ moved });
    openHomeTab();
    focusPlace();
  },
};
onChange((kind, data) => reactions[kind]?.(data));

/** Put the cursor where the visitor will write next; not on touch, where it would open the keyboard. */
function focusPlace() {
  if (matchMedia("(pointer: coarse)").matches) return;
  if (state.thread && !byId("thread").hidden) thread.composer.box.focus();
  else if (state.tab === "messages") main.composer.box.focus();
}

let banner = 0;

function showStatus(isUp, reason = "offline") {
  clearTimeout(banner);
  if (isUp) byId("banner").hidden = true;
  else
    banner = setTimeout(
      () => Object.assign(byId("banner"), { hidden: false, textContent: t(reason) }),
      600,
    );
}

let isFirst = true;

/** A page that was loaded anew has no window open over it, and a first visitor is somebody of their language. */
function arrive() {
  isFirst = false;
  if (state.view) act("close", { view_id: state.view.id, everything: true });
  state.view = null;
  const theirs = languageOf(navigator.language);
  const person = [...state.people.values()].find(
    ({ id, is_bot: isBot, locale }) => !isBot && id !== state.app && languageOf(locale) === theirs,
  );
  const mine = languageOf(state.people.get(state.me)?.locale);
  if (!start.as && person && mine !== theirs) setTimeout(() => connect(person.id, start));
}

/** Look at the workspace as `user`. */
function connect(user, place = {}) {
  return follow(
    user,
    () => {
      if (isFirst) arrive();
      const wanted = channelById(place.channel ?? state.channel) ?? state.channels[0];
      const stays = wanted.id === state.channel;
      Object.assign(state, {
        channel: wanted.id,
        thread: place.thread ?? (stays ? state.thread : null),
        tab: place.tab ?? "messages",
      });
      showAll({ moved: true });
      remember();
      openHomeTab();
      focusPlace();
      if (place.ts) showLinked(place);
    },
    showStatus,
  );
}

/** Bring a linked message into view. */
function showLinked({ ts, thread: rootTs }) {
  const node = byId(rootTs ? "thread" : "main").querySelector(`[data-ts="${ts}"]`);
  node?.scrollIntoView({ block: "center" });
  node?.classList.add("linked");
}

addEventListener("popstate", () => {
  if (hasUncovered() || dismissTop()) return;
  const place = placeOf(new URL(location.href));
  if (place.as && place.as !== state.me) connect(place.as, place);
  else if (channelById(place.channel)) comeBack(place);
});
byId("scrim").addEventListener("click", () => showDrawer(false));
byId("sidebar").addEventListener("keydown", (event) => event.key === "Escape" && showDrawer(false));
byId("skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.composer.box.focus();
});
document.addEventListener("click", (event) => {
  const anchor = event.target.closest("a[href]");
  const address = anchor && new URL(anchor.href, location.href);
  if (address?.origin !== location.origin || !address.pathname.startsWith("/archives/")) return;
  event.preventDefault();
  const place = placeOf(address);
  if (!channelById(place.channel)) return;
  const thread = place.thread ?? (state.thread === place.ts ? state.thread : null);
  go({ channel: place.channel, thread, tab: "messages" });
  showLinked({ ts: place.ts, thread });
});

connect(start.as ?? "", start);
