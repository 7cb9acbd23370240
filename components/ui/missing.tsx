// A whole page's answer to an address that leads to nothing of this person's.
import { SearchX } from "lucide-react";
import type { ReactNode } from "react";
import { Empty } from "@/components/ui/empty";

export function Missing({ title, text, action }: { title: string; text: string; action: ReactNode }) {
  return (
    <div className="card">
      {/* The words below are no heading, and a page without one is hard to find one's way in by ear. */}
      <h1 className="sr-only">{title}</h1>
      <Empty icon={SearchX} title={title} text={text} action={action} />
    </div>
  );
}
