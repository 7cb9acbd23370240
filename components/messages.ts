// Every word of the pages, one file for each noun, but for frame/last-resort.en.json, which is read where nothing of this is
// there. Another language is another set of these files.
import auth from "@/components/auth/messages.en.json";
import clusters from "@/components/clusters/messages.en.json";
import files from "@/components/files/messages.en.json";
import frame from "@/components/frame/messages.en.json";
import people from "@/components/people/messages.en.json";
import requests from "@/components/requests/messages.en.json";
import sessions from "@/components/sessions/messages.en.json";
import templates from "@/components/templates/messages.en.json";
import terminals from "@/components/terminals/messages.en.json";
import tokens from "@/components/tokens/messages.en.json";

export const messages = { auth, clusters, files, frame, people, requests, sessions, templates, terminals, tokens };
export type Messages = typeof messages;

export const locale = "en";

declare module "next-intl" {
  interface AppConfig {
    Messages: Messages;
  }
}
