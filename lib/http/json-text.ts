// JSON as an API may accept it: JSON.parse, but no key twice in one object (parsers disagree about which one counts)
// and no key that could reach an object's prototype.
import { PortalError } from "@/lib/errors";

const RESERVED = new Set(["__proto__", "constructor", "prototype"]);
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],]/g;

type Level = { keys: Set<string>; expectsKey: boolean };

function refuse(sentence: string): never {
  throw new PortalError("invalid", sentence);
}

function checkKey(level: Level, quoted: string): void {
  // Decoded, so that "__proto__" spelled with \u escapes is seen as well.
  const key = String(JSON.parse(quoted));
  if (RESERVED.has(key)) refuse(`The body may not have a key called ${key}.`);
  if (level.keys.has(key)) refuse("The body has a key twice.");
  level.keys.add(key);
  level.expectsKey = false;
}

/** Walks the tokens of a text that JSON.parse has already accepted. */
function checkKeys(text: string): void {
  const levels: Level[] = [];
  for (const [token] of text.matchAll(TOKEN)) {
    const level = levels.at(-1);
    if (token === "{") levels.push({ keys: new Set(), expectsKey: true });
    else if (token === "[") levels.push({ keys: new Set(), expectsKey: false });
    else if (token === "}" || token === "]") levels.pop();
    // An array's level never has keys, so only an object expects one again after a comma.
    else if (token === ",") {
      if (level && level.keys.size > 0) level.expectsKey = true;
    } else if (level?.expectsKey) checkKey(level, token);
  }
}

/** The value of a JSON text, or `invalid`. */
export function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    refuse("The body is not JSON.");
  }
  checkKeys(text);
  return value;
}
