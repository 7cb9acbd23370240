// What can be launched, and on which clusters the host has what it needs.
import { snapshotOf } from "@/lib/clusters/snapshot";
import { config } from "@/lib/config";
import { api } from "@/lib/paths";
import type { TemplateView } from "@/lib/templates/schema";
import { type Template, templates } from "@/lib/templates/template";

const notProbed = { available: null, missing: null, hint: null, found: {} };

async function availability({ name, software }: Template["manifest"]): Promise<TemplateView["clusters"]> {
  return Promise.all(
    config().clusters.map(async ({ name: cluster, modules: offered }) => {
      const { probes } = await snapshotOf(cluster);
      const modules = software.includes("modules") && offered !== undefined;
      return { cluster, ...(probes?.[name] ?? notProbed), modules };
    }),
  );
}

async function view({ manifest, version }: Template): Promise<TemplateView> {
  const { name, title, summary, auth, upstream, software, resources, extendFactor, parameters } = manifest;
  const shown = { name, title, summary, auth, upstream, software, resources, extendFactor, parameters };
  return { ...shown, version, icon: api.templateIcon(name), clusters: await availability(manifest) };
}

/** Every template, by title. */
export async function listTemplates(): Promise<{ items: TemplateView[]; nextCursor: null }> {
  const items = await Promise.all([...templates().values()].map(view));
  return { items: items.toSorted((a, b) => a.title.localeCompare(b.title)), nextCursor: null };
}
