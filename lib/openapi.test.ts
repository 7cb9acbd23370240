import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { useConfig } from "@/dev/test-portal";
import { endpoints } from "@/lib/endpoints";
import { openapi } from "@/lib/openapi";

/** next-auth answers here by itself; these addresses belong to the sign-in protocol, not to the API. */
const protocol = "/api/auth/[...step]";

function routes(folder = "app/api"): { path: string; methods: string[] }[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = join(folder, entry.name);
    if (entry.isDirectory()) return routes(file);
    if (entry.name !== "route.ts") return [];
    const found = readFileSync(file, "utf8").matchAll(
      /export (?:const|async function|function) (GET|HEAD|POST|PUT|PATCH|DELETE)\b/g,
    );
    return [{ path: folder.slice("app".length), methods: [...found].map((match) => match[1] ?? "") }];
  });
}

const described = Object.values(endpoints).map(({ method, path }) => `${method} ${path}`);

describe("the endpoint table", () => {
  it("names every route under app/api, and nothing that is not there", () => {
    const there = routes()
      .filter(({ path }) => path !== protocol)
      .flatMap(({ path, methods }) => methods.map((method) => `${method} ${path.replaceAll(/\[(\w+)\]/g, "{$1}")}`));
    expect(there.toSorted()).toEqual(described.toSorted());
  });

  it("is what the OpenAPI document says, with its schemas", () => {
    useConfig({});
    const document = openapi();
    const said = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
      Object.keys(methods ?? {}).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(said.toSorted()).toEqual(described.toSorted());
    const create = JSON.stringify(document.paths?.["/api/sessions"]?.post);
    for (const name of ["memoryGiB", "Idempotency-Key", "application/problem+json", "201"])
      expect(create).toContain(name);
  });

  it("demands only the headers and bodies without which a request is refused", () => {
    useConfig({});
    const { paths = {}, components } = openapi();
    const required = (parameters: unknown) =>
      (parameters as { name: string; required?: boolean }[]).filter((it) => it.required).map(({ name }) => name);
    const content = paths["/api/files/content"];
    expect(required(content?.get?.parameters)).toEqual(["cluster", "path"]);
    expect(required(content?.put?.parameters)).toEqual(["cluster", "path"]);
    expect(required(paths["/api/sessions"]?.post?.parameters)).toEqual(["Idempotency-Key"]);
    expect(required(paths["/api/uploads"]?.post?.parameters)).toContain("Upload-Metadata");
    expect(Object.keys(content?.get?.responses ?? {})).toEqual(["200", "206", "304", "416", "default"]);
    const bodyOf = (path: string) => paths[path]?.post?.requestBody;
    expect(bodyOf("/api/users/{id}/disable")).toMatchObject({ required: false });
    expect(bodyOf("/api/sessions")).toMatchObject({ required: true });
    expect(components?.securitySchemes?.cookie).toMatchObject({ name: expect.stringMatching(/^__Host-berth-\d+$/) });
  });
});
