// Short messages that pass. The library that draws them is loaded with the first one, so that no page waits for it.

export type Notice = {
  tone: "done" | "failed" | "plain";
  text: string;
  detail?: string;
  action?: { label: string; onClick: () => void };
};

let wanted = false;
const followers = new Set<() => void>();
let mounted: () => void = () => undefined;
const drawn = new Promise<void>((resolve) => {
  mounted = resolve;
});

/** For the component that draws: whether there has been anything to draw, and how to say that it is there. */
export const stage = {
  follow(follower: () => void) {
    followers.add(follower);
    return () => followers.delete(follower);
  },
  wanted: () => wanted,
  mounted: () => mounted(),
};

/** Shows a message. May be called before the place for it exists. */
export async function notify({ tone, text, detail, action }: Notice): Promise<void> {
  wanted = true;
  for (const follower of followers) follower();
  const [{ toast }] = await Promise.all([import("sonner"), drawn]);
  const show = { done: toast.success, failed: toast.error, plain: toast }[tone];
  show(text, { description: detail, action });
}
