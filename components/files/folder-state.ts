"use client";
// How a folder is shown, in its address: a sorted and filtered folder can be linked to. The last choice about hidden files
// and the order is kept for the next folder.
import { debounce, parseAsBoolean, parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";
import { sortKeys } from "@/components/files/arrange";

const parsers = {
  sort: parseAsStringLiteral(sortKeys).withDefault("name"),
  descending: parseAsBoolean.withDefault(false),
  hidden: parseAsBoolean.withDefault(false),
  // Not an address for each letter.
  filter: parseAsString.withDefault("").withOptions({ limitUrlUpdates: debounce(250) }),
  /** The file that is looked at, as its name is written in paths. */
  file: parseAsString.withOptions({ history: "push" }),
};

export const useFolderState = () => useQueryStates(parsers);

/** Makes a link to another folder or file take along how this one is shown, but not what it is searched for. */
export function useKept(): (href: string) => string {
  const [{ sort, descending, hidden }] = useFolderState();
  const words = [
    sort === "name" ? "" : `sort=${sort}`,
    descending ? "descending=true" : "",
    hidden ? "hidden=true" : "",
  ];
  const kept = words.filter(Boolean).join("&");
  return (href) => (kept === "" ? href : `${href}${href.includes("?") ? "&" : "?"}${kept}`);
}
