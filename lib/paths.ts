// Every link of the product, for pages, the API client and tests.

const segments = (path: string) => path.split("/").filter(Boolean).map(encodeURIComponent);

/**
 * A path as the API writes it, as the end of an address: its "%" is encoded once more. A first segment "~" is home and
 * "~top" the top of everything, so a real name there that begins with "~" is spelled %7E.
 */
function folderSegments(path: string): string {
  if (path.startsWith("~")) return segments(path).join("/");
  return segments(path.replace(/^\/~/, "/%7E")).join("/") || "~top";
}

export const paths = {
  home: () => "/",
  signIn: () => "/sign-in",
  noAccess: () => "/no-access",
  launch: () => "/launch",
  compose: (template: string) => `/launch/${encodeURIComponent(template)}`,
  sessions: () => "/sessions",
  session: (id: string) => `/sessions/${encodeURIComponent(id)}`,
  clusters: () => "/clusters",
  terminals: () => "/terminals",
  terminal: (id: string) => `/terminals/${encodeURIComponent(id)}`,
  files: () => "/files",
  /** A cluster's folders and trash. */
  clusterFiles: (cluster: string) => `/files/${encodeURIComponent(cluster)}`,
  folder: (cluster: string, path: string) => `/files/${encodeURIComponent(cluster)}/${folderSegments(path)}`,
  /** `name` encoded, as in paths. */
  file: (cluster: string, folder: string, name: string) =>
    `/files/${encodeURIComponent(cluster)}/${folderSegments(folder)}?file=${encodeURIComponent(name)}`,
  settings: () => "/settings",
} as const;

export const api = {
  beginSignIn: () => "/api/auth/signin/oidc",
  me: () => "/api/me",
  health: () => "/api/health",
  openapi: () => "/api/openapi.json",
  /** `since`: an event's id; what came after it is told first. */
  events: (since?: string | null) => (since ? `/api/events?since=${encodeURIComponent(since)}` : "/api/events"),
  templates: () => "/api/templates",
  templateIcon: (name: string) => `/api/templates/${encodeURIComponent(name)}/icon`,
  clusters: () => "/api/clusters",
  modules: (cluster: string) => `/api/clusters/${encodeURIComponent(cluster)}/modules`,
  sessions: () => "/api/sessions",
  preview: () => "/api/sessions/preview",
  session: (id: string) => `/api/sessions/${encodeURIComponent(id)}`,
  stop: (id: string) => `/api/sessions/${encodeURIComponent(id)}/stop`,
  ticket: (id: string) => `/api/sessions/${encodeURIComponent(id)}/ticket`,
  log: (id: string) => `/api/sessions/${encodeURIComponent(id)}/log`,
  terminals: () => "/api/terminals",
  terminal: (id: string) => `/api/terminals/${encodeURIComponent(id)}`,
  terminalName: (id: string) => `/api/terminals/${encodeURIComponent(id)}/name`,
  endTerminal: (id: string) => `/api/terminals/${encodeURIComponent(id)}/end`,
  terminalTicket: (id: string) => `/api/terminals/${encodeURIComponent(id)}/ticket`,
  terminalSocket: (id: string) => `/api/terminals/${encodeURIComponent(id)}/socket`,
  fileRoots: () => "/api/files/roots",
  files: () => "/api/files",
  fileContent: () => "/api/files/content",
  fileText: () => "/api/files/text",
  fileArchive: () => "/api/files/archive",
  fileActions: () => "/api/files/actions",
  fileTrash: () => "/api/files/trash",
  uploads: () => "/api/uploads",
  uploadBatch: () => "/api/uploads/batch",
  upload: (id: string) => `/api/uploads/${encodeURIComponent(id)}`,
  finishUpload: (id: string) => `/api/uploads/${encodeURIComponent(id)}/finish`,
  tokens: () => "/api/tokens",
  token: (id: string) => `/api/tokens/${encodeURIComponent(id)}`,
  signOut: () => "/api/sign-out",
} as const;
