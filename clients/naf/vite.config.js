import { defineConfig } from 'vite';

// One file for a <script> tag, with everything in it. The modules for bundlers are what the compiler made.
export default defineConfig({
  build: {
    lib: { entry: 'src/index.ts', formats: ['iife'], name: 'RelayNaf', fileName: () => 'relay-naf.js' },
    outDir: 'dist',
    emptyOutDir: false,
    minify: true,
    sourcemap: true,
    target: 'es2022',
  },
});
