// Dialogs: the browser keeps the focus inside and closes them on Escape.

import { h, icon } from "./dom.js";
import { t } from "./i18n.js";
import { cover, uncover } from "./navigate.js";
import { textOf } from "./text.js";

const open = [];

/** Dismiss what lies on top, as the browser's back does; whether anything did. */
export function dismissTop() {
  const top = open.at(-1);
  top?.onDismiss();
  return Boolean(top);
}

/** Close a dialog; the place is uncovered, unless another one opens at once. */
export function closeDialog(dialog) {
  const at = open.findIndex((each) => each.dialog === dialog);
  if (at >= 0) open.splice(at, 1);
  dialog.close();
  dialog.remove();
  queueMicrotask(() => open.length || uncover());
}

/** An open dialog; `onDismiss` runs on Escape, on the browser's back and on its close button. */
export function openDialog({ title, kind = "modal", body, footer, onDismiss, onSubmit }) {
  const heading = h("h2", { id: `${kind}-title` }, title);
  const close = h(
    "button",
    { type: "button", class: "square-button", "aria-label": t("close"), onclick: () => onDismiss() },
    icon("close"),
  );
  const form = h(
    "form",
    { novalidate: true },
    h("header", {}, heading, close),
    h("div", { class: "modal-body" }, body),
    footer,
  );
  const dialog = h("dialog", { class: kind, "aria-labelledby": `${kind}-title` }, form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    onSubmit?.();
  });
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    onDismiss();
  });
  document.body.append(dialog);
  dialog.showModal();
  open.push({ dialog, onDismiss });
  cover();
  return dialog;
}

/** A yes-or-no question in a confirm object of Slack's; resolves to the answer. */
export function ask(confirm) {
  return new Promise((resolve) => {
    const done = (answer) => {
      closeDialog(dialog);
      resolve(answer);
    };
    const footer = h(
      "footer",
      {},
      h("button", { type: "button", class: "button", onclick: () => done(false) }, textOf(confirm.deny)),
      h("button", { type: "submit", class: `button ${confirm.style ?? "primary"}` }, textOf(confirm.confirm)),
    );
    const dialog = openDialog({
      title: textOf(confirm.title),
      kind: "modal small",
      body: h("p", {}, textOf(confirm.text)),
      footer,
      onDismiss: () => done(false),
      onSubmit: () => done(true),
    });
  });
}

/** A line that shows for a while and is read aloud. */
export function toast(words) {
  const node = h("div", { class: "toast" }, words);
  document.getElementById("toasts").append(node);
  setTimeout(() => node.remove(), 6000);
}
