// A template's own picture on a quiet tile. Decoration: the template's name stands beside it.
import clsx from "clsx";
import { api } from "@/lib/paths";

const sizes = { md: "size-10 rounded-lg p-1.5", lg: "size-13 rounded-lg p-2", sm: "size-7 rounded-md p-0.5" } as const;

/** Decoration: the title always stands beside it. */
export function TemplateIcon({ name, size = "md" }: { name: string; size?: keyof typeof sizes }) {
  return (
    <span className={clsx("grid shrink-0 place-items-center border border-line bg-sunk", sizes[size])}>
      {/* biome-ignore lint/performance/noImgElement: an SVG of a few hundred bytes needs no image optimizer. */}
      <img src={api.templateIcon(name)} alt="" width={32} height={32} className="size-full" />
    </span>
  );
}
