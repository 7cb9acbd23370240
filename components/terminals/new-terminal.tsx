"use client";
// Asking for a terminal: on a cluster's login node, or inside a session that runs.
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { clusters } from "@/components/clusters/queries";
import { sessionName } from "@/components/sessions/describe";
import { liveSessions } from "@/components/sessions/queries";
import { useOpenTerminal } from "@/components/terminals/use-open-terminal";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions } from "@/components/ui/dialog";
import { Field, Input, Problems, Select } from "@/components/ui/field";
import { can } from "@/lib/sessions/rules";
import type { NewTerminal } from "@/lib/terminals/schema";

type Props = { open: boolean; onClose: () => void };

export function NewTerminalDialog({ open, onClose }: Props) {
  const t = useTranslations("terminals");
  return (
    <Dialog open={open} onClose={onClose} title={t("newTitle")}>
      <NewTerminalForm onClose={onClose} />
    </Dialog>
  );
}

function NewTerminalForm({ onClose }: { onClose: () => void }) {
  const t = useTranslations("terminals");
  const { data: known = [], isPending } = useQuery(clusters);
  const running = (useQuery(liveSessions).data ?? []).filter((session) => can(session, "enter").allowed);
  const [place, setPlace] = useState("");
  const [name, setName] = useState("");
  const create = useOpenTerminal();
  const places: { key: string; label: string; wish: NewTerminal }[] = [
    ...known.map((cluster) => ({
      key: cluster.name,
      // The one-machine engine has no login node.
      label: cluster.kind === "local" ? cluster.title : t("login", { cluster: cluster.title }),
      wish: { cluster: cluster.name },
    })),
    ...running.map((session) => ({
      key: `${session.cluster}/${session.id}`,
      label: t("inside", { name: sessionName(session) }),
      wish: { cluster: session.cluster, sessionId: session.id },
    })),
  ];
  // A session that has ended meanwhile is nobody's wish for a login node.
  const chosen = place === "" ? places[0] : places.find(({ key }) => key === place);
  const isGone = place !== "" && !chosen;
  const submit = () => {
    if (!chosen) return;
    const named = name.trim();
    create.mutate({ ...chosen.wish, ...(named ? { name: named } : {}) }, { onSuccess: onClose });
  };
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Field label={t("where")} hint={chosen?.wish.sessionId ? t("insideHint") : null}>
        <Select value={chosen?.key ?? place} onChange={(event) => setPlace(event.target.value)}>
          {isGone ? <option value={place}>{t("placeGone")}</option> : null}
          {places.map(({ key, label }) => (
            <option key={key} value={key}>
              {label}
            </option>
          ))}
        </Select>
      </Field>
      <Field label={t("name")} hint={t("nameHint")} optional={t("optional")}>
        <Input value={name} maxLength={60} onChange={(event) => setName(event.target.value)} />
      </Field>
      <Problems problems={create.error ? [{ message: create.error.message }] : []} />
      <DialogActions>
        <Button onClick={onClose}>{t("cancel")}</Button>
        {/* Until the clusters are known there is nothing to open: a press would do nothing, and say nothing. */}
        <Button
          look="primary"
          type="submit"
          busy={create.isPending || isPending}
          reason={isGone ? t("placeGone") : null}
        >
          {t("open")}
        </Button>
      </DialogActions>
    </form>
  );
}
