// A shell that tmux holds, as a terminal that loses nothing: by tmux's control mode (tmux(1), CONTROL MODE), in which it hands
// on the bytes of the program instead of drawing them, and waits while nobody takes them. What was there before comes first.
import { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import type { TerminalChannel } from "@/lib/clusters/run";
import { PortalError } from "@/lib/errors";
import type { ScreenSize } from "@/lib/terminals/schema";
import { type Answer, controlReader, EACH_BYTES, MOST_ANSWER_BYTES } from "@/lib/terminals/tmux-reader";
import { flagsFormat, isOn, parseFlags, restored, type Seen } from "@/lib/terminals/tmux-screen";

const OPENS_WITHIN_MS = 15_000;
/** Of what is said instead of an answer, the last. */
const MOST_WORDS = 500;
/** Each byte is a word of the command. */
const MOST_KEYS = 512;

/** Commands in the order in which they are answered. */
function conversation(channel: TerminalChannel) {
  /** `line` is shared by the commands of one line. */
  const waiting: { line: object; resolve: (answer: Answer) => void }[] = [];
  const answered = (answer: Answer) => {
    const first = waiting.shift();
    first?.resolve(answer);
    // Behind an error tmux leaves out the rest of its line.
    while (answer.isError && first && waiting[0]?.line === first.line) waiting.shift()?.resolve(answer);
  };
  return {
    answered,
    /** Sends `commands` as one line, which nothing comes between; resolves with their answers. */
    ask: (...commands: string[]): Promise<Answer[]> => {
      const line = {};
      const answers = commands.map(() => new Promise<Answer>((resolve) => waiting.push({ line, resolve })));
      void channel.write(Buffer.from(`${commands.join(" ; ")}\n`));
      return Promise.all(answers);
    },
    /** Sends a command whose answer matters only when it is an error. */
    tell: (command: string, onError: () => void): Promise<void> => {
      waiting.push({ line: {}, resolve: ({ isError }) => isError && onError() });
      return channel.write(Buffer.from(`${command}\n`));
    },
  };
}

const sizeCommand = ({ cols, rows }: ScreenSize): string => `refresh-client -C ${cols}x${rows}`;

type Conversation = ReturnType<typeof conversation>;

/** Throws an Error for what tmux would not do. */
async function mustAsk({ ask }: Conversation, commands: string[]): Promise<string[][]> {
  const answers = await ask(...commands);
  const failed = answers.find(({ isError }) => isError);
  if (failed) throw new Error(`tmux: ${failed.lines.join(" ").slice(0, 500)}`);
  return answers.map(({ lines }) => lines);
}

/** What the pane of session `name` shows at one moment, with at most `lines` lines above it. Throws an Error. */
async function look(talk: Conversation, name: string, lines: number): Promise<Seen> {
  const target = `-t "=${name}:"`;
  const capture = (options: string) => `capture-pane -p ${options} ${target}`;
  // Nothing comes between the commands of one line.
  const ask = async (...captures: string[]) => {
    const commands = [`display-message -p ${target} "${flagsFormat}"`, capture("-P"), ...captures];
    const [[line = ""] = [], pending = [], ...texts] = await mustAsk(talk, commands);
    return { flags: parseFlags(line), pending: pending.join("\n"), texts };
  };
  const { texts, ...first } = await ask(capture(`-e -J -S -${lines}`));
  if (!isOn(first.flags.alternate_on))
    return { ...first, ordinary: texts[0] ?? [], ordinaryRows: Number(first.flags.pane_height), alternate: null };
  const both = await ask(capture(`-e -J -S -${lines} -E -1`), capture("-e -a -q"), capture("-e -N"));
  const { flags, pending } = both;
  // It went away meanwhile.
  if (!isOn(flags.alternate_on)) return look(talk, name, lines);
  const [above = [], main = [], alternate = []] = both.texts;
  // Where there is no history, tmux takes the screen's first row for it.
  const ordinary = [...(isOn(flags.history_size) ? above : []), ...main];
  return { flags, pending, ordinary, ordinaryRows: main.length, alternate };
}

const refused = (words: string, cause?: unknown): PortalError =>
  new PortalError("cluster", "tmux on the login node does not hand on the shell.", { words, cause });

/** Null when the channel was gone before. Does not wait for a tmux that says nothing. */
async function inTime<Value>(channel: TerminalChannel, value: Promise<Value>): Promise<Value | null> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error("tmux answers nothing")), OPENS_WITHIN_MS);
  try {
    return await Promise.race([value, late.promise, channel.gone.then(() => null)]);
  } catch (cause) {
    channel.hangUp();
    const words = cause instanceof Error ? cause.message : String(cause);
    throw refused(words, cause);
  } finally {
    clearTimeout(timer);
  }
}

/** What panes have written since the last answer: what came before that is in it. */
function writings() {
  let pieces: [string, Uint8Array][] = [];
  let bytes = 0;
  return {
    /** Returns what is kept, in bytes. */
    add: (pane: string, piece: Uint8Array): number => {
      pieces.push([pane, piece]);
      bytes += piece.length + EACH_BYTES;
      return bytes;
    },
    /** What `pane` has written; all is forgotten. */
    take: (pane: string | null): Buffer => {
      const taken = pieces.filter(([from]) => from === pane).map(([, piece]) => piece);
      pieces = [];
      bytes = 0;
      return Buffer.concat(taken);
    },
  };
}

type Keys = { pane: string | null; bytes: Uint8Array; onError: () => void };

async function typeKeys({ tell }: Conversation, { pane, bytes, onError }: Keys): Promise<void> {
  const pieces = Array.from({ length: Math.ceil(bytes.length / MOST_KEYS) }, (_none, at) =>
    Buffer.from(bytes.subarray(at * MOST_KEYS, (at + 1) * MOST_KEYS))
      .toString("hex")
      .replace(/../g, " $&"),
  );
  await Promise.all(pieces.map((keys) => tell(`send-keys -t ${pane} -H${keys}`, onError)));
}

type Session = {
  name: string;
  size: ScreenSize;
  /** So many lines above the screen come back. */
  lines: number;
  /** Asked when it could not be attached to. */
  stillThere: () => Promise<boolean>;
};

function lastWords() {
  let words = "";
  return {
    hear: (line: string) => {
      words = `${words}\n${line}`.slice(-MOST_WORDS);
    },
    text: () => words.trim(),
  };
}

/** Of one that was gone before it showed anything: it would be again, each time that somebody comes back. */
async function mustHaveEnded(channel: TerminalChannel, { stillThere }: Session, text: () => string): Promise<void> {
  const { code } = await channel.gone;
  if (!code || !(await stillThere())) return;
  await finished(channel.output, { writable: false }).catch(() => {});
  throw refused(text());
}

/** `channel` runs `tmux -C attach-session`. Resolves when the shell is there, or gone already. Throws PortalError. */
export async function throughControl(channel: TerminalChannel, session: Session): Promise<TerminalChannel> {
  const { name, size, lines } = session;
  const talk = conversation(channel);
  const attached = Promise.withResolvers<void>();
  const since = writings();
  let shown: string | null = null;
  /** The session that is shown, and the window. */
  let places: string[] = [];
  /** Since the last answer, as above. */
  let hasMoved = false;
  const words = lastWords();
  const output = new Readable({ read: () => channel.output.resume() });
  const pass = () => {
    const bytes = since.take(shown);
    if (bytes.length > 0 && !output.push(bytes)) channel.output.pause();
  };
  const read = controlReader({
    onOutput: (pane, bytes) => {
      if (since.add(pane, bytes) <= MOST_ANSWER_BYTES || shown !== null) return;
      since.take(null);
      channel.hangUp();
    },
    // Somebody's commands to this tmux lead elsewhere, and nothing of the pane that is shown would come: attached anew, it is
    // there. What other sessions and windows do is said to all.
    onMoved: (what, id) => {
      if (shown === null) hasMoved = true;
      else if (what === "session-changed" || places.includes(id)) channel.hangUp();
    },
    onWords: words.hear,
    onTooMuch: channel.hangUp,
    onAnswer: (answer) => {
      if (shown === null) {
        since.take(null);
        hasMoved = false;
      }
      if (answer.isOurs) talk.answered(answer);
      else attached.resolve();
      if (answer.isError && !answer.isOurs) answer.lines.forEach(words.hear);
    },
  });
  channel.output.on("data", (piece: Buffer) => {
    read(piece);
    if (shown !== null) pass();
  });
  channel.output.on("error", (error) => output.destroy(error));
  channel.output.once("end", () => output.push(null));
  const begin = async (): Promise<Seen> => {
    await attached.promise;
    await mustAsk(talk, [sizeCommand(size)]);
    return look(talk, name, lines);
  };
  const seen = await inTime(channel, begin());
  if (!seen) {
    await mustHaveEnded(channel, session, words.text);
    return { ...channel, output };
  }
  shown = seen.flags.pane_id;
  places = [seen.flags.session_id, seen.flags.window_id];
  if (hasMoved) channel.hangUp();
  output.push(restored(seen));
  pass();
  return {
    output,
    gone: channel.gone,
    hangUp: channel.hangUp,
    // It has no say in what it cannot have.
    resize: (to) => void talk.tell(sizeCommand(to), () => {}),
    // A pane that is no more has not taken them, though another may be there: it is attached to anew.
    write: (bytes) => typeKeys(talk, { pane: shown, bytes, onError: channel.hangUp }),
  };
}
