// What takes longer with the portal itself: random kills, thirty sessions and nine terminals across a restart, a second portal.
import { useGround } from "./ground";
import { otherKills } from "./kills";
import { restarts, secondPortals } from "./restarts";

const ground = useGround();

otherKills(ground);
restarts(ground, { sessions: 30, terminals: 9 });
secondPortals(ground);
