// scontrol's one-line records: "Key=value Key=value Reason=two words [slurm@...]". Pure.

/**
 * One record per line. Values may hold spaces: they end where the next ` Key=` begins. Of a key that comes twice the first
 * counts: an administrator's free text (Comment, Extra, Reason) comes last and must not overrule what Slurm says.
 */
export function parseRecords(text: string): Map<string, string>[] {
  return text
    .split("\n")
    .filter((line) => /^\S+=/.test(line))
    .map((line) => new Map(fieldsOf(line).reverse()));
}

function fieldsOf(line: string): [string, string][] {
  const starts = [...line.matchAll(/(?:^| )([A-Z][A-Za-z:/_]*)=/g)];
  return starts.map((match, index) => {
    const from = (match.index ?? 0) + match[0].length;
    return [match[1] ?? "", line.slice(from, starts[index + 1]?.index).trim()];
  });
}

/** `Key = value` lines of `scontrol show config`. */
export function parseConfig(text: string): Map<string, string> {
  const lines = text.matchAll(/^([A-Za-z][\w-]*)\s+=[ \t]*(.*)$/gm);
  return new Map([...lines].map(([, key = "", value = ""]) => [key, value.trim()]));
}
