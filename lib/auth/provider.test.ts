import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { useConfig } from "@/dev/test-portal";
import { endSessionUrl } from "@/lib/auth/provider";

describe("the address that ends the login at the provider", () => {
  beforeEach(() => {
    useConfig({ url: "https://berth.example", signIn: { issuer: "https://idp.example" } });
    const about = { end_session_endpoint: "https://idp.example/end" };
    vi.stubGlobal("fetch", async () => Response.json(about));
  });
  afterEach(() => void vi.unstubAllGlobals());

  const asked = async (idToken: string) => Object.fromEntries(new URL(await endSessionUrl(idToken)).searchParams);
  const always = { client_id: "berth", post_logout_redirect_uri: "https://berth.example/sign-in" };

  it("names whose login it is", async () => {
    expect(await asked("a.b.c")).toEqual({ ...always, id_token_hint: "a.b.c" });
  });

  it("stays short enough for every server, however many groups the token names", async () => {
    expect(await asked("x".repeat(9000))).toEqual(always);
  });
});
