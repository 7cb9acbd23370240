// Terminals that the cluster itself holds, in tmux(1) where it is installed: they outlive a lost connection and a restart of
// the portal. A server of our own name and without anybody's tmux.conf, with everything of tmux hidden that would show.
import type { Run } from "@/lib/clusters/run";
import { PortalError } from "@/lib/errors";
import { once } from "@/lib/once";

const ASKED_AGAIN_MS = 600_000;
const SECONDS = 15;

/**
 * All tmux there is to a terminal: constants; name, size and command are arguments. Its socket is in the person's own home,
 * named after the machine, because homes are shared and a socket is not: of /tmp/tmux-<uid> anybody may have been the
 * first maker, and tmux refuses that. Where a home will not do, because its path is too long or nothing may be written,
 * it is tmux's own place. Another port of sshd than 22 is part of the name: at two ports may be two clusters, whose shells
 * must not be in one server, with the environment of whichever came first and gone when that one goes.
 */
const SCRIPT = `
command -v tmux >/dev/null 2>&1 || { echo missing; exit 0; }
what=$1 name=$2 home=$HOME/.berth/tmux
port=\${SSH_CONNECTION##* }
[ "$port" = 22 ] && port=
in_home() { how=-S where=$home/$(uname -n)\${port:+.$port}; }
in_tmp() { how=-L where=berth\${port:+.$port}; }
# -u: without a locale tmux would write _ for every letter that is not ASCII.
apart=
t() { $apart tmux -u "$how" "$where" -f /dev/null "$@"; }
# Where it fails, words are what keeps tmux from saying whether it is there; none where it says that it is not. The words of
# 1.8 and later, also for a place where no socket can be.
has() {
  words=$(t has-session -t "=$name" 2>&1) && return
  case $words in
  "can't find session"*|"session not found"*|"no server running"*|"failed to connect to server") words= ;;
  "error connecting to"*"(No such file or directory)"|"failed to connect to server: No such file or directory") words= ;;
  "error connecting to"*"(Connection refused)"|"failed to connect to server: Connection refused") words= ;;
  "error connecting to"*"(File name too long)"|*"has unsafe permissions"|"can't create socket"*) words= ;;
  "couldn't create directory"*|"error creating"*) words= ;;
  "") words="tmux failed and said nothing" ;;
  esac
  return 1
}
find() { in_home; has && return; unsure=$words; in_tmp; has && return; unsure=\${unsure:-$words}; return 1; }
# Whoever cannot be sure says why instead.
gone() { echo "\${unsure:-gone}"; }
put() { t set-option "$@" >/dev/null 2>&1; }
# From 3.2 on its control mode waits for a reader that is slow; before, it would take memory without end.
can_control() {
  version=$(tmux -V) version=\${version#tmux } version=\${version#next-}
  case $version in [0-2].*|3.[01]|3.[01][!0-9]*) return 1 ;; [0-9]*) return 0 ;; *) return 1 ;; esac
}
# Attached by control mode, what programs write goes to the page as it is, so their terminal is the page's.
term=screen-256color; can_control && term=xterm-256color
# Where logind ends what a login leaves behind (logind.conf(5), KillUserProcesses), what is in a scope of the person's own
# manager stays, if that may linger.
stay() {
  loginctl show-user "$(id -u)" -p Linger 2>/dev/null | grep -qx Linger=yes || return 0
  systemd-run --user --scope --quiet true 2>/dev/null && apart="systemd-run --user --scope --quiet"
}
# All at once; where a version lacks an option, which drops everything behind it, the shell alone, and then what it has.
make() {
  stay
  t start-server \\; set-option -g history-limit "$lines" \\; set-option -g default-terminal "$term" \\; \\
    set-option -g status off \\; set-option -g prefix None \\; set-option -g mouse off \\; set-option -g set-titles off \\; \\
    set-option -s escape-time 0 \\; set-option -s set-clipboard off \\; set-option -s exit-empty on \\; \\
    set-option -g window-size latest \\; set-environment -g COLORTERM truecolor \\; \\
    new-session -d -s "$name" -x "$cols" -y "$rows" "$@" 2>/dev/null || {
    t start-server \\; set-option -g history-limit "$lines" \\; set-option -g default-terminal "$term" \\; \\
      new-session -d -s "$name" -x "$cols" -y "$rows" "$@" 2>/dev/null ||
      t new-session -d -s "$name" -x "$cols" -y "$rows" "$@" || return 1
    apart=
    t set-environment -g COLORTERM truecolor
    put -g status off; put -g prefix None; put -g mouse off; put -g set-titles off
    put -s escape-time 0; put -s set-clipboard off; put -s exit-empty on; put -g window-size latest
  }
  apart=
  t show-options -s 2>/dev/null | grep -q smcup@ || put -sa terminal-overrides ',*:Tc:smcup@:rmcup@'
  # There, or ended already; or made, but not to be found by its whole name (tmux before 2.1).
  { has || ! t has-session -t "$name" 2>/dev/null; } && return 0
  t kill-session -t "$name"
  return 1
}
own() { (umask 077; mkdir -p "$home") && chmod 700 "$home" && [ -w "$home" ]; } 2>/dev/null
case $what in
open)
  find && { echo there; exit 0; }
  [ "$unsure" ] && { gone; exit 0; }
  cols=$3 rows=$4 lines=$5
  shift 5
  # By these two, which -e of new-session does not keep away, the person's own tmux would take our server for its own.
  # As one word, which the person's own shell reads, csh too: before tmux 2.0 a second one is an error.
  if [ $# -gt 0 ]; then set -- /bin/sh -c 'unset TMUX TMUX_PANE; exec "$@"' sh "$@"
  else set -- 'exec /bin/sh -c '\\''unset TMUX TMUX_PANE; exec "\${SHELL:-/bin/sh}" -l'\\'; fi
  { own && in_home && make "$@"; } || { in_tmp; make "$@"; } || exit 1
  echo made ;;
attach)
  find || exit 1
  exec tmux -u "$how" "$where" -f /dev/null attach-session -t "=$name" ;;
how) can_control && echo control || echo drawn ;;
control)
  find || exit 1
  # One whose connection is lost would read no more, and tmux keeps for it what it has not read.
  t list-clients -t "=$name" -F '#{client_control_mode} #{client_pid}' | while read -r control pid; do
    [ "$control" = 1 ] && kill "$pid"
  done
  stty raw -echo
  # Behind whatever a login shell has printed.
  echo
  exec tmux -u "$how" "$where" -f /dev/null -C attach-session -t "=$name" ;;
there) find && echo there || gone ;;
history)
  find || exit 1
  # Where there is no line above the screen, it would be the screen's first.
  [ "$(t display-message -p -t "=$name:" "#{history_size}" 2>/dev/null)" = 0 ] && exit 0
  t capture-pane -p -e -J -t "=$name:" -S -"$3" -E -1 2>/dev/null ;;
end)
  find || { gone; exit 0; }
  t kill-session -t "=$name" || { ! has && [ -z "$words" ]; } || exit 1
  echo ended ;;
esac
`;

export type Tmux = {
  /** Whether the cluster has tmux, asked as the person; that it has is remembered for ten minutes. */
  isThere: () => Promise<boolean>;
  /** Makes the session unless it is there. `argv` absent: a login shell. Throws an Error when tmux will not. */
  open: (size: { cols: number; rows: number }, lines: number, argv?: string[]) => Promise<"made" | "there">;
  /** Throws PortalError `cluster` with tmux's words when it cannot say. */
  stillThere: () => Promise<boolean>;
  /** Lines that have scrolled off the screen, newest last, with their colours. */
  history: (lines: number) => Promise<string>;
  /** Gone: there is none on the machine that answered. Throws an Error when tmux will not. */
  end: () => Promise<"ended" | "gone">;
  /** Whether it hands on what the program writes; else it draws, and lines that scroll past between two drawings are lost. */
  handsOn: () => Promise<boolean>;
  /** What draws it on a terminal. */
  attachArgv: string[];
  /** What hands it on, for throughControl(). */
  controlArgv: string[];
};

/** tmux of one terminal of `user`. `name` is letters, digits and dashes. */
export function tmuxOf(run: Run, { user, cluster, name }: { user: string; cluster: string; name: string }): Tmux {
  /** When it was found last. That it was not may be true for a moment only. */
  const foundAt = once("terminals.tmux", () => new Map<string, number>());
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
      if (Date.now() - (foundAt.get(key) ?? 0) < ASKED_AGAIN_MS) return true;
      if ((await ask("there", name)).startsWith("missing")) return false;
      foundAt.set(key, Date.now());
      return true;
    },
    open: async ({ cols, rows }, lines, argv = []) => {
      const command = argv.map((word) => word.replace(/;$/, "\\;"));
      const answer = (await ask("open", name, String(cols), String(rows), String(lines), ...command)).trim();
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
    end: async () => {
      const answer = (await ask("end", name)).trim();
      if (answer === "ended" || answer === "gone") return answer;
      throw new Error(`tmux answered "${answer.slice(0, 200)}"`);
    },
    handsOn: async () => (await ask("how", name)).trim() === "control",
    controlArgv: ["/bin/sh", "-c", SCRIPT, "sh", "control", name],
    attachArgv: ["/bin/sh", "-c", SCRIPT, "sh", "attach", name],
  };
}
