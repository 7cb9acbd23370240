import type { ReactNode } from "react";

/** One thing at a time, in the middle of the page. */
export default function AuthLayout({ children }: { children: ReactNode }) {
  return (
    <main className="dots grid min-h-dvh grid-cols-[minmax(0,28rem)] content-center justify-center px-3 py-10">
      {children}
    </main>
  );
}
