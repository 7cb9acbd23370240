// The few pages the gateway shows on an app's own origin. Plain HTML without scripts, for wide and narrow, light and
// dark; each says what happens next and offers the way back to the portal.
import { createHash } from "node:crypto";
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";

export type Page = {
  status: number;
  title: string;
  text: string;
  /** The way back. */
  link: { href: string; label: string };
  /** The page asks again by itself after this many seconds. */
  againSeconds?: number;
};

const style = `:root{color-scheme:light dark;--bg:#f7f9fa;--panel:#fff;--line:#d9dfe3;--ink:#1b2830;--ink2:#51606a;--accent:#0b6e7a;--on:#fff}
@media(prefers-color-scheme:dark){:root{--bg:#11181c;--panel:#182126;--line:#2c383f;--ink:#eef2f4;--ink2:#a9b7bf;--accent:#5cc4d0;--on:#06262b}}
*{box-sizing:border-box}body{margin:0;min-height:100vh;display:grid;place-items:center;padding:16px;background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif}
main{width:100%;max-width:440px;background:var(--panel);border:1px solid var(--line);border-radius:10px;padding:28px}
h1{font-size:20px;line-height:1.25;margin:0 0 8px}p{margin:0 0 20px;color:var(--ink2);overflow-wrap:anywhere}
a{display:inline-block;background:var(--accent);color:var(--on);text-decoration:none;font-weight:550;border-radius:7px;padding:9px 16px}
a:focus-visible{outline:3px solid var(--ink);outline-offset:2px}`;

const styleHash = createHash("sha256").update(style).digest("base64");

const headers = {
  "Cache-Control": "no-store",
  "Content-Security-Policy": `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  "X-Frame-Options": "DENY",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
};

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? "");

function html({ title, text, link }: Page): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title><style>${style}</style></head>
<body><main><h1>${escaped(title)}</h1><p>${escaped(text)}</p><a href="${escaped(link.href)}">${escaped(link.label)}</a></main></body></html>
`;
}

/** Answers with a page, or with its sentence in plain text to what does not read HTML; the connection ends with it. */
export function sendPage(
  { request, response }: { request: IncomingMessage; response: ServerResponse },
  page: Page,
  more: Record<string, string> = {},
): void {
  const readsHtml = /text\/html/i.test(request.headers.accept ?? "");
  const body = readsHtml ? html(page) : `${page.title} ${page.text} ${page.link.href}\n`;
  const again = page.againSeconds ? { "Retry-After": String(page.againSeconds) } : {};
  // With words of its own: those of an app's answer that could not be sent stay in the response.
  response.writeHead(page.status, STATUS_CODES[page.status], {
    ...headers,
    ...again,
    // A form that was sent must not be sent again by itself.
    ...(page.againSeconds && readsHtml && request.method === "GET" ? { Refresh: String(page.againSeconds) } : {}),
    "Content-Type": readsHtml ? "text/html; charset=utf-8" : "text/plain; charset=utf-8",
    "Content-Length": Buffer.byteLength(body),
    // A body that nobody read would be taken for the next request.
    ...(request.complete ? {} : { Connection: "close" }),
    ...more,
  });
  response.end(request.method === "HEAD" ? undefined : body);
}
