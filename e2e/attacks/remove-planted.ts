// Before each file of attacks, which share a process.
import { afterAll } from "vitest";
import { removePlanted } from "./planted-rows";

afterAll(removePlanted);
