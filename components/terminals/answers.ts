// What xterm types by itself: the answers to what a program asks. The program is not trusted, several windows may show it, and
// a screen that is drawn again asks nothing; what a person types goes through always.
import type { IDisposable, IParser } from "@xterm/xterm";

/** Of a terminal, on a page or without one. */
type Asked = { parser: IParser; onData: (listener: (data: string) => void) => IDisposable };

/** DECRQSS and reports of colours answer with text that a program chose or can guess: they stay without an answer. */
function refuseReplies({ parser }: Asked): void {
  parser.registerDcsHandler({ intermediates: "$", final: "q" }, () => true);
  const asks = (data: string) => data.split(";").includes("?");
  for (const code of [4, 10, 11, 12]) parser.registerOscHandler(code, asks);
  // OSC 52 is the clipboard.
  parser.registerOscHandler(52, () => true);
}

/** A program's kind, the cursor's place and modes are asked for by these; xterm answers where `isLeft` is false. */
function leaveReplies({ parser }: Asked, isLeft: () => boolean): void {
  for (const prefix of ["", ">", "=", "?"])
    for (const final of ["c", "n"]) parser.registerCsiHandler({ prefix, final }, isLeft);
  parser.registerCsiHandler({ prefix: ">", final: "q" }, isLeft);
  for (const prefix of ["", "?"]) parser.registerCsiHandler({ prefix, intermediates: "$", final: "p" }, isLeft);
}

/** Setting the mode for them is answered with one at once (xterm's ctlseqs, FocusIn and FocusOut); no key sends them. */
const isFocusReport = (data: string): boolean => data === "\x1b[I" || data === "\x1b[O";

type Options = {
  /**
   * Whether a person is at this window. With several windows on one terminal only that one answers, or the program would
   * take the other answers for keys.
   */
  isHere: () => boolean;
  onType: (data: string) => void;
};

export type Answers = {
  /** Text that is parsed from here on is drawn again: nothing in it is answered until it says otherwise. */
  setReplaying: (on: boolean) => void;
  /** Whether something on the cluster answers what is asked, so that nobody here does. */
  setAnswered: (on: boolean) => void;
};

/** Gives `onType` what is typed, by the person and in answer to the program. */
export function listenTo(terminal: Asked, { isHere, onType }: Options): Answers {
  let [isReplaying, isAnswered] = [false, false];
  refuseReplies(terminal);
  leaveReplies(terminal, () => isReplaying || isAnswered || !isHere());
  // Keys come while thousands of lines are drawn again, too: they are told from answers by the question, not by the time.
  terminal.onData((data) => {
    if (!(isReplaying && isFocusReport(data))) onType(data);
  });
  return {
    setReplaying: (on) => {
      isReplaying = on;
    },
    setAnswered: (on) => {
      isAnswered = on;
    },
  };
}
