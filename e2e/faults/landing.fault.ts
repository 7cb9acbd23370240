// The quick part: one round of the faults that take seconds, on one site.
import { brokenCommits, databaseAway } from "./database";
import { useGround } from "./ground";
import { launchKills } from "./kills";
import { droppedConnections, loginNodes, providers, sleepingTabs } from "./reach";
import { restarts } from "./restarts";

const ground = useGround();

launchKills(ground);
restarts(ground, { sessions: 2, terminals: 2 });
databaseAway(ground);
brokenCommits(ground);
loginNodes(ground);
droppedConnections(ground);
providers(ground);
sleepingTabs(ground);
