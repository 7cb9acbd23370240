// What every benchmark is given.

import type { Verdict } from "./report";
import type { BenchSite } from "./site";

export type Context = { site: BenchSite; port: number; rounds: number };
export type Bench = (context: Context) => Promise<Verdict[]>;
