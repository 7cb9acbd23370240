// Short messages that pass. The library that draws them is loaded a while after the page, and no page waits for it. Most
// messages tell of something that failed, so its file may be out of reach, too: then a plain line says the same.
import type * as Drawing from "@/components/frame/toaster";

export type Notice = {
  tone: "done" | "failed" | "plain";
  text: string;
  detail?: string;
  action?: { label: string; onClick: () => void };
};

type Drawn = {
  /** What draws messages, once it is loaded. */
  Toaster: typeof Drawing.default | null;
  /** What is to be said without it. */
  line: Notice | null;
};
type Load = () => Promise<Pick<typeof Drawing, "default" | "show">>;
type Loaded = Awaited<ReturnType<Load>>;

/** Messages and what draws them, which `load` brings. */
export function makeNotices(load: Load) {
  let drawn: Drawn = { Toaster: null, line: null };
  let loading: Promise<Loaded | null> | null = null;
  const followers = new Set<() => void>();
  // Every page brings this along: Promise.withResolvers is not in every browser that Next works in.
  let isMounted = () => {};
  const mounted = new Promise<void>((resolve) => {
    isMounted = resolve;
  });

  const set = (change: Partial<Drawn>) => {
    drawn = { ...drawn, ...change };
    for (const follower of followers) follower();
  };
  const loadOnce = async () => {
    loading ??= load().catch(() => {
      // The next message asks for it again.
      loading = null;
      return null;
    });
    const drawing = await loading;
    if (drawing && !drawn.Toaster) set({ Toaster: drawing.default });
    return drawing;
  };

  return {
    /** For useSyncExternalStore. */
    drawn: () => drawn,
    follow: (follower: () => void) => {
      followers.add(follower);
      return () => void followers.delete(follower);
    },
    prepare: () => void loadOnce(),
    isMounted,
    dismissLine: () => set({ line: null }),
    /** May be called before the place for it exists. */
    notify: async (notice: Notice): Promise<void> => {
      const drawing = await loadOnce();
      if (!drawing) return set({ line: notice });
      set({ line: null });
      await mounted;
      drawing.show(notice);
    },
  };
}

export const notices = makeNotices(async () => {
  const { default: Toaster, show } = await import("@/components/frame/toaster");
  return { default: Toaster, show };
});

/** Shows a message. */
export const { notify } = notices;
