import { generateKeyPairSync } from "node:crypto";
import { expect, it } from "vitest";
import { lineOfBlob, publicKeyBlob } from "@/lib/ssh/public-key";
import { sshReachSchema } from "@/lib/ssh/schema";
import { reachFor } from "./reach";

const ssh = sshReachSchema.parse({
  hosts: [{ host: "127.0.0.1", port: 1 }],
  hostKeys: [lineOfBlob(publicKeyBlob(generateKeyPairSync("ed25519").privateKey))],
  ca: { keyFile: "/no/such/key" },
});

it("a cluster has one reach per process, however often it is asked for", () => {
  expect(reachFor({ name: "one" })).toBe(reachFor({ name: "one" }));
  expect(reachFor({ name: "one" })).not.toBe(reachFor({ name: "two" }));
});

it("a cluster without ssh is this machine; one with ssh is never reached in another way", async () => {
  expect((await reachFor({ name: "here" }).run(["true"], { user: "anybody" })).code).toBe(0);
  const there = reachFor({ name: "there", ssh });
  await expect(there.run(["true"], { user: "alice" })).rejects.toMatchObject({ code: "unavailable" });
  await expect(there.run(["true"], { user: "root" })).rejects.toMatchObject({ code: "forbidden" });
});
