// As root: what the portal's account, in which people have terminals, puts into a demo's place for root to follow.
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { testFolder } from "@/dev/test-folder";
import { clientSecret, giveDirectory, makeDirectory, makeHome, makeOwnData, writePrivate } from "./places";
import { secretFile } from "./settings";

const nobody = { uid: 65_534, gid: 65_534 };
let home: string;
let data: string;
/** Root's own. */
let target: string;
beforeEach(() => {
  const place = testFolder("places");
  chmodSync(place, 0o711);
  [home, data, target] = [join(place, "berth-1"), join(place, "berth-1/data"), join(place, "etc")];
  mkdirSync(target, { mode: 0o755 });
  writeFileSync(join(target, "shadow"), "root's", { mode: 0o640 });
});

const ownerAndMode = (path: string) => {
  const { uid, mode } = statSync(path);
  return `${uid} ${(mode & 0o777).toString(8)}`;
};
const untouched = () => [ownerAndMode(target), ownerAndMode(join(target, "shadow"))];
const rootsOwn = ["0 755", "0 640"];

const asRoot = () => {
  it("a demo's place is root's, data in it the account's, and a second start changes neither", () => {
    for (const _start of [1, 2]) {
      makeHome(home, nobody);
      giveDirectory(data, nobody);
      secretFile(data, "secret", nobody);
    }
    expect([home, data, join(data, "secret")].map(ownerAndMode)).toEqual(["0 711", "65534 700", "65534 600"]);
  });

  it("a place that an earlier version gave to the account is taken back, with its data", () => {
    mkdirSync(data, { recursive: true });
    writeFileSync(join(data, "secret"), "kept");
    for (const path of [home, data, join(data, "secret")]) chownSync(path, nobody.uid, nobody.gid);
    makeHome(home, nobody);
    giveDirectory(data, nobody);
    expect(readFileSync(secretFile(data, "secret", nobody), "utf8")).toBe("kept");
    expect([ownerAndMode(home), ownerAndMode(data)]).toEqual(["0 711", "65534 700"]);
  });

  it.each(["data", "home"])("a link in place of %s is refused, and its target keeps owner and mode", (name) => {
    makeHome(home, nobody);
    symlinkSync(target, join(home, name));
    expect(() => giveDirectory(join(home, name), nobody)).toThrow(`${name} is not as a demo leaves it`);
    expect(untouched()).toEqual(rootsOwn);
  });

  it.each(["release", "cluster"])("a %s that the account made while the place was its own is refused", (name) => {
    makeHome(home, nobody);
    mkdirSync(join(home, name));
    chownSync(join(home, name), nobody.uid, nobody.gid);
    chownSync(home, nobody.uid, nobody.gid);
    expect(() => makeHome(home, nobody)).toThrow(`${name} is not as a demo leaves it`);
    expect(ownerAndMode(home)).toBe("0 711");
  });

  it("somebody else's directory, or a link, is no place for a demo", () => {
    symlinkSync(target, home);
    expect(() => makeHome(home, nobody)).toThrow("is not as a demo leaves it");
    expect(untouched()).toEqual(rootsOwn);
    mkdirSync(`${home}-2`);
    chownSync(`${home}-2`, 1234, 1234);
    expect(() => makeHome(`${home}-2`, nobody)).toThrow("is not as a demo leaves it");
    expect(ownerAndMode(`${home}-2`)).toBe("1234 755");
  });

  it("a link in place of a file or a folder in the data leads no further than the account may go", () => {
    makeHome(home, nobody);
    giveDirectory(data, nobody);
    const shadow = join(target, "shadow");
    for (const name of ["secret", "portal.yaml"]) symlinkSync(shadow, join(data, name));
    symlinkSync(join(target, "new"), join(data, "new"));
    symlinkSync(target, join(data, "idp"));
    expect(() => secretFile(data, "secret", nobody)).toThrow("EPERM");
    expect(() => writePrivate(join(data, "portal.yaml"), "overwritten", nobody)).toThrow("EACCES");
    expect(() => secretFile(data, "new", nobody)).toThrow("EACCES");
    expect(() => makeDirectory(join(data, "idp"), nobody)).toThrow("EPERM");
    expect(untouched()).toEqual(rootsOwn);
    expect([readFileSync(shadow, "utf8"), existsSync(join(target, "new"))]).toEqual(["root's", false]);
    expect([process.geteuid?.(), process.getegid?.()]).toEqual([0, 0]);
  });
};
// Without root there is one account, and nothing to hand over.
if (process.getuid?.() === 0) describe("as root", asRoot);

it("one's own directory becomes a demo's data when it is empty or has been that before", () => {
  mkdirSync(data, { recursive: true, mode: 0o755 });
  makeOwnData(data);
  expect(statSync(data).mode & 0o777).toBe(0o700);
  secretFile(data, clientSecret, null);
  makeOwnData(data);
});

it("one's own directory with other things in it is refused and stays as it was", () => {
  expect(() => makeOwnData(target)).toThrow(`${target} holds shadow and no demo's data`);
  expect(statSync(target).mode & 0o777).toBe(0o755);
});
