import type { ReactNode } from "react";

/** One thing at a time, in the middle of the page. */
export default function AuthLayout({ children }: { children: ReactNode }) {
  return (
    <main className="dots grid min-h-dvh place-items-center px-4 py-10">
      <div className="w-full max-w-md">{children}</div>
    </main>
  );
}
