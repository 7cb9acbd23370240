// The theme a person chose, in a cookie, so that the server's first byte already has it: no flash, no inline script.
// "system" is the absence of the cookie; CSS then follows the system by itself.

export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

export const themeCookie = "berth-theme";
const yearSeconds = 365 * 24 * 3600;

/** What a cookie's text means; anything unknown follows the system. */
export const themeOf = (text: string | undefined): Theme => (text === "light" || text === "dark" ? text : "system");

/** In the browser: applies the theme now and remembers it for the next page. */
export function setTheme(theme: Theme): void {
  const root = document.documentElement;
  if (theme === "system") root.removeAttribute("data-theme");
  else root.setAttribute("data-theme", theme);
  const maxAge = theme === "system" ? 0 : yearSeconds;
  // biome-ignore lint/suspicious/noDocumentCookie: Cookie Store is not in every supported browser, and this one holds no secret.
  document.cookie = `${themeCookie}=${theme}; path=/; max-age=${maxAge}; samesite=lax`;
  window.dispatchEvent(new Event(themeCookie));
}
