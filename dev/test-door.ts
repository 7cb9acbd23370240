// For tests: what lib/sessions/job/door.py does at the beginning of a connection, in front of an app of the test's own.
import type { Socket } from "node:net";
import { doorProof } from "@/lib/gateway/door";

const portalLines = /^BERTH-DOOR ([0-9a-f]{32})\n(?:([0-9a-f]{64})\n)?/;

/**
 * Plays the door of a session with that secret. Calls `passed` when the portal has shown its proof, and else ends the
 * connection. Who listens to the socket from then on begins at once: what came with the proof is already there.
 */
export function playDoor(socket: Socket, secret: string, passed: () => void): void {
  const door = "0123456789abcdef0123456789abcdef";
  let said = "";
  let isShown = false;
  const hear = (data: Buffer) => {
    said += data.toString("latin1");
    const [all = "", portal, proof] = portalLines.exec(said) ?? [];
    if (portal === undefined) return void (said.length > 43 && socket.destroy());
    if (!isShown) socket.write(`${door} ${doorProof(secret, "door", { portal, door })}\n`);
    isShown = true;
    if (proof === undefined) return;
    if (proof !== doorProof(secret, "portal", { portal, door })) return void socket.destroy();
    socket.off("data", hear);
    if (said.length > all.length) socket.unshift(Buffer.from(said.slice(all.length), "latin1"));
    passed();
  };
  socket.on("data", hear);
}
