// Second factors in the administrators' page, as a person uses them: node second_factors_page.mjs URL PASSWORD FOLDER
// The administrator has none yet and must have one. The passkeys are those of Chromium's virtual
// authenticator. Screenshots of what was seen go into FOLDER.
import { readFileSync } from "node:fs";

import { open_browser } from "./admin_browser.mjs";
import { one_time_password } from "./one_time_passwords.mjs";
import { check, run, same } from "./stories.mjs";

const [baseUrl, password, folder] = process.argv.slice(2);
const { browser, page, complaints, seen, words, sign_in, close } = await open_browser(folder);
await browser.grantPermissions(["clipboard-read", "clipboard-write"], { origin: baseUrl });

const devices = await browser.newCDPSession(page);
await devices.send("WebAuthn.enable");
const { authenticatorId } = await devices.send("WebAuthn.addVirtualAuthenticator", {
  options: {
    protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true,
    isUserVerified: true, automaticPresenceSimulation: true,
  },
});
const verifies_its_user = (isUserVerified) => devices.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified });

let secret;
let recovery_codes;

const visible = (selector) => page.waitForSelector(selector, { state: "visible" });
const gone = (selector) => page.waitForSelector(selector, { state: "hidden" });
const problem = (part, sentence) => page.waitForFunction(
  ([selector, wanted]) => {
    const node = document.querySelector(selector);
    return !node.hidden && node.textContent === wanted;
  }, [`${part} .problem`, sentence]);

async function sign_out() {
  await page.click("#sign-out");
  await visible("#sign-in");
}

async function send_code(code) {
  await page.fill("#sign-in input[name=code]", code);
  await page.click("#sign-in button:not([type=button])");
}

async function confirm(secret_word) {
  await page.fill("#password-dialog input[name=password]", secret_word);
  await page.click("#password-dialog .submit");
}

async function read_recovery_codes() {
  await visible("#recovery-codes");
  return page.locator("#recovery-codes-list li").allInnerTexts();
}

// The status of a call with this browser's cookie.
const status_of = async (method) => (await browser.request.post(`${baseUrl}/rustbill.${method}`, {
  headers: { "content-type": "application/json", origin: baseUrl }, data: "{}",
})).status();
// One that needs a permission.
const status_of_work = () => status_of("integration.EventService/ListDeadEvents");
const status_of_me = () => status_of("identity.IdentityService/GetMe");

// Opens the dialog that shows the secret, and reads it.
async function begin_totp() {
  await page.click("#add-totp");
  await confirm(password);
  await visible("#totp-dialog");
  return (await words("#totp-secret")).replaceAll(" ", "");
}

async function finish_totp(code) {
  await page.fill("#totp-dialog input[name=code]", code);
  await page.click("#totp-dialog .submit");
}

const { passed, failed } = await run({
  "who must have a second factor and has none is shown nothing but where to make one": async () => {
    await page.goto(`${baseUrl}/admin/`);
    await visible("#sign-in");
    check(await page.isVisible("#passkey-sign-in"), "passkeys are offered on localhost");
    check(await page.isHidden("#code-part"), "no code is asked for yet");
    await sign_in(password);
    await visible("#security");
    same(await words("#must-enrol"), "本系统要求管理员设置第二因素（两步验证）。请先添加验证器或通行密钥，之后才能使用其他功能。");
    check(await page.isHidden("#overview") && await page.isHidden("#parts"), "there is nothing else to see");
    check(await page.isHidden("#recovery-part"), "there are no recovery codes yet");
    same(await status_of_work(), 403, "status of another call");
    await seen("must-enrol-zh");
  },
  "a wrong password begins no enrolment": async () => {
    await page.click("#add-totp");
    await visible("#password-dialog");
    await confirm("not the password");
    await problem("#password-dialog", "密码不正确");
    same(await page.evaluate(() => document.activeElement.name), "password");
    await seen("password-dialog-zh");
    await page.click("#password-dialog .cancel");
    await gone("#password-dialog");
  },
  "an authenticator app is added by a picture or a secret, and a code that shows it works": async () => {
    secret = await begin_totp();
    check(/^[A-Z2-7]{26,}$/.test(secret), `the secret can be typed: ${secret}`);
    const picture = await page.evaluate(async () => {
      const image = document.getElementById("totp-picture");
      await image.decode();
      return { width: image.naturalWidth, text: image.alt };
    });
    check(picture.width > 0 && picture.text !== "", "the picture is shown, and has words for who cannot see it");
    same(await page.getAttribute("#totp-link", "href").then((uri) => new URL(uri).searchParams.get("secret")), secret);
    await finish_totp("000000");
    await problem("#totp-dialog", "验证码不正确，或已经用过");
    await seen("totp-dialog-zh");
    // Apps show the digits in two groups.
    await finish_totp(one_time_password(secret).replace(/^.../, "$& "));
  },
  "ten recovery codes are shown once, to be copied and downloaded, until they are kept": async () => {
    recovery_codes = await read_recovery_codes();
    same(new Set(recovery_codes).size, 10);
    check(await page.isHidden("#signed-in") && await page.isHidden("#security"), "nothing else is shown");
    await page.click("#recovery-codes-copy");
    await visible("#recovery-codes-copied");
    same((await page.evaluate(() => navigator.clipboard.readText())).trim().split("\n"), recovery_codes);
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("#recovery-codes-download")]);
    same(download.suggestedFilename(), "rustbill-recovery-codes.txt");
    same(readFileSync(await download.path(), "utf8"), recovery_codes.map((code) => `${code}\n`).join(""));
    await seen("recovery-codes-zh");
    await page.emulateMedia({ media: "print" });
    check(await page.isHidden("#language") && await page.isVisible("#recovery-codes-list"), "only the codes are printed");
    await seen("recovery-codes-printed-zh");
    await page.emulateMedia({ media: null });
    await page.click("#recovery-codes-kept");
    await visible("#overview");
    same(await status_of_work(), 200, "status of another call");
    same(await page.locator("#recovery-codes-list li").count(), 0);
  },
  "the account's security has a place of its own": async () => {
    await page.click("#parts a[href='#/security']");
    await visible("#security");
    same(await page.getAttribute("#parts a[href='#/security']", "aria-current"), "page");
    check((await words("#totp-state")).startsWith("已启用"), "the app is shown");
    same(await words("#codes-left"), "10");
    check(await page.isHidden("#few-codes") && await page.isHidden("#add-totp"), "nothing to warn of, nothing to add twice");
    await seen("security-totp-zh");
  },
  "the password alone is not enough any more, and stays where it was typed": async () => {
    await sign_out();
    await sign_in(password);
    await visible("#code-part");
    same(await page.inputValue("#sign-in input[name=password]"), password);
    same(await page.evaluate(() => document.activeElement.name), "code");
    same(await page.getAttribute("#sign-in input[name=code]", "autocomplete"), "one-time-code");
    check(await page.isHidden("#sign-in .problem"), "a missing code is no mistake");
    await seen("code-asked-zh");
  },
  "a wrong code is told from a wrong password": async () => {
    await send_code("000000");
    await problem("#sign-in", "验证码不正确，或已经用过");
    same(await page.inputValue("#sign-in input[name=code]"), "");
    await seen("code-wrong-zh");
    await page.click("#language");
    same(await words("#sign-in .problem"), "This code is wrong, or was used already");
    await seen("code-wrong-en");
  },
  "with the code of the app he is in": async () => {
    // The one that the app shows next: the one it shows was spent on adding it.
    await send_code(one_time_password(secret, 1));
    await visible("#security");
    same(await page.inputValue("#sign-in input[name=password]"), "");
    await seen("security-totp-en");
  },
  "a recovery code lets him in once": async () => {
    await sign_out();
    await sign_in(password);
    await visible("#code-part");
    await page.click("#other-code");
    same(await words("#code-label"), "Recovery code");
    same(await page.getAttribute("#sign-in input[name=code]", "inputmode"), "text");
    await seen("recovery-code-asked-en");
    await send_code(recovery_codes[0]);
    await visible("#security");
    same(await words("#codes-left"), "9");
  },
  "and not twice": async () => {
    await sign_out();
    await sign_in(password);
    await visible("#code-part");
    await send_code(recovery_codes[0]);
    await problem("#sign-in", "This code is wrong, or was used already");
    same(await status_of_me(), 401);
  },
  "who runs out of recovery codes is warned": async () => {
    for (const code of recovery_codes.slice(1, 7)) {
      await send_code(code);
      await visible("#security");
      check(await page.isHidden("#few-codes"), "three and more are enough");
      await sign_out();
      await sign_in(password);
      await visible("#code-part");
    }
    await send_code(recovery_codes[7]);
    await visible("#few-codes");
    same(await words("#few-codes"), "You are running out of recovery codes; renew them. Left: 2");
    await page.click("#parts a[href='#/overview']");
    await visible("#overview");
    check(await page.isVisible("#few-codes"), "wherever he looks");
    await seen("few-codes-en");
    await page.click("#parts a[href='#/security']");
    await visible("#security");
  },
  "recovery codes are renewed": async () => {
    await page.click("#renew-codes");
    await confirm(password);
    const renewed = await read_recovery_codes();
    same(renewed.length, 10);
    check(!renewed.some((code) => recovery_codes.includes(code)), "they are new");
    await seen("recovery-codes-en");
    await page.click("#recovery-codes-kept");
    await visible("#security");
    same(await words("#codes-left"), "10");
    check(await page.isHidden("#few-codes"), "the warning is over");
  },
  "a passkey is added under the name he gives it": async () => {
    await page.click("#add-passkey");
    await visible("#passkey-dialog");
    check((await page.inputValue("#passkey-dialog input[name=name]")) !== "", "a name is suggested");
    await page.fill("#passkey-dialog input[name=name]", "<b>办公室</b>");
    await page.fill("#passkey-dialog input[name=password]", password);
    await seen("passkey-dialog-en");
    await page.click("#passkey-dialog .submit");
    await gone("#passkey-dialog");
    await visible("#passkeys button");
    const row = await words("#passkeys tr");
    check(row.includes("<b>办公室</b>") && row.includes("never"), `its name is text, and it was never used: ${row}`);
    await seen("security-both-en");
  },
  "the same device is not added twice": async () => {
    await page.click("#add-passkey");
    await page.fill("#passkey-dialog input[name=password]", password);
    await page.click("#passkey-dialog .submit");
    await problem("#passkey-dialog", "This device has a passkey of your account already");
    await page.keyboard.press("Escape");
    await gone("#passkey-dialog");
    same(await page.locator("#passkeys tr").count(), 1);
  },
  "whom the device does not know is not signed in, and not scolded": async () => {
    await sign_out();
    await verifies_its_user(false);
    await page.click("#passkey-sign-in");
    await page.waitForFunction(() => !document.getElementById("passkey-sign-in").disabled);
    check(await page.isVisible("#sign-in") && await page.isHidden("#sign-in .problem"), "the page waits for another try");
    same(await status_of_me(), 401);
  },
  "nor by the server, when a browser does not insist": async () => {
    const status = await page.evaluate(async () => {
      const { call, base64_of, bytes_of } = await import("/admin/calls.js");
      const begun = await call("identity.IdentityService/BeginPasskeySignIn");
      const used = await navigator.credentials.get({ publicKey: {
        challenge: bytes_of(begun.challenge), rpId: begun.relyingParty, userVerification: "discouraged" } });
      const passkey = { credentialId: base64_of(used.rawId), signature: base64_of(used.response.signature),
        clientDataJson: base64_of(used.response.clientDataJSON),
        authenticatorData: base64_of(used.response.authenticatorData) };
      return call("identity.IdentityService/Login", { userType: "admin", passkey }).then(() => "ok", (error) => error.code);
    });
    same(status, "unauthenticated");
    same(await status_of_me(), 401);
  },
  "a passkey signs him in alone": async () => {
    await verifies_its_user(true);
    await page.click("#passkey-sign-in");
    await visible("#security");
    check(!(await words("#passkeys tr")).includes("never"), "when it was used is shown");
    same(await status_of_me(), 200);
  },
  "a factor is removed with the password, and not when he thinks better of it": async () => {
    await page.click("#remove-totp");
    await visible("#password-dialog");
    same(await words("#password-dialog .sentences"), "You will be signed out everywhere else.");
    await page.click("#password-dialog .cancel");
    await gone("#password-dialog");
    check(await page.isVisible("#remove-totp"), "it is still there");
    await page.click("#remove-totp");
    await confirm(password);
    await visible("#add-totp");
    same(await words("#totp-state"), "Off");
    same(await words("#codes-left"), "10");
  },
  "removing the last one is told to be that, and leaves only where to make a new one": async () => {
    await page.click("#language");
    await page.waitForFunction(() => document.querySelector("#passkeys button").textContent === "移除");
    await page.click("#passkeys button");
    await visible("#password-dialog");
    same(await words("#password-dialog .subject"), "<b>办公室</b>");
    check((await words("#password-dialog .sentences")).startsWith("这是您唯一的第二因素"), "it is said to be the last");
    await seen("remove-last-zh");
    await confirm(password);
    await visible("#must-enrol");
    check(await page.isHidden("#parts") && await page.isHidden("#recovery-part"), "there is nothing else to see");
    same(await status_of_work(), 403, "status of another call");
    await seen("removed-zh");
  },
  "the passkey that is gone signs nobody in": async () => {
    await sign_out();
    await page.click("#passkey-sign-in");
    await problem("#sign-in", "未能用此通行密钥登录");
    same(await status_of_me(), 401);
    await seen("passkey-refused-zh");
  },
  "the password alone does again": async () => {
    await sign_in(password);
    await visible("#must-enrol");
    check(await page.isHidden("#code-part"), "no code is asked for");
  },
  "who guesses too often has to wait, and is told so": async () => {
    await finish_totp(one_time_password(await begin_totp()));
    await read_recovery_codes();
    await page.click("#recovery-codes-kept");
    await visible("#security");
    await sign_out();
    await sign_in(password);
    await visible("#code-part");
    const guesses_max = 10;
    for (let guess = 0; guess < guesses_max; guess += 1) {
      await send_code("000000");
      await problem("#sign-in", "验证码不正确，或已经用过");
    }
    await send_code("000000");
    await problem("#sign-in", "错误的验证码过多，请稍后再试");
    await seen("too-many-codes-zh");
  },
  "the page ran without a complaint": async () => same(complaints, []),
});
await close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
