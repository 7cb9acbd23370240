"use client";
// Two steps in one dialog: what the token may do, then its secret, once.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { type SubmitEvent, useState } from "react";
import { ask } from "@/components/api";
import { tokenKey } from "@/components/tokens/queries";
import { ScopeChoice, type ScopeName } from "@/components/tokens/scope-choice";
import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";
import { Dialog, DialogActions } from "@/components/ui/dialog";
import { Field, Input, Problems, Select } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import type { NewToken } from "@/lib/auth/schema";
import { type FieldErrors, isPortalError } from "@/lib/errors";
import { api } from "@/lib/paths";

// No "never": a token that nobody remembers must end by itself.
const dayChoices = [7, 30, 90, 365];

type Props = { open: boolean; onClose: () => void };

export function CreateToken({ open, onClose }: Props) {
  const t = useTranslations("tokens");
  const client = useQueryClient();
  const create = useMutation({
    mutationFn: (body: NewToken) => ask<"createToken">(api.tokens(), { method: "POST", body }),
    onSuccess: () => client.invalidateQueries({ queryKey: tokenKey }),
  });
  // The secret is in the mutation's answer: forgotten here, it is nowhere.
  const close = () => {
    create.reset();
    onClose();
  };
  const made = create.data;
  return (
    <Dialog
      open={open}
      onClose={close}
      mustAnswer={made !== undefined || create.isPending}
      title={made ? t("madeTitle", { name: made.name }) : t("create")}
      className="max-w-lg"
    >
      {made ? (
        <Secret secret={made.secret} onDone={close} />
      ) : (
        <TokenForm busy={create.isPending} error={create.error} onSubmit={create.mutate} onCancel={close} />
      )}
    </Dialog>
  );
}

function Secret({ secret, onDone }: { secret: string; onDone: () => void }) {
  const t = useTranslations("tokens");
  return (
    <>
      <Notice tone="wait">{t("secretOnce")}</Notice>
      <output aria-label={t("secret")} className="block rounded-md bg-sunk px-3.5 py-3 font-mono text-sm break-all">
        {secret}
      </output>
      <DialogActions>
        <CopyButton text={secret} label={t("copySecret")} done={t("copied")} size="md" />
        <Button look="primary" onClick={onDone}>
          {t("done")}
        </Button>
      </DialogActions>
    </>
  );
}

type FormProps = { busy: boolean; error: Error | null; onSubmit: (token: NewToken) => void; onCancel: () => void };

function TokenForm({ busy, error, onSubmit, onCancel }: FormProps) {
  const t = useTranslations("tokens");
  const [name, setName] = useState("");
  const [days, setDays] = useState(30);
  // The least a script needs; more is a choice.
  const [scopes, setScopes] = useState<ScopeName[]>(["sessions:read"]);
  const fields: FieldErrors = (isPortalError(error) && error.fields) || {};
  const of = (field: string) => (fields[field] ? [{ message: fields[field] }] : []);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!busy) onSubmit({ name, days, scopes });
  };
  return (
    <form onSubmit={submit} className="grid gap-4" noValidate>
      <Field label={t("name")} hint={t("nameHint")} problems={of("name")}>
        <Input autoFocus value={name} maxLength={80} onChange={(event) => setName(event.target.value)} />
      </Field>
      <ScopeChoice scopes={scopes} onChange={setScopes} problems={of("scopes")} />
      <Field label={t("expiry")} problems={of("days")}>
        <Select value={days} onChange={(event) => setDays(Number(event.target.value))}>
          {dayChoices.map((choice) => (
            <option key={choice} value={choice}>
              {t("days", { count: choice })}
            </option>
          ))}
        </Select>
      </Field>
      {error && Object.keys(fields).length === 0 ? <Problems problems={[{ message: error.message }]} /> : null}
      <DialogActions>
        <Button onClick={onCancel} disabled={busy}>
          {t("cancel")}
        </Button>
        <Button type="submit" look="primary" busy={busy}>
          {t("create")}
        </Button>
      </DialogActions>
    </form>
  );
}
