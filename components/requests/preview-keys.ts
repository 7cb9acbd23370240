// Keys of what is asked about a request that is being composed, for the page that asks and for the events that make it stale.
export const previewKey = (estimate: "yes" | "no") => ["preview", estimate] as const;
