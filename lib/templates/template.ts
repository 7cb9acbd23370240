// The session templates of this installation: folders of data under templates/, read once and checked when read.
// A template's version is its manifest's version and the hash of what would run.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { readDocument } from "@/lib/config/read-document";
import { env } from "@/lib/env";
import { PortalError } from "@/lib/errors";
import { once } from "@/lib/once";
import { type TemplateManifest, templateManifest } from "@/lib/templates/schema";

export type Template = {
  manifest: TemplateManifest;
  script: Uint8Array;
  /** "1+3f9a2c7b": what the author wrote, and what would really run. */
  version: string;
  icon: string;
};

/** Markup that could run or load something has no place in an icon. */
const activeSvg = /<script|<foreignObject|\son[a-z]+\s*=|(?:href|src)\s*=\s*["'](?!#)|javascript:|<!ENTITY/i;

function readManifest(folder: string, name: string): TemplateManifest {
  const { value, mistakes } = readDocument(readFileSync(join(folder, "template.yaml"), "utf8"), templateManifest);
  if (!value) {
    const lines = mistakes.map(({ line, words }) => `templates/${name}/template.yaml:${line} ${words}`);
    throw new PortalError("invalid", lines.join("\n"));
  }
  if (value.name !== name) throw new PortalError("invalid", `templates/${name}: its name must be ${name}.`);
  if (value.auth === "app" && !value.secretHeader) {
    throw new PortalError("invalid", `templates/${name}: auth: app needs secretHeader.`);
  }
  return value;
}

/** Reads and checks one template folder. Throws `invalid` naming the mistake. */
export function readTemplate(directory: string, name: string): Template {
  const folder = join(directory, name);
  for (const file of ["template.yaml", "script.sh"])
    if (!existsSync(join(folder, file))) throw new PortalError("invalid", `templates/${name} has no ${file}.`);
  const manifest = readManifest(folder, name);
  const script = readFileSync(join(folder, "script.sh"));
  const iconFile = join(folder, "icon.svg");
  const icon = existsSync(iconFile) ? readFileSync(iconFile, "utf8") : "";
  if (activeSvg.test(icon)) throw new PortalError("invalid", `templates/${name}/icon.svg holds active content.`);
  const hash = createHash("sha256").update(JSON.stringify(manifest)).update(script).digest("hex").slice(0, 8);
  return { manifest, script, version: `${manifest.version}+${hash}`, icon };
}

function readAll(): Map<string, Template> {
  const { templatesDir } = env();
  // Links count as what they lead to; what begins with a dot is a version control's or an editor's.
  const isFolder = (name: string) => statSync(join(templatesDir, name), { throwIfNoEntry: false })?.isDirectory();
  const names = readdirSync(templatesDir).filter((name) => !name.startsWith(".") && isFolder(name));
  return new Map(names.map((name) => [name, readTemplate(templatesDir, name)]));
}

/** All templates by name. */
export function templates(): Map<string, Template> {
  return once("templates", readAll);
}

/** The template called `name`, or `not_found`. */
export function template(name: string): Template {
  const found = templates().get(name);
  if (!found) throw new PortalError("not_found", `There is no template ${name}.`);
  return found;
}
