// The one private module of ssh2 that internals.ts needs. ssh2 is pinned to an exact version for it.
declare module "ssh2/lib/protocol/utils.js" {
  const utils: { sendPacket(protocol: unknown, packet: unknown): boolean };
  export default utils;
}
