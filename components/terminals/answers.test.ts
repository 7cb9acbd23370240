import headless from "@xterm/headless";
import { expect, it } from "vitest";
import { listenTo } from "@/components/terminals/answers";

/** What a program asks, and what xterm answers with: its kind, the cursor's place, a mode. */
const questions = "\x1b[c\x1b[6n\x1b[?2004$p";

function listening({ isHere = true } = {}) {
  const terminal = new headless.Terminal({ cols: 80, rows: 24, scrollback: 5000, allowProposedApi: true });
  const typed: string[] = [];
  const answers = listenTo(terminal, { isHere: () => isHere, onType: (data) => typed.push(data) });
  const write = (text: string) => new Promise<void>((done) => terminal.write(text, done));
  return { terminal, typed, answers, write };
}

it("answers a program's questions where the person is, and nowhere else", async () => {
  const [here, elsewhere] = [listening(), listening({ isHere: false })];
  await here.write(questions);
  expect(here.typed).toEqual(["\x1b[?1;2c", "\x1b[1;1R", "\x1b[?2004;2$y"]);
  await elsewhere.write(questions);
  expect(elsewhere.typed).toEqual([]);
});

it("gives every key that is pressed while a screen is drawn again, and answers nothing of it", async () => {
  const { terminal, typed, answers, write } = listening();
  answers.setReplaying(true);
  const drawn = write(`${"line\r\n".repeat(4000)}${questions}\x1b[?1004h`);
  terminal.input("before ");
  await drawn;
  // As a page's xterm says at once when the mode is set; a page only has a focus.
  terminal.input("\x1b[I", false);
  terminal.input("after \x1b[1;5R");
  expect(typed).toEqual(["before ", "after \x1b[1;5R"]);
  answers.setReplaying(false);
  await write(questions);
  terminal.input("\x1b[I", false);
  expect(typed.slice(2)).toEqual(["\x1b[?1;2c", "\x1b[24;1R", "\x1b[?2004;2$y", "\x1b[I"]);
});

it("answers nothing that tmux has answered on the cluster, and passes keys and focus on", async () => {
  const { terminal, typed, answers, write } = listening();
  answers.setAnswered(true);
  await write(questions);
  terminal.input("key");
  terminal.input("\x1b[I", false);
  expect(typed).toEqual(["key", "\x1b[I"]);
});

it("never answers with text that a program chose: the settings of DECRQSS, colours, the clipboard", async () => {
  const { typed, write } = listening();
  await write('\x1bP$q"p\x1b\\\x1b]4;1;?\x07\x1b]10;?\x07\x1b]11;?\x07\x1b]12;?\x07\x1b]52;c;?\x07');
  expect(typed).toEqual([]);
});
