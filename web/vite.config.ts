import { svelte } from '@sveltejs/vite-plugin-svelte'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

// The schema is in the page as base64, in which what is said twice does not look the same twice: it does not compress. As the bytes themselves
// it is 6 kB smaller over the wire, and base64 again before anybody reads it.
const schemaAsBytes: Plugin = {
  name: 'schema-as-bytes',
  apply: 'build',
  renderChunk: (code) => code.replace(/fileDesc\("([A-Za-z0-9+/]+=*)"/g, (_, base64: string) => `fileDesc(btoa(${JSON.stringify(atob(base64))})`),
}

// The build must give the same bytes every time: names come from content, nothing from the clock. Everything the page
// needs is in files of its own, so that a Content-Security-Policy without 'unsafe-inline' holds.
export default defineConfig({
  plugins: [svelte(), schemaAsBytes],
  build: {
    target: 'es2022',
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    reportCompressedSize: true,
  },
  server: { proxy: { '/api': { target: 'http://127.0.0.1:8080', ws: true } } },
  test: { include: ['src/**/*.test.ts'], environment: 'node', testTimeout: 60_000 }, // a busy machine is no fault
})
