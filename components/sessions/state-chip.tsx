"use client";
// A session's state, or the reason of its end, as icon + word + colour.
import {
  Ban,
  CircleCheck,
  CircleSlash,
  CircleStop,
  Clock3,
  Hourglass,
  type LucideIcon,
  MemoryStick,
  MoonStar,
  OctagonX,
  Send,
  ServerCrash,
  SkipForward,
  Square,
  TimerOff,
  Unplug,
  Zap,
} from "lucide-react";
import { useTranslations } from "next-intl";
import { Chip, type Tone } from "@/components/ui/chip";
import type { EndReason, SessionState, SessionView } from "@/lib/sessions/schema";

type Face = { tone: Tone; icon: LucideIcon };

const states: Record<SessionState, Face> = {
  submitting: { tone: "wait", icon: Send },
  queued: { tone: "wait", icon: Hourglass },
  starting: { tone: "info", icon: Zap },
  ready: { tone: "ok", icon: CircleCheck },
  stopping: { tone: "info", icon: CircleStop },
  ended: { tone: "calm", icon: Square },
};

const ends: Record<EndReason, Face> = {
  stopped: { tone: "calm", icon: CircleStop },
  idle: { tone: "calm", icon: MoonStar },
  deadline: { tone: "calm", icon: Clock3 },
  finished: { tone: "calm", icon: CircleCheck },
  failed: { tone: "bad", icon: OctagonX },
  "out-of-memory": { tone: "bad", icon: MemoryStick },
  "time-limit": { tone: "bad", icon: TimerOff },
  "start-timeout": { tone: "bad", icon: TimerOff },
  "node-failed": { tone: "bad", icon: ServerCrash },
  preempted: { tone: "bad", icon: SkipForward },
  cancelled: { tone: "calm", icon: CircleSlash },
  rejected: { tone: "bad", icon: Ban },
  lost: { tone: "bad", icon: Unplug },
};

type Props = { session: Pick<SessionView, "state" | "endReason">; className?: string };

/** Colour and icon of what it is at: the same wherever it is shown. */
export const faceOf = ({ state, endReason }: Props["session"]): Face => (endReason ? ends[endReason] : states[state]);

export const endTone = (reason: EndReason | null): Tone => (reason ? ends[reason].tone : "calm");

export function StateChip({ session, className }: Props) {
  const t = useTranslations("sessions");
  const { state, endReason } = session;
  const face = faceOf(session);
  return (
    <Chip tone={face.tone} icon={face.icon} className={className}>
      {endReason ? t(`end.${endReason}`) : t(`state.${state}`)}
    </Chip>
  );
}
