import { randomBytes } from "node:crypto";
import { beforeAll, expect, it, vi } from "vitest";
import { useDatabase } from "@/dev/test-database";
import { useHome } from "@/dev/test-home";
import { person, useFakeCluster } from "@/dev/test-sessions";
import type { PersonActor } from "@/lib/actor";
import { cluster } from "@/lib/clusters/cluster";
import { db } from "@/lib/db";
import { finishAgain, uploadOffset } from "@/lib/files/continue-upload";
import { encodePath } from "@/lib/files/rules";
import { finishUpload, insertUpload } from "@/lib/files/store";

useDatabase();
useFakeCluster();

const home = useHome();
let alice: PersonActor;
beforeAll(async () => {
  alice = await person("alice");
});

/** An upload whose partial file is gone. */
async function gone(): Promise<string> {
  const id = randomBytes(16).toString("hex");
  const where = { cluster: "hpc", unixAccount: "alice", folder: encodePath(Buffer.from(home())), name: "a" };
  await insertUpload(db(), { id, ownerId: alice.userId, ...where, size: 3n, overwrite: false });
  return id;
}

/** Another portal notes that it has finished `id`, after the cluster said here that there is no partial file. */
function finishedMeanwhile(id: string) {
  const { reach } = cluster("hpc");
  const { run } = reach;
  return vi.spyOn(reach, "run").mockImplementation(async (argv, options) => {
    const answer = await run(argv, options);
    if (answer.code !== 0) await finishUpload(db(), id);
    return answer;
  });
}

it("an upload that another portal finishes at the same time is done", async () => {
  for (const ask of [uploadOffset, (actor: PersonActor, id: string) => finishAgain(actor, id, false)]) {
    const id = await gone();
    const spy = finishedMeanwhile(id);
    await expect(ask(alice, id)).resolves.toBeDefined();
    spy.mockRestore();
  }
});

it("an upload whose partial file is gone is not found", async () => {
  await expect(uploadOffset(alice, await gone())).rejects.toMatchObject({ code: "not_found" });
});
