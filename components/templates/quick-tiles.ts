// Which tiles home offers: the last different requests, then templates as they come. Pure.
import { sessionName } from "@/components/sessions/describe";
import type { SessionView } from "@/lib/sessions/schema";
import type { TemplateView } from "@/lib/templates/schema";

export type Tile = { key: string; title: string; template: TemplateView; session: SessionView | null };

const shown = 4;

/** What makes two requests the same thing to launch again: everything but the cluster's answer. */
const sameness = ({ name, request }: SessionView): string => JSON.stringify([name, request]);

/** What the host lacks may be in modules. */
export const runsThere = ({ available, modules }: TemplateView["clusters"][number]): boolean =>
  available !== false || modules;

/** At most four; every template of the first four keeps a tile, also when much was launched lately. */
export function quickTiles(templates: TemplateView[], recent: SessionView[]): Tile[] {
  const fresh = templates
    .filter((template) => template.clusters.some(runsThere))
    .slice(0, 2)
    .map((template): Tile => ({ key: template.name, title: template.title, template, session: null }));
  const seen = new Set<string>();
  const again: Tile[] = [];
  for (const session of recent) {
    const template = templates.find((entry) => entry.name === session.template);
    if (!template || session.endReason === "rejected" || seen.has(sameness(session))) continue;
    seen.add(sameness(session));
    again.push({ key: session.id, title: sessionName(session), template, session });
  }
  return [...again.slice(0, shown - fresh.length), ...fresh];
}
