// Runs browser_page.mjs in headless Chromium, from an origin of its own: node chromium.mjs URL
import { createServer } from "node:http";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { build } from "esbuild";
import { chromium } from "playwright-core";

const [baseUrl] = process.argv.slice(2);
const bundle = await build({
  entryPoints: [new URL("browser_page.mjs", import.meta.url).pathname],
  bundle: true,
  write: false,
  format: "iife",
  logLevel: "error",
});
const script = bundle.outputFiles[0].text;
const page_server = createServer((request, response) => {
  response.setHeader("content-type", request.url === "/page.js" ? "text/javascript" : "text/html");
  response.end(request.url === "/page.js" ? script : '<!doctype html><script src="/page.js"></script>');
});
await new Promise((resolve) => page_server.listen(0, "127.0.0.1", resolve));

const profile = mkdtempSync(join(tmpdir(), "rustbill-chromium-"));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
let passed = 0;
let failed = 0;
try {
  const page = await browser.newPage();
  page.on("console", (message) => {
    if (/^(ok|FAILED) /.test(message.text())) console.log(message.text());
  });
  await page.goto(`http://127.0.0.1:${page_server.address().port}/`);
  for (const result of await page.evaluate((url) => globalThis.runStories(url), baseUrl)) {
    passed += result.passed;
    failed += result.failed;
  }
} finally {
  await browser.close();
  page_server.close();
  rmSync(profile, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
