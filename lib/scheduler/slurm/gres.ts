// GPUs as scontrol names them: "gpu:a100:4(S:0-1),gpu:v100:2,shard:8", in use "gpu:a100:2(IDX:0-1)",
// and without a type "gpu:(null):2(IDX:0-1)". Pure.

/** GPU type -> count. GPUs without a type count under "gpu". */
export function gpusOf(text: string | undefined): Map<string, number> {
  const counts = new Map<string, number>();
  for (const entry of (text ?? "").replace(/\((S|IDX):[^)]*\)/g, "").split(",")) {
    const [name, ...rest] = entry.trim().split(":");
    if (name !== "gpu") continue;
    const number = Number(rest.at(-1));
    const [type = "gpu"] = rest.length > 1 && rest[0] && rest[0] !== "(null)" ? rest : [];
    if (Number.isInteger(number)) counts.set(type, (counts.get(type) ?? 0) + number);
  }
  return counts;
}
