import { defineConfig } from 'drizzle-kit';

export default defineConfig({ dialect: 'postgresql', schema: './src/twin/schema/*.ts', out: './src/twin/migrations' });
