"use client";
// The choice of a theme, in the settings and in the user menu.
import { Monitor, Moon, Sun } from "lucide-react";
import { useTranslations } from "next-intl";
import { setTheme, themeOf, themes } from "@/components/frame/theme";
import { useTheme } from "@/components/frame/use-theme";
import { Segments } from "@/components/ui/choice";

const icons = { system: Monitor, light: Sun, dark: Moon } as const;

/** Follow the system, light or dark. */
export function ThemeSegments({ name }: { name: string }) {
  const t = useTranslations("frame");
  const options = themes.map((theme) => {
    const Icon = icons[theme];
    const label = (
      <>
        <Icon aria-hidden />
        {t(`theme.${theme}`)}
      </>
    );
    return { value: theme, label };
  });
  return (
    <Segments
      label={t("theme.label")}
      name={name}
      value={useTheme()}
      onChange={(value) => setTheme(themeOf(value))}
      options={options}
    />
  );
}
