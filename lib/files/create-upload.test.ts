import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it, vi } from "vitest";
import { useDatabase } from "@/dev/test-database";
import { useHome } from "@/dev/test-home";
import { person, useFakeCluster } from "@/dev/test-sessions";
import type { PersonActor } from "@/lib/actor";
import { cluster } from "@/lib/clusters/cluster";
import { db } from "@/lib/db";
import { PortalError } from "@/lib/errors";
import { listUploads } from "@/lib/files/continue-upload";
import { createUpload } from "@/lib/files/create-upload";
import { encodePath } from "@/lib/files/rules";
import { sweepUploads } from "@/lib/files/sweep-uploads";
import { pieceType } from "@/lib/files/tus";
import { REMOVE } from "@/lib/files/upload-scripts";

useDatabase();
useFakeCluster();

const home = useHome();
let alice: PersonActor;
beforeAll(async () => {
  alice = await person("alice");
});

/** A file of five bytes for `folders`, of which two come before the client goes away. */
function brokenOff(folders: string): Request {
  const wish = { cluster: "hpc", folder: encodePath(Buffer.from(home())), folders, name: "f" };
  const metadata = Object.entries(wish).map(([key, value]) => `${key} ${Buffer.from(value).toString("base64")}`);
  const body = new ReadableStream({
    pull(controller) {
      controller.enqueue(Buffer.from("ab"));
      controller.error(new Error("away"));
    },
  });
  return new Request("http://berth.test/api/uploads", {
    method: "POST",
    headers: { "upload-metadata": metadata.join(","), "content-type": pieceType },
    body,
    duplex: "half",
    // `duplex` is not in the type yet; Node wants it for a body that streams.
  } as RequestInit);
}

const rows = () => db().upload.count({ where: { ownerId: alice.userId } });

it("of a small file whose upload breaks off nothing stays, also below folders that it brought", async () => {
  await expect(createUpload(alice, brokenOff("a/b"), 5)).rejects.toMatchObject({ code: "invalid" });
  expect(readdirSync(join(home(), "a/b"))).toEqual([]);
  expect(await rows()).toBe(0);
});

it("what cannot be removed then, because the cluster is away, is removed later, and nobody's unfinished upload", async () => {
  const { reach } = cluster("hpc");
  const { run } = reach;
  const spy = vi.spyOn(reach, "run").mockImplementation(async (argv, options) => {
    if (argv[2]?.endsWith(REMOVE)) throw new PortalError("cluster", "It is away.");
    return run(argv, options);
  });
  await expect(createUpload(alice, brokenOff("c/d"), 5)).rejects.toMatchObject({ code: "invalid" });
  spy.mockRestore();
  expect(readdirSync(join(home(), "c/d"))).toHaveLength(1);
  expect((await listUploads(alice)).items).toEqual([]);
  await sweepUploads("hpc", new Date());
  expect(readdirSync(join(home(), "c/d"))).toEqual([]);
  expect(await rows()).toBe(0);
});

it("an upload that is refused leaves no row", async () => {
  mkdirSync(join(home(), "e/f"), { recursive: true });
  await expect(createUpload(alice, brokenOff("e"), 5)).rejects.toMatchObject({ code: "denied" });
  expect(await rows()).toBe(0);
});
