// What tmux writes in control mode (tmux(1), CONTROL MODE), heard line by line.

/** tmux writes at most 8 KiB of a program at once, of which a byte may be four here. */
const MOST_LINE_BYTES = 65_536;
/** More than all lines that are asked for: what writes more is not a tmux that answers. */
export const MOST_ANSWER_BYTES = 32 * 1_048_576;
/** What a piece or a line costs beside its bytes, about. */
export const EACH_BYTES = 64;
const LF = 0x0a;
const BACKSLASH = 0x5c;

/** What tmux answered to one command, line by line; to one of ours, or what it does by itself, as attaching. */
export type Answer = { isOurs: boolean; isError: boolean; lines: string[] };
type Hearing = {
  onOutput: (pane: string, bytes: Uint8Array) => void;
  onAnswer: (answer: Answer) => void;
  /** What stands between the answers and is not tmux's: of a login shell, or of a tmux that does not attach. */
  onWords: (line: string) => void;
  /** A client shows another session, a session another window, or a window another pane: `id` is its own. */
  onMoved: (what: string, id: string) => void;
  /** A line or an answer has no end; once, and nothing is heard after it. */
  onTooMuch: () => void;
};

/** Of a line of output: control characters and the backslash come as three octal digits behind a backslash. */
function unescaped(line: Buffer): Uint8Array {
  if (!line.includes(BACKSLASH)) return line;
  const bytes = Buffer.allocUnsafeSlow(line.length);
  let length = 0;
  for (let at = 0; at < line.length; length += 1) {
    const byte = line[at] ?? 0;
    const isEscape = byte === BACKSLASH;
    bytes[length] = isEscape ? Number.parseInt(line.toString("latin1", at + 1, at + 4), 8) : byte;
    at += isEscape ? 4 : 1;
  }
  return bytes.subarray(0, length);
}

/** Takes what tmux writes in control mode, in pieces of any size. */
export function controlReader({ onOutput, onAnswer, onWords, onMoved, onTooMuch }: Hearing): (piece: Buffer) => void {
  let unfinished: Buffer[] = [];
  let unfinishedBytes = 0;
  let isTooMuch = false;
  /** The block that is being read: `guard` is what its first and last line share. */
  let block: { guard: string; isOurs: boolean; lines: string[]; bytes: number } | null = null;
  const hear = (line: Buffer) => {
    if (!block && line.toString("latin1", 0, 8) === "%output ") {
      const end = line.indexOf(" ", 8);
      return onOutput(line.toString("latin1", 8, end), unescaped(line.subarray(end + 1)));
    }
    const text = line.toString("utf8");
    const [, word, guard = "", flags] = /^%(begin|end|error) (\d+ \d+ (\d+))$/.exec(text) ?? [];
    if (!block) {
      const [, what, id = ""] = /^%(session-changed|session-window-changed|window-pane-changed) (\S+)/.exec(text) ?? [];
      if (what) onMoved(what, id);
      if (!text.startsWith("%")) onWords(text);
      if (word === "begin") block = { guard, isOurs: flags === "1", lines: [], bytes: 0 };
    } else if (guard !== block.guard || word === "begin") {
      block.lines.push(text);
      block.bytes += line.length + EACH_BYTES;
    } else {
      const { isOurs, lines } = block;
      block = null;
      onAnswer({ isOurs, isError: word === "error", lines });
    }
  };
  const hearNoMore = () => {
    isTooMuch = true;
    unfinished = [];
    block = null;
    onTooMuch();
  };
  return (piece) => {
    if (isTooMuch) return;
    let from = 0;
    for (let end = piece.indexOf(LF); end >= 0; end = piece.indexOf(LF, from)) {
      const rest = piece.subarray(from, end);
      hear(unfinished.length > 0 ? Buffer.concat([...unfinished, rest]) : rest);
      unfinished = [];
      unfinishedBytes = 0;
      from = end + 1;
    }
    if (from < piece.length) unfinished.push(piece.subarray(from));
    unfinishedBytes += piece.length - from;
    const isOver = block ? block.bytes + unfinishedBytes > MOST_ANSWER_BYTES : unfinishedBytes > MOST_LINE_BYTES;
    if (isOver) hearNoMore();
  };
}
