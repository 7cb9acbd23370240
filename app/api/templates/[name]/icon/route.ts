import { endpoints } from "@/lib/endpoints";
import { route } from "@/lib/route";
import { template } from "@/lib/templates/template";

export const GET = route(endpoints.templateIcon, async ({ params }) => {
  const { icon } = template(params.name);
  // Should an icon hold anything active after all, it has no origin and no right to load.
  const headers = {
    "content-type": "image/svg+xml",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'",
    "cache-control": "public, max-age=3600",
  };
  return new Response(icon, { headers });
});
