import { defineConfig } from "prisma/config";

// Only `prisma generate` reads this; migrations are applied by dev/migrate.ts through the engine's WebAssembly build.
export default defineConfig({ schema: "prisma/schema" });
