// The document around every page. The theme is in its first byte, from a cookie: no flash and no inline script.
import type { Metadata, Viewport } from "next";
import { cookies } from "next/headers";
import { connection } from "next/server";
import type { ReactNode } from "react";
import { compiledMessages } from "@/components/compiled-messages";
import { Providers } from "@/components/frame/providers";
import { themeCookie, themeOf } from "@/components/frame/theme";
import { locale } from "@/components/messages";
import { config } from "@/lib/config";
import "./globals.css";

export async function generateMetadata(): Promise<Metadata> {
  // The name is of the portal that runs, not of the one where it was built.
  await connection();
  const { title } = config().branding;
  return {
    title: { default: title, template: `%s · ${title}` },
    description: "Interactive sessions on the cluster",
    manifest: "/manifest.webmanifest",
    icons: { icon: "/icons/berth.svg", apple: "/icons/apple-touch-icon.png" },
    referrer: "same-origin",
    robots: { index: false },
  };
}

export const viewport: Viewport = {
  width: "device-width",
  initialScale: 1,
  viewportFit: "cover",
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#f9fbfc" },
    { media: "(prefers-color-scheme: dark)", color: "#0d1215" },
  ],
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  const theme = themeOf((await cookies()).get(themeCookie)?.value);
  return (
    <html lang={locale} data-theme={theme === "system" ? undefined : theme} suppressHydrationWarning>
      <body>
        <Providers locale={locale} messages={compiledMessages}>
          {children}
        </Providers>
      </body>
    </html>
  );
}
