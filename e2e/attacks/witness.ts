// Sees a whole run of attacks: sends the canaries before its first file, and notes what is soon gone again and is searched
// after its last one (secrets.last.attack.ts): every session's secret, and what every process has among its arguments.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { sendCanaries } from "@/e2e/attacks/canaries";
import { inDatabase } from "@/e2e/attacks/site";

/** What was noted; of secrets only where they are. Beside the site's facts, and gone with them. */
export type Noted = { sent: string[]; answers: string[]; commandLines: string[] };

const notedFile = (): string => join(dirname(process.env.BERTH_SITE ?? ""), "noted.json");

export function noted(): Noted {
  // Written below.
  return JSON.parse(readFileSync(notedFile(), "utf8")) as Noted;
}

/** Sealed, as the portal writes it: by the database itself, because a session may be over before anybody looks. */
const noteSecrets = `
  create schema if not exists attacks;
  create table if not exists attacks.secrets (sealed text primary key, "sessionId" text not null);
  create or replace function attacks.note_secret() returns trigger language plpgsql as $$
  begin
    insert into attacks.secrets values (new."secretSealed", new.id) on conflict do nothing;
    return null;
  end $$;
  create or replace trigger note_secret after insert or update of "secretSealed" on "Session"
    for each row when (new."secretSealed" is not null) execute function attacks.note_secret()`;

export const notedSecrets = () =>
  inDatabase<{ sessionId: string; sealed: string }>('select "sessionId", sealed from attacks.secrets');

/** Of every process of the machine. Everybody on it can read them. */
export function commandLines(): string[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      return [readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")];
    } catch {
      // It ended meanwhile.
      return [];
    }
  });
}

export default async function setup(): Promise<() => void> {
  const seen = new Set<string>();
  const look = () => {
    for (const line of commandLines()) seen.add(line);
  };
  const looking = setInterval(look, 1000);
  await inDatabase(noteSecrets);
  const { sent, answers } = await sendCanaries();
  return () => {
    clearInterval(looking);
    const all: Noted = { sent, answers, commandLines: [...seen] };
    writeFileSync(notedFile(), JSON.stringify(all), { mode: 0o600 });
  };
}
