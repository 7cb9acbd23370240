import { describe, expect, it } from "vitest";
import { checkedTarget } from "@/lib/gateway/target";

const nodes = ["10.1.0.0/16", "fd00:1::/64"];

describe("a target (D4)", () => {
  it.each([
    ["10.1.2.3", "10.1.2.3"],
    ["::ffff:10.1.2.3", "10.1.2.3"],
    ["fd00:1::5", "fd00:1::5"],
  ])("inside the node networks is taken: %s", async (address, host) => {
    expect(await checkedTarget(address, 40_000, nodes)).toEqual({ host, port: 40_000 });
  });

  it.each([
    "127.0.0.1",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "169.254.169.254",
    "10.2.0.1",
    "0.0.0.0",
    "::",
    "fd00:2::5",
    "fe80::1%eth0",
    "2130706433",
    "0177.0.0.1",
    "0x7f000001",
    "127.1",
    "localhost",
    "",
    "10.1.2.3:22",
    "-oProxyCommand=x",
  ])("elsewhere is refused: %s", async (address) => {
    await expect(checkedTarget(address, 40_000, nodes)).rejects.toMatchObject({ code: "cluster" });
  });

  it.each([22, 80, 1023, 2049, 5432, 6817, 6818, 65_536, 0, -1, 1.5, Number.NaN])("refuses port %s", async (port) => {
    await expect(checkedTarget("10.1.2.3", port, nodes)).rejects.toMatchObject({ code: "cluster" });
  });

  it("may be loopback only where it is listed", async () => {
    expect(await checkedTarget("localhost", 40_000, ["127.0.0.0/8", "::1/128"])).toMatchObject({ port: 40_000 });
  });
});
