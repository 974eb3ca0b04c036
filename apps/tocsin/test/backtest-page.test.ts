import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { expect, test } from "vitest";
import { swinging, swings, swingsFrom, swingsTo } from "./swings.ts";
import { Desk } from "./terminal.ts";

const browser = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  (path) => existsSync(path),
);

// Only where a browser is installed (Debian: apt-get install chromium). TOCSIN_SCREENSHOT=FILE keeps a picture.
test.skipIf(browser === undefined)(
  "the page draws itself in a browser, without network",
  async () => {
    const desk = new Desk({ VICTOROPS_API_KEY: "11111111-aaaa-KEY" });
    desk.file("data.lp", swinging);
    desk.file("cpu.flux", swings(80));
    desk.file("before.flux", swings(90));
    await desk.run(
      ...["backtest", "--bucket", "b=data.lp", "--from", swingsFrom, "--to", swingsTo],
      ...["--against", "before.flux", "--html", "out.html", "cpu.flux"],
    );
    const app = await chromium.launch({
      executablePath: browser ?? "",
      args: ["--no-sandbox", "--disable-gpu"],
    });
    try {
      const page = await app.newPage({ viewport: { width: 1120, height: 900 } });
      const troubles: string[] = [];
      const asked: string[] = [];
      page.on("pageerror", (error) => troubles.push(error.message));
      page.on("console", (message) => {
        if (message.type() === "error") troubles.push(message.text());
      });
      page.on("request", (request) => asked.push(request.url()));
      const address = pathToFileURL(desk.path("out.html")).href;
      await page.goto(address);
      expect(troubles).toEqual([]);
      expect(asked).toEqual([address]);
      expect(await page.locator("canvas").count()).toBe(2);
      expect(await page.locator(".lane").count()).toBe(2);
      expect(await page.locator("rect.page").count()).toBe(7);
      expect(await page.locator("h2", { hasText: "Against before.flux" }).count()).toBe(1);
      const picture = process.env["TOCSIN_SCREENSHOT"];
      if (picture !== undefined) {
        mkdirSync(dirname(picture), { recursive: true });
        await page.screenshot({ path: picture });
      }
    } finally {
      await app.close();
    }
  },
);
