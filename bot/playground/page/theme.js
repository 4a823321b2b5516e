// Light, dark, or as the system says; kept in this browser.

export const THEMES = [
  ["light", "sun"],
  ["dark", "moon"],
  ["system", "auto"],
];
const KEY = "ftcost-theme";

export const currentTheme = () => document.documentElement.dataset.theme ?? "system";

/** Wear a theme from now on. */
export function setTheme(name) {
  if (name === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
  localStorage.setItem(KEY, name);
}

setTheme(localStorage.getItem(KEY) ?? "system");
