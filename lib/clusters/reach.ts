// One Reach per cluster and process: connections are pooled in it, so a second one would open its own.
import { once } from "@/lib/once";
import { sshReach } from "@/lib/ssh/reach";
import type { SshReachConfig } from "@/lib/ssh/schema";
import { localReach } from "./local";
import type { Reach } from "./run";

/** The part of a cluster's settings that says where it is. Without `ssh` it is this machine. */
export type Reachable = { name: string; ssh?: SshReachConfig };

/** The same reach, for one login: everything that goes through it is done in that name. */
export const reachAs = (reach: Reach, login: string): Reach => ({
  run: (argv, options) => reach.run(argv, { ...options, login }),
  runStream: (argv, options) => reach.runStream(argv, { ...options, login }),
  terminal: (options) => reach.terminal({ ...options, login }),
  connect: (target, user) => reach.connect(target, user, login),
  close: () => reach.close(),
});

export const reachFor = ({ name, ssh }: Reachable): Reach =>
  once(`reach:${name}`, () => (ssh ? sshReach(ssh, { cluster: name }) : localReach()));
