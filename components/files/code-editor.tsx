"use client";
// CodeMirror in the portal's colours. A file of its own because it is loaded with the first text that is opened.
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import CodeMirror from "@uiw/react-codemirror";
import { useEffect, useMemo, useRef, useState } from "react";
import { languageOf } from "@/components/files/languages";

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: "var(--accent)" },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: "var(--ok)" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: "var(--wait)" },
  { tag: [tags.comment, tags.meta], color: "var(--ink3)", fontStyle: "italic" },
  { tag: [tags.typeName, tags.className, tags.tagName, tags.heading], color: "var(--info)" },
  { tag: [tags.function(tags.variableName), tags.propertyName, tags.attributeName], color: "var(--info)" },
  { tag: tags.invalid, color: "var(--bad)" },
  { tag: tags.link, textDecoration: "underline" },
]);

const look = EditorView.theme({
  "&": { backgroundColor: "var(--panel)", color: "var(--ink)", fontSize: "0.8125rem" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55" },
  ".cm-gutters": { backgroundColor: "var(--panel)", color: "var(--ink3)", borderRight: "1px solid var(--line)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in oklch, var(--sunk), transparent 40%)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "color-mix(in oklch, var(--accent), transparent 75%) !important",
  },
  ".cm-panels": { backgroundColor: "var(--raised)", color: "var(--ink)" },
  ".cm-searchMatch": { backgroundColor: "var(--wait-soft)" },
});

type Props = {
  name: string;
  label: string;
  text: string;
  readOnly: boolean;
  onChange: (text: string) => void;
  onSave: () => void;
};

export default function CodeEditor({ name, label, text, readOnly, onChange, onSave }: Props) {
  const [language, setLanguage] = useState<Extension>([]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is typed does not change the language.
  useEffect(() => {
    let isGone = false;
    const loading = languageOf(name, text)?.();
    void loading?.then((found) => !isGone && setLanguage(found));
    return () => {
      isGone = true;
    };
  }, [name]);
  const latest = useRef(onSave);
  useEffect(() => {
    latest.current = onSave;
  });
  const extensions = useMemo(() => {
    const save = () => {
      latest.current();
      return true;
    };
    return [
      keymap.of([{ key: "Mod-s", run: save, preventDefault: true }]),
      EditorView.contentAttributes.of({ "aria-label": label }),
      EditorView.lineWrapping,
      syntaxHighlighting(colours),
      language,
    ];
  }, [language, label]);
  return (
    <CodeMirror
      value={text}
      theme={look}
      readOnly={readOnly}
      height="100%"
      className="h-full"
      // Tab leaves the editor: who works without a mouse would be caught in it otherwise.
      indentWithTab={false}
      basicSetup={{ syntaxHighlighting: false }}
      extensions={extensions}
      onChange={onChange}
    />
  );
}
