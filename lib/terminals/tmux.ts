// Terminals that the cluster itself holds, in tmux(1) where it is installed: they outlive a lost connection and a restart of
// the portal. A server of our own name and without anybody's tmux.conf, with everything of tmux hidden that would show.
import type { Run } from "@/lib/clusters/run";
import { PortalError } from "@/lib/errors";
import { once } from "@/lib/once";

const ASKED_AGAIN_MS = 600_000;
const SECONDS = 15;

/** All tmux there is to a terminal: constants; name, size and command are arguments. */
const SCRIPT = `
t() { tmux -L berth -f /dev/null "$@"; }
command -v tmux >/dev/null 2>&1 || { echo missing; exit 0; }
what=$1 name=$2
case $what in
open)
  t has-session -t "=$name" 2>/dev/null && { echo there; exit 0; }
  cols=$3 rows=$4 lines=$5
  shift 5
  t start-server \\; set-option -g history-limit "$lines" \\; set-option -g default-terminal screen-256color \\; \\
    set-option -g status off \\; set-option -g prefix None \\; set-option -g mouse off \\; set-option -g set-titles off \\; \\
    set-option -s escape-time 0 \\; set-option -s set-clipboard off \\; set-option -s exit-empty on \\; \\
    set-option -sa terminal-overrides ',*:Tc:smcup@:rmcup@' \\; set-option -g window-size latest \\; \\
    new-session -d -s "$name" -x "$cols" -y "$rows" "$@" && echo made ;;
there) t has-session -t "=$name" 2>/dev/null && echo there || echo gone ;;
history) t capture-pane -p -e -J -t "=$name:" -S -"$3" -E -1 2>/dev/null ;;
end) t kill-session -t "=$name" 2>/dev/null; echo ended ;;
esac
`;

export type Tmux = {
  /** Whether the cluster has tmux, asked as the person and remembered for ten minutes. */
  isThere: () => Promise<boolean>;
  /** Makes the session unless it is there. `argv` absent: a login shell. */
  open: (size: { cols: number; rows: number }, lines: number, argv?: string[]) => Promise<"made" | "there">;
  stillThere: () => Promise<boolean>;
  /** Lines that have scrolled off the screen, newest last, with their colours. */
  history: (lines: number) => Promise<string>;
  end: () => Promise<void>;
  /** What shows it on a terminal. */
  attachArgv: string[];
};

/** tmux of one terminal of `user`. `name` is letters, digits and dashes. */
export function tmuxOf(run: Run, { user, cluster, name }: { user: string; cluster: string; name: string }): Tmux {
  const known = once("terminals.tmux", () => new Map<string, { found: boolean; askedAt: number }>());
  const ask = async (...args: string[]): Promise<string> => {
    const { stdout, stderr, code } = await run(["/bin/sh", "-c", SCRIPT, "sh", ...args], {
      user,
      timeoutSeconds: SECONDS,
    });
    if (code !== 0 && stdout.length === 0) throw new Error(`tmux: ${Buffer.from(stderr).toString().slice(0, 500)}`);
    return Buffer.from(stdout).toString();
  };
  const key = `${cluster} ${user}`;
  return {
    isThere: async () => {
      const before = known.get(key);
      if (before && Date.now() - before.askedAt < ASKED_AGAIN_MS) return before.found;
      const found = !(await ask("there", name)).startsWith("missing");
      known.set(key, { found, askedAt: Date.now() });
      return found;
    },
    open: async ({ cols, rows }, lines, argv = []) => {
      const answer = (await ask("open", name, String(cols), String(rows), String(lines), ...argv)).trim();
      if (answer === "made" || answer === "there") return answer;
      throw new Error(`tmux answered "${answer.slice(0, 200)}"`);
    },
    stillThere: async () => {
      const answer = (await ask("there", name)).trim();
      if (answer === "there" || answer === "gone") return answer === "there";
      // Without tmux just now nobody can say.
      throw new PortalError("cluster", "tmux does not answer on the login node.", { words: answer.slice(0, 200) });
    },
    history: (lines) => ask("history", name, String(lines)),
    end: async () => void (await ask("end", name)),
    attachArgv: ["tmux", "-L", "berth", "attach-session", "-t", `=${name}`],
  };
}
