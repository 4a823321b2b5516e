// The first message: what the app is for, and commands to try. Drawn by the page, in the visitor's language.

import { h } from "./dom.js";
import { currentLanguage, EXAMPLES, REPLIES, t } from "./i18n.js";
import { emit } from "./store.js";

/** The welcome; its examples fill the composer. */
export function drawWelcome() {
  const fill = (line) =>
    h(
      "button",
      { type: "button", class: "example", onclick: () => emit("fill", { text: `/ftcost ${line}` }) },
      h("span", { class: "slash" }, "/ftcost"),
      " ",
      line,
    );
  const changes = REPLIES[currentLanguage()].flatMap((change, at) => [
    at ? " · " : "",
    h("code", {}, change),
  ]);
  return h(
    "div",
    { class: "welcome-card" },
    h("h2", { class: "block-header" }, t("welcome")),
    h("p", { class: "text" }, t("welcome_lead")),
    h("p", { class: "text" }, t("welcome_try")),
    h("div", { class: "examples" }, EXAMPLES[currentLanguage()].map(fill)),
    h("p", { class: "text" }, t("welcome_thread"), " ", changes),
    h("p", { class: "context" }, h("span", {}, t("welcome_more")), h("span", {}, t("about"))),
  );
}
