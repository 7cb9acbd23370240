// Terminals as the API and the socket speak of them. Browser and server.
import { z } from "zod";
import { sessionId } from "@/lib/sessions/schema";
import { plainText } from "@/lib/templates/schema";

/** 128 random bits: an id is hard to guess, and is still checked against its person. */
export const terminalId = z.string().regex(/^[0-9a-f]{32}$/);

/** Rows and columns that a real screen may have. Outside of them programs misbehave or allocate without end. */
export const screenSize = z.strictObject({
  cols: z.int().min(2).max(500),
  rows: z.int().min(1).max(300),
});
export type ScreenSize = z.infer<typeof screenSize>;

export const terminalState = z.enum(["new", "open", "ended"]);

export const newTerminal = z.strictObject({
  cluster: z.string().max(32),
  /** Inside this running session's allocation instead of on a login node. */
  sessionId: sessionId.optional(),
  name: plainText(60).trim().min(1, "Give it a name.").optional(),
  /** Where the shell starts: an absolute path on the cluster. */
  folder: plainText(4096).regex(/^\//, "Give an absolute path.").optional(),
});
export type NewTerminal = z.infer<typeof newTerminal>;

export const terminalView = z.object({
  id: terminalId,
  name: z.string(),
  cluster: z.string(),
  sessionId: z.string().nullable(),
  state: terminalState,
  /** tmux: held on the cluster, comes back after a restart of the portal. portal: lives as long as this portal runs. */
  heldBy: z.enum(["tmux", "portal"]).nullable(),
  createdAt: z.iso.datetime(),
  lastActivityAt: z.iso.datetime(),
  /** When it ends by itself unless somebody uses it. Null once ended. */
  idleEndsAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
  endDetail: z.string().nullable(),
});
export type TerminalView = z.infer<typeof terminalView>;

export const terminalName = z.strictObject({ name: plainText(60).trim().min(1, "Give it a name.") });

export const terminalTicket = z.object({ ticket: z.string(), expiresAt: z.iso.datetime() });

/**
 * What a viewer sends as text. Input itself is binary: four bytes, big-endian, that number this piece of input for this
 * viewer, then the bytes; a number that was seen before is not typed again.
 */
export const fromViewer = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("attach"),
    ticket: z.string().max(100),
    /** This tab's own random name: what it typed is known by it after a reconnect. */
    viewer: z.string().regex(/^[0-9a-f]{32}$/),
    /** Bytes of output already on the viewer's screen, or null when the screen is empty. */
    after: z.int().min(0).nullable(),
    /** Which opening of the shell `after` counts in. */
    epoch: z.string().max(32).nullable(),
    ...screenSize.shape,
  }),
  z.strictObject({ type: z.literal("resize"), ...screenSize.shape }),
  /** Output up to here has been drawn. */
  z.strictObject({ type: z.literal("drawn"), seq: z.int().min(0) }),
  z.strictObject({ type: z.literal("ping") }),
]);
export type FromViewer = z.infer<typeof fromViewer>;

/** What a viewer hears first. `isAnswered`: what programs ask of their terminal is answered on the cluster already. */
type Attached = { epoch: string; seq: number; typed: number; size: ScreenSize; isAnswered: boolean };

/** What the portal sends as text. Output is binary: the bytes as the shell wrote them, nothing else. */
export type ToViewer =
  /** Output goes on from `seq`, on a screen of `size`. */
  | ({ type: "resume" } & Attached)
  /** Clear the screen and draw `screen`: all there is up to `seq`. Nothing in it may be answered. */
  | ({ type: "screen"; screen: string } & Attached)
  /** The shell has taken everything up to this number. */
  | { type: "typed"; typed: number }
  | { type: "size"; size: ScreenSize }
  | { type: "ended"; detail: string }
  /** It cannot be had just now: come again by itself, and say meanwhile what is waited for. */
  | { type: "wait"; detail: string }
  /** It could not be opened; it has not ended, and may be tried again by the person. */
  | { type: "failed"; detail: string }
  | { type: "pong" };

/** Close codes of the socket beyond RFC 6455's own (4000 to 4999 are the application's). */
export const closeCodes = { loginEnded: 4401, notFound: 4404, tooMany: 4429, ended: 4410 } as const;
