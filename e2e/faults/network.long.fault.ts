// The way to the cluster is long, or ends at any byte.
import { useGround } from "./ground";
import { farAway, resetLaunches } from "./reach";

const ground = useGround();

resetLaunches(ground);
farAway(ground);
