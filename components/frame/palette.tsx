"use client";
// The command palette: every page, every template, every session, a few actions. Loaded on first use.
import { Command } from "cmdk";
import { Search } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { useEntries } from "@/components/frame/palette-entries";
import { ranked } from "@/components/frame/rank";
import { Dialog } from "@/components/ui/dialog";
import { Kbd } from "@/components/ui/kbd";
import { leave } from "@/components/ui/leaving";

type Props = { open: boolean; onClose: () => void };

export default function Palette({ open, onClose }: Props) {
  const t = useTranslations("frame");
  return (
    // Fixed near the top: the list grows and shrinks while one types, and the box must not move.
    <Dialog open={open} onClose={onClose} title={t("search")} quietTitle className="mt-[12dvh] max-w-xl">
      <Found onClose={onClose} />
    </Dialog>
  );
}

function Found({ onClose }: Pick<Props, "onClose">) {
  const t = useTranslations("frame");
  const router = useRouter();
  const [search, setSearch] = useState("");
  const go = (href: string) => {
    onClose();
    leave(() => router.push(href));
  };
  const groups = ranked(useEntries({ go, onClose }), search).filter(({ entries }) => entries.length > 0);
  return (
    // Its keys of vi would take Ctrl K, which closes what it opened.
    <Command label={t("search")} loop vimBindings={false} shouldFilter={false}>
      <div className="flex items-center gap-3 border-line border-b px-4">
        <Search aria-hidden className="size-4.5 text-ink3" />
        <Command.Input
          autoFocus
          value={search}
          onValueChange={setSearch}
          placeholder={t("search")}
          className="h-13 flex-1 bg-transparent text-[16px] outline-none"
        />
        <Kbd>Esc</Kbd>
      </div>
      <Command.List className="max-h-[min(26rem,60dvh)] overflow-y-auto p-2 **:[[cmdk-group-heading]]:px-2.5 **:[[cmdk-group-heading]]:pt-3 **:[[cmdk-group-heading]]:pb-1 **:[[cmdk-group-heading]]:text-xs **:[[cmdk-group-heading]]:font-semibold **:[[cmdk-group-heading]]:text-ink3">
        <Command.Empty className="px-3 py-8 text-center text-ink3">{t("nothingFound")}</Command.Empty>
        {groups.map(({ key, heading, entries }) => (
          <Command.Group key={key} heading={heading}>
            {entries.map(({ id, icon, content, choose }) => (
              <Command.Item
                key={id}
                value={id}
                onSelect={choose}
                className="flex min-h-10 cursor-pointer items-center gap-2.5 rounded-md px-2 py-1 data-[selected=true]:bg-accent-soft"
              >
                {icon}
                {content}
              </Command.Item>
            ))}
          </Command.Group>
        ))}
      </Command.List>
    </Command>
  );
}
