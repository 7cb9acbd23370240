// What takes longer with the portal itself: random kills, many sessions and terminals across a restart, a second portal.
import { useGround } from "./ground";
import { otherKills } from "./kills";
import { plan } from "./plan";
import { restarts, secondPortals } from "./restarts";

const ground = useGround();

otherKills(ground);
// The round with the default waits is one alone: it may take what the machine has.
restarts(ground, plan().waits === "default" ? { sessions: 100, terminals: 20 } : { sessions: 30, terminals: 9 });
secondPortals(ground);
