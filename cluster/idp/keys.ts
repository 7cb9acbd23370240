// The provider's signing key and cookie keys. Kept in a directory, so that a restart does not make every id_token that the
// portal still holds worthless; made anew each time without one.
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { JWK } from "oidc-provider";

export type Keys = { jwks: { keys: JWK[] }; cookies: string[] };

function makeKeys(): Keys {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const key = {
    ...privateKey.export({ format: "jwk" }),
    use: "sig",
    alg: "RS256",
    kid: randomBytes(8).toString("hex"),
  };
  // Node's and the provider's types of a JSON Web Key differ in how they spell the same members.
  return { jwks: { keys: [key as JWK] }, cookies: [randomBytes(32).toString("base64url")] };
}

export function loadKeys(directory?: string): Keys {
  if (!directory) return makeKeys();
  const file = join(directory, "idp-keys.json");
  // Written by the line below and readable by its owner alone.
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as Keys;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const keys = makeKeys();
  writeFileSync(file, JSON.stringify(keys), { mode: 0o600 });
  return keys;
}
