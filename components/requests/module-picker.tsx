"use client";
// Environment modules: search the cluster's list, add, and see them in the order they will be loaded.
import { useQuery } from "@tanstack/react-query";
import { Check, Plus, Search, X } from "lucide-react";
import { useTranslations } from "next-intl";
import { useDeferredValue, useState } from "react";
import { modules as modulesOf } from "@/components/clusters/queries";
import { useComposer } from "@/components/requests/place";
import { Problems } from "@/components/ui/field";
import { Skeleton } from "@/components/ui/skeleton";

// Sites have thousands: more than this is found by typing, not by scrolling.
const shown = 60;

export default function ModulePicker({ cluster }: { cluster: string }) {
  const t = useTranslations("requests");
  const { composed, set } = useComposer();
  const [text, setText] = useState("");
  // Typing stays smooth; the question follows.
  const search = useDeferredValue(text.trim());
  const found = useQuery(modulesOf(cluster, search));
  const { modules } = composed;
  // The order is that of choosing: modules are loaded one after the other, and a later one may hide an earlier one.
  const toggle = (name: string) =>
    set("modules", modules.includes(name) ? modules.filter((other) => other !== name) : [...modules, name]);
  return (
    <div className="grid gap-2.5 rounded-md border border-line bg-bg p-3">
      <div className="relative">
        <Search aria-hidden className="pointer-events-none absolute top-2.5 left-3 size-4 text-ink3 max-sm:top-3.5" />
        <input
          type="search"
          aria-label={t("software.search")}
          placeholder={t("software.search")}
          value={text}
          onChange={(event) => setText(event.target.value)}
          // Enter in a search box would launch the session: the box is inside the form.
          onKeyDown={(event) => event.key === "Enter" && event.preventDefault()}
          className="h-9 w-full rounded-md border border-line2 bg-panel pr-2 pl-9 hover:border-ink3 max-sm:h-11 max-sm:text-[16px]"
        />
      </div>
      {modules.length > 0 ? <Chosen modules={modules} onRemove={toggle} /> : null}
      {found.isError ? <Problems problems={[{ message: found.error.message }]} /> : null}
      <ul
        aria-label={t("software.found")}
        className="grid max-h-44 gap-1 overflow-y-auto sm:grid-cols-2 lg:grid-cols-3"
      >
        {found.data?.slice(0, shown).map((name) => (
          <li key={name}>
            <ModuleButton name={name} on={modules.includes(name)} onClick={() => toggle(name)} />
          </li>
        ))}
      </ul>
      {found.isLoading ? <Skeleton className="h-20" /> : null}
      {found.data?.length === 0 ? <p className="px-1 text-sm text-ink3">{t("software.noneFound")}</p> : null}
      {(found.data?.length ?? 0) > shown ? (
        <p className="px-1 text-sm text-ink3">{t("software.moreFound", { shown })}</p>
      ) : null}
    </div>
  );
}

function ModuleButton({ name, on, onClick }: { name: string; on: boolean; onClick: () => void }) {
  const Icon = on ? Check : Plus;
  return (
    <button
      type="button"
      aria-pressed={on}
      onClick={onClick}
      className="flex min-h-8 w-full items-center gap-2 rounded-sm px-2 text-left font-mono text-[0.78rem] hover:bg-sunk aria-pressed:bg-accent-soft"
    >
      <Icon aria-hidden className={on ? "size-3.5 shrink-0 text-accent" : "size-3.5 shrink-0 text-ink3"} />
      {name}
    </button>
  );
}

function Chosen({ modules, onRemove }: { modules: string[]; onRemove: (name: string) => void }) {
  const t = useTranslations("requests");
  return (
    <ul aria-label={t("software.chosen")} className="flex flex-wrap gap-1.5">
      {modules.map((name) => (
        <li key={name} className="flex items-center rounded-full bg-accent-soft pl-3 font-mono text-[0.78rem]">
          {name}
          <button
            type="button"
            aria-label={t("software.remove", { name })}
            onClick={() => onRemove(name)}
            className="grid size-7 place-items-center rounded-full text-ink2 hover:text-bad"
          >
            <X aria-hidden className="size-3.5" />
          </button>
        </li>
      ))}
    </ul>
  );
}
