// The administrators' page in headless Chromium, as the tests of it open it.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { chromium } from "playwright-core";

// A browser that prefers Chinese. `folder` is where screenshots go.
export async function open_browser(folder) {
  const profile = mkdtempSync(join(tmpdir(), "rustbill-chromium-"));
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: "/usr/bin/chromium",
    locale: "zh-CN",
    viewport: { width: 900, height: 700 },
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
      "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  const page = await browser.newPage();
  // What the page's scripts and the browser had to complain of. Every refusal of a call is printed
  // by browsers as well, and is no complaint: the page asks, and is told no.
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    const is_refusal = /the server responded with a status of 4\d\d/.test(message.text());
    if (message.type() === "error" && !is_refusal) complaints.push(message.text());
  });
  return {
    browser,
    page,
    complaints,
    seen: (name) => page.screenshot({ path: join(folder, `${name}.png`) }),
    words: (selector) => page.locator(selector).innerText(),
    sign_in: async (password) => {
      await page.fill("#sign-in input[name=username]", "admin");
      await page.fill("#sign-in input[name=password]", password);
      await page.click("#sign-in button:not([type=button])");
    },
    close: async () => {
      await browser.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
