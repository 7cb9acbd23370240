// Somebody's HTML, in a frame that has no origin, runs nothing, fetches nothing and leads nowhere: the empty sandbox takes
// scripts, forms, windows and navigation away, and the policy of its own takes the network on top of the page's.

const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:";

type Props = { title: string; html: string; className?: string };

export function SandboxedFrame({ title, html, className }: Props) {
  // A policy counts from where it stands: it comes before everything of theirs.
  const page = `<!doctype html><meta http-equiv="Content-Security-Policy" content="${policy}"><meta charset="utf-8">${html}`;
  return <iframe title={title} sandbox="" srcDoc={page} referrerPolicy="no-referrer" className={className} />;
}
