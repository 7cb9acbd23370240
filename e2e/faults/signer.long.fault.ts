// The program that signs certificates fails: what is connected goes on, what is new gets a clear answer.
import { chmodSync, chownSync, copyFileSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { expect } from "vitest";
import { api as paths } from "@/lib/paths";
import { openApp, ready, untilIn } from "./app";
import { fault } from "./fault";
import { useGround } from "./ground";
import { plan } from "./plan";
import { openShell, refusesToOpen } from "./terminal";
import { until } from "./until";

const directory = `/var/lib/berth-${plan().port}/signer`;
const isDown = `${directory}/down`;

/** As a site's own signer: reads the question, asks ssh-keygen; fails while the file `down` is there. */
const signer = `
import json, os, subprocess, sys, tempfile
if os.path.exists("${isDown}"):
    sys.exit("the signer is down")
ask = json.loads(sys.stdin.readline())
with tempfile.TemporaryDirectory() as place:
    key = os.path.join(place, "key.pub")
    with open(key, "w") as file:
        file.write(ask["publicKey"] + "\\n")
    options = [word for name in ["clear", *ask["extensions"]] for word in ("-O", name)]
    if ask["sourceAddress"]:
        options += ["-O", "source-address=" + ",".join(ask["sourceAddress"])]
    subprocess.run(["ssh-keygen", "-q", "-s", "${directory}/ca", "-I", ask["keyId"], "-n", ask["principal"], "-V", "-1m:+5m", *options, key], check=True)
    print(open(os.path.join(place, "key-cert.pub")).read(), end="")
`;

function placeSigner(data: string): void {
  const { uid, gid } = statSync(data);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { mode: 0o755 });
  copyFileSync(`${data}/ca`, `${directory}/ca`);
  chmodSync(`${directory}/ca`, 0o600);
  for (const file of [directory, `${directory}/ca`]) chownSync(file, uid, gid);
  writeFileSync(`${directory}/sign.py`, signer);
}

const ground = useGround({
  ssh: (ssh, data) => {
    placeSigner(data);
    // Soon closed when unused, so that "new" comes soon.
    return { ...ssh, ca: { command: ["/usr/bin/python3", `${directory}/sign.py`] }, idleSeconds: 5 };
  },
});

fault(
  "F23 the signer is down: connections in use go on, new ones get a clear 503",
  { seconds: 300, ground },
  async ({ api, logins, inject }) => {
    const [alice, bob] = [api("alice"), api("bob")];
    const { id } = await ready(alice);
    const app = await openApp(alice, id);
    const socket = await app.socket();
    await socket.say("before");
    const shell = await openShell(alice);
    const bobsRoots = `${paths.fileRoots()}?cluster=hpc`;
    writeFileSync(isDown, "");
    inject("the signer exits with 1");
    try {
      // An earlier round's connection is in use until it has been idle.
      await pause(6000);
      const accepted = logins.map((login) => login.accepted());
      const { status, body } = await bob.ask<{ detail: string }>(bobsRoots);
      expect([status, body.detail]).toEqual([503, expect.stringContaining("signer")]);
      const terminal = { method: "POST" as const, body: { cluster: "hpc" } };
      const refused = await bob.ask<{ detail: string }>(paths.terminals(), terminal);
      // Whose account there is known has the terminal, and hears of it when it is opened.
      if (refused.status === 201) await refusesToOpen(bob, "signer");
      else expect([refused.status, refused.body.detail]).toEqual([503, expect.stringContaining("signer")]);
      await socket.say("meanwhile");
      await shell.count();
      expect((await alice.session(id)).state).toBe("ready");
      // Nobody knocks at a login node without a certificate.
      expect(logins.map((login) => login.accepted())).toEqual(accepted);
    } finally {
      rmSync(isDown, { force: true });
    }
    await until("it works again", 60, async () => (await bob.ask(bobsRoots)).status === 200);
    await socket.say("after");
    await shell.count();
    shell.close();
    socket.close();
    await untilIn(alice, id, "ready");
  },
);
