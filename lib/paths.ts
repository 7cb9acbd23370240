// Every link of the product, for pages, the API client and tests.

export const paths = {
  home: () => "/",
  signIn: () => "/sign-in",
  noAccess: () => "/no-access",
  launch: () => "/launch",
  compose: (template: string) => `/launch/${encodeURIComponent(template)}`,
  sessions: () => "/sessions",
  session: (id: string) => `/sessions/${encodeURIComponent(id)}`,
  clusters: () => "/clusters",
  settings: () => "/settings",
} as const;

export const api = {
  beginSignIn: () => "/api/auth/signin/oidc",
  me: () => "/api/me",
  health: () => "/api/health",
  openapi: () => "/api/openapi.json",
  events: () => "/api/events",
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
  tokens: () => "/api/tokens",
  token: (id: string) => `/api/tokens/${encodeURIComponent(id)}`,
  signOut: () => "/api/sign-out",
} as const;
