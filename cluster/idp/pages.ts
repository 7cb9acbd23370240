// The demo provider's three pages: choose who you are, signing out, and what went wrong. No script but one line, no image.
import type { DemoAccount } from "./accounts";

const escapes: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (found) => escapes[found] ?? found);

const STYLE = `
:root{color-scheme:light dark;--bg:light-dark(#f8fafb,#14181c);--panel:light-dark(#fff,#1b2025);--line:light-dark(#dfe5e9,#333b42);
--ink:light-dark(#1c252c,#edf1f3);--soft:light-dark(#55636e,#a9b5bd);--accent:light-dark(#176a78,#63c1d2)}
*{box-sizing:border-box}body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--bg);color:var(--ink);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif;padding:20px}
main{width:100%;max-width:420px;background:var(--panel);border:1px solid var(--line);border-radius:12px;padding:26px}
h1{font-size:20px;line-height:1.3;margin:0 0 6px}p{margin:0 0 18px;color:var(--soft)}form{display:grid;gap:9px}
button{display:grid;grid-template-columns:38px 1fr;gap:2px 12px;align-items:center;text-align:left;width:100%;font:inherit;color:inherit;
background:none;border:1px solid var(--line);border-radius:9px;padding:10px 12px;cursor:pointer}
button:hover{border-color:var(--accent)}:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
button i{grid-row:span 2;width:38px;height:38px;border-radius:50%;display:grid;place-items:center;font-style:normal;font-weight:600;
color:var(--accent);border:1px solid var(--line)}button small{color:var(--soft)}button b{font-weight:570}a{color:var(--accent)}
code{font-size:13px;overflow-wrap:anywhere}`;

function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeHtml(title)}</title><style>${STYLE}</style></head><body><main><h1>${escapeHtml(title)}</h1>${body}</main></body></html>`;
}

function choice({ sub, name, note }: DemoAccount): string {
  const shown = escapeHtml(name ?? sub);
  const initial = escapeHtml((name ?? sub).slice(0, 1).toUpperCase());
  const words = escapeHtml([sub, note].filter(Boolean).join(" · "));
  return `<button name="account" value="${escapeHtml(sub)}"><i aria-hidden="true">${initial}</i><b>${shown}</b><small>${words}</small></button>`;
}

export function pickerPage(accounts: DemoAccount[], action: string): string {
  const warning = "This is a demo provider with no passwords: whoever opens this page may be anyone.";
  return page(
    "Who are you today?",
    `<p>${warning}</p><form method="post" action="${escapeHtml(action)}">${accounts.map(choice).join("")}</form>`,
  );
}

/** `form` is the provider's own, with its id; it is sent at once, and by a button where scripts are off. */
export function signOutPage(form: string): string {
  const field = '<input type="hidden" name="logout" value="yes">';
  return page(
    "Signing you out",
    `<p>You are also signed out of the demo provider.</p>
${form.replace("</form>", `${field}<noscript><button><b>Sign out</b></button></noscript></form>`)}<script>document.forms[0].submit()</script>`,
  );
}

export function problemPage(words: string, portal: string): string {
  return page(
    "This sign-in did not work",
    `<p><code>${escapeHtml(words)}</code></p><p><a href="${escapeHtml(portal)}">Back to the portal</a></p>`,
  );
}
