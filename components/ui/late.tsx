"use client";
// A part of a page whose code is loaded when it is first drawn. Its file may be out of reach, or gone since the portal was
// updated: then a word and another try are in its place, and the page around it stays. React's lazy() alone keeps a failure for good.
import { RefreshCw } from "lucide-react";
import { useTranslations } from "next-intl";
import { type ComponentType, lazy, type ReactNode, Suspense, useState } from "react";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";

type Options<Props> = {
  load: () => Promise<{ default: ComponentType<Props> }>;
  /** In its place until it is there. */
  meanwhile?: ReactNode;
  /** Around the word that it could not be loaded, where that cannot stand in the page. */
  Place?: ComponentType<Props & { children: ReactNode }>;
};

type Try<Props> = ComponentType<{ props: Props; again: () => void }>;

/** The component that `load` brings. */
export function late<Props extends object>({ load, meanwhile, Place }: Options<Props>): ComponentType<Props> {
  const attempt = (failures: number) =>
    lazy(async (): Promise<{ default: Try<Props> }> => {
      try {
        const { default: Part } = await load();
        return { default: ({ props }) => <Part {...props} /> };
      } catch {
        latest = attempt(failures + 1);
        const words = (again: () => void) => <NotLoaded again={again} isOld={failures > 0} />;
        return { default: ({ props, again }) => (Place ? <Place {...props}>{words(again)}</Place> : words(again)) };
      }
    });
  /** What is drawn next: what was loaded, or one that has not been tried. */
  let latest = attempt(0);
  // biome-ignore lint/correctness/noComponentHookFactories: as lazy() itself, this is called once for each part, by a module.
  return function Late(props: Props) {
    const [Part, setPart] = useState(() => latest);
    return (
      <Suspense fallback={meanwhile}>
        <Part props={props} again={() => setPart(() => latest)} />
      </Suspense>
    );
  };
}

/** `isOld`: it failed more than once, so that the page itself may be from before an update. */
function NotLoaded({ again, isOld }: { again: () => void; isOld: boolean }) {
  const t = useTranslations("frame");
  return (
    <div role="alert" className="p-4">
      <Notice
        tone="bad"
        title={t("failed")}
        action={
          <span className="flex flex-wrap gap-2">
            {/* A new document: the browser asks about what is unsaved here. */}
            {isOld ? (
              <Button size="sm" onClick={() => window.location.reload()}>
                {t("reload")}
              </Button>
            ) : null}
            <Button size="sm" onClick={again}>
              <RefreshCw aria-hidden />
              {t("retry")}
            </Button>
          </span>
        }
      >
        {isOld ? t("notLoadedAgain") : t("notLoaded")}
      </Notice>
    </div>
  );
}
