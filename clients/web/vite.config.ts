import { resolve } from 'node:path';
import { defineConfig } from 'vite';
import { compressed } from './build/compressed.ts';

export default defineConfig({
  // Where `npm run dev -w web` finds the server that it is a page of.
  server: {
    proxy: {
      '/relay': { target: 'ws://127.0.0.1:7300', ws: true },
      ...Object.fromEntries(['/api', '/files', '/diagnostics'].map((path) => [path, 'http://127.0.0.1:7300'])),
    },
  },
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    emptyOutDir: true,
    // The pages' policy allows no data: scripts, and small files are cheap over one connection.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // three is the bulk of it; what counts is the size that is sent, which a test limits.
    chunkSizeWarningLimit: 1000,
    rollupOptions: { input: ['index.html', 'monitor/index.html'].map((page) => resolve(import.meta.dirname, page)) },
  },
  plugins: [compressed()],
});
