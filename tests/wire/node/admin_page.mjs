// The administrators' page in headless Chromium, used as a person does: node admin_page.mjs URL PASSWORD FOLDER
// Screenshots of what was seen go into FOLDER.
import { open_browser } from "./admin_browser.mjs";
import { check, run, same } from "./stories.mjs";

const [baseUrl, password, folder] = process.argv.slice(2);
const { browser, page, complaints, seen, words, sign_in, close } = await open_browser(folder);

const { passed, failed } = await run({
  "a browser that prefers Chinese is greeted in Chinese": async () => {
    await page.goto(`${baseUrl}/admin/`);
    await page.waitForSelector("#sign-in:not([hidden])");
    same(await words("#sign-in h2"), "登录");
    same(await page.getAttribute("html", "lang"), "zh-CN");
    check((await words("#version")) !== "", "the version is shown");
    await seen("sign-in-zh");
  },
  "a wrong password is refused with a sentence, and nothing is shown": async () => {
    await sign_in("not the password");
    await page.waitForSelector("#sign-in .problem:not([hidden])");
    same(await words("#sign-in .problem"), "用户名或密码错误");
    check(await page.isHidden("#overview"), "the overview stays hidden");
    await seen("refused-zh");
  },
  "a passkey signs nobody in where the page was opened by an address, and the page says why": async () => {
    await page.click("#passkey-sign-in");
    await page.waitForFunction(() => document.querySelector("#sign-in .problem").textContent.startsWith("通行密钥只能"));
    check(await page.isHidden("#overview"), "the overview stays hidden");
  },
  "an administrator signs in and sees what works": async () => {
    await sign_in(password);
    await page.waitForSelector("#providers .good");
    same(await words("#health"), "正常");
    same(await words("#ready"), "正常");
    check((await words("#providers")).includes("sandbox"), "the provider is listed");
    check((await words("#providers")).includes("沙箱"), "the sandbox is labelled");
    check((await words("#gateways")).includes("bank"), "the payment way is listed");
    await seen("overview-zh");
  },
  "what waits for people is shown, as text": async () => {
    await page.waitForSelector("#orphans td");
    same(await words("#events-total"), "1");
    check((await words("#events")).includes("<b>no room</b>"), "the error of the dead event is shown as it is");
    same(await words("#orphans-total"), "1");
    check((await words("#orphans")).includes("sandbox: lost-1"), "the server that nobody knows is listed");
    await page.locator("#orphans-part").scrollIntoViewIfNeeded();
    await seen("waiting-zh");
  },
  "no script of the page can read the session": async () => {
    same(await page.evaluate(() => document.cookie), "");
  },
  "the language changes at once and is kept": async () => {
    await page.click("#language");
    await page.waitForFunction(() => document.querySelector("#providers .good")?.textContent.startsWith("works"));
    same(await words("#sign-out"), "Sign out");
    await seen("overview-en");
    await page.reload();
    await page.waitForSelector("#providers .good");
    same(await page.getAttribute("html", "lang"), "en");
    same(await words("#health"), "works");
  },
  "signing out ends the session at the server too": async () => {
    const before = (await browser.cookies()).find((cookie) => cookie.httpOnly);
    check(before, "there was a session");
    await page.click("#sign-out");
    await page.waitForSelector("#sign-in:not([hidden])");
    const answer = await browser.request.post(`${baseUrl}/rustbill.identity.IdentityService/GetMe`, {
      headers: { "content-type": "application/json", cookie: `${before.name}=${before.value}` },
      data: "{}",
    });
    same(answer.status(), 401);
    await seen("sign-in-en");
  },
  "the page ran without a complaint": async () => same(complaints, []),
});
await close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
