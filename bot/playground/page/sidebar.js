// The left column: who the visitor is, channels, the app; language and theme.

import { h, icon } from "./dom.js";
import { currentLanguage, t } from "./i18n.js";
import { menuButton } from "./menu.js";
import { go } from "./navigate.js";
import { avatar } from "./people.js";
import { isAppChannel, nameOf, state } from "./store.js";
import { currentTheme, setTheme, THEMES } from "./theme.js";

/** The sidebar; `actions.become(user)` and `actions.speak(locale)` change who is looking. */
export function makeSidebar(root, actions) {
  const show = () => {
    const key = document.activeElement?.dataset?.key;
    const ours = state.channels.filter((channel) => channel.kind !== "im");
    const direct = state.channels.filter((channel) => channel.kind === "im" && !isAppChannel(channel));
    root.setAttribute("aria-label", t("menu"));
    root.replaceChildren(
      workspace(actions),
      h(
        "div",
        { class: "places" },
        group(t("channels"), ours),
        group(t("direct"), direct),
        group(t("apps"), state.channels.filter(isAppChannel)),
      ),
      settings(actions, show),
    );
    if (key) root.querySelector(`[data-key="${key}"]`)?.focus();
  };
  return { show };
}

function workspace(actions) {
  const people = [...state.people.values()].filter((person) => !person.is_bot);
  const words = h(
    "span",
    { class: "who" },
    h("strong", {}, "FT Cost playground"),
    h("span", {}, t("as", { name: nameOf(state.me) })),
  );
  return menuButton(
    { class: "workspace", title: t("people"), dataset: { key: "people" } },
    [avatar(state.me), words, icon("chevron")],
    () => ({
      label: t("people"),
      options: [
        ...people.map((person) => ({
          label: person.real_name,
          detail: person.locale === "zh-CN" ? "中文" : "English",
          value: { become: person.id },
          chosen: person.id === state.me,
          mark: avatar(person.id, "small"),
        })),
        ...people
          .filter(({ id }) => id !== state.me)
          .map((person) => ({
            label: t("beside", { name: person.real_name }),
            value: { beside: person.id },
            mark: icon("link"),
          })),
      ],
      onChoose: ({ value }) => (value.beside ? actions.beside(value.beside) : actions.become(value.become)),
    }),
  );
}

function group(title, channels) {
  if (!channels.length) return null;
  return h(
    "section",
    { class: "group" },
    h("h2", {}, title),
    h(
      "ul",
      {},
      channels.map((channel) => h("li", {}, channelLink(channel))),
    ),
  );
}

function channelLink(channel) {
  const sign =
    channel.kind === "im"
      ? avatar(isAppChannel(channel) ? state.app : personIn(channel), "tiny")
      : icon(channel.kind === "private" ? "lock" : "hash");
  const unread = state.unread.has(channel.id);
  const label = unread ? `${channel.name}, ${t("unread")}` : null;
  return h(
    "button",
    {
      type: "button",
      class: unread ? "place unread" : "place",
      "aria-label": label,
      dataset: { key: channel.id },
      "aria-current": channel.id === state.channel ? "page" : null,
      onclick: () => go({ channel: channel.id, thread: null }),
    },
    sign,
    h("span", {}, channel.name),
    unread && h("span", { class: "dot" }),
  );
}

const personIn = (channel) =>
  [...state.people.values()].find((person) => person.real_name === channel.name)?.id ?? "";

function settings(actions, show) {
  const choice = (key, label, pressed, onclick, content) =>
    h(
      "button",
      {
        type: "button",
        "aria-pressed": String(pressed),
        "aria-label": label,
        title: label,
        dataset: { key },
        onclick,
      },
      content,
    );
  const languages = [
    ["en", "EN, English", "EN", "en-US"],
    ["zh", "中文", "中文", "zh-CN"],
  ].map(([code, label, shown, locale]) =>
    choice(`lang-${code}`, label, currentLanguage() === code, () => actions.speak(locale), shown),
  );
  const themes = THEMES.map(([name, sign]) =>
    choice(
      `theme-${name}`,
      t(name),
      currentTheme() === name,
      () => {
        setTheme(name);
        show();
      },
      icon(sign),
    ),
  );
  return h(
    "div",
    { class: "settings" },
    h("div", { class: "segments", role: "group", "aria-label": t("language") }, languages),
    h("div", { class: "segments", role: "group", "aria-label": t("theme") }, themes),
  );
}
