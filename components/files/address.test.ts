import { describe, expect, it } from "vitest";
import { crumbsOf, placeOf } from "@/components/files/address";
import { paths } from "@/lib/paths";

describe("an address", () => {
  it.each(["~", "~/runs", "/", "/home/alice", "/data/100%25 %FF", "/~shared/x", "/a/b?c#d"])(
    "leads back to %s",
    (path) => {
      const { pathname } = new URL(paths.folder("hpc", path), "http://portal.test");
      const same = path === "/~shared/x" ? "/%7Eshared/x" : path;
      expect(placeOf(pathname)).toEqual({ cluster: "hpc", path: same });
    },
  );

  it("without a path is the cluster's own page, and without a cluster nothing", () => {
    expect(placeOf("/files/hpc")).toEqual({ cluster: "hpc", path: null });
    expect(placeOf("/files")).toBeNull();
    expect(placeOf("/files/hpc/%")).toEqual({ cluster: "hpc", path: "/%" });
  });
});

describe("crumbs", () => {
  it("begin at the root that the folder is in", () => {
    const crumbs = crumbsOf("/home/alice/a%25b/c", "/home/alice");
    expect(crumbs.map(({ name }) => name)).toEqual(["alice", "a%b", "c"]);
    expect(crumbs.at(-1)?.path).toBe("/home/alice/a%25b/c");
  });

  it("do not take a sibling of the root for something inside it", () => {
    expect(crumbsOf("/home/alice2", "/home/alice").map(({ path }) => path)).toEqual(["/", "/home", "/home/alice2"]);
    expect(crumbsOf("/srv", "/").map(({ path }) => path)).toEqual(["/", "/srv"]);
  });
});
