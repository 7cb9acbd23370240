// Messages as the browser gets them: ICU syntax parsed here, on the server, once. Spares every first visit the parser.
import compile from "icu-minify/compile";
import { type Messages, messages } from "@/components/messages";

type Tree = { [key: string]: string | Tree };

const compileTree = (tree: Tree): Tree =>
  Object.fromEntries(
    Object.entries(tree).map(([key, value]) => [
      key,
      // The compiled form is an array or a string, which only the formatter looks into.
      typeof value === "string" ? (compile(value) as string) : compileTree(value),
    ]),
  );

/**
 * Same keys, other leaves: the type of the keys is what translations are checked against.
 * The compiler makes objects without a prototype, which React does not pass to the browser; JSON makes plain ones.
 */
export const compiledMessages: Messages = JSON.parse(JSON.stringify(compileTree(messages)));
