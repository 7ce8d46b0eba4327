import { defineConfig } from 'drizzle-kit';

export default defineConfig({
  dialect: 'postgresql',
  schema: './src/amanat/twin/schema/*.ts',
  out: './src/amanat/twin/migrations',
});
