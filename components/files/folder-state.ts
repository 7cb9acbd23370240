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
