// The built-in administrators' page: signs in, shows whether the shop works, and keeps the
// administrator's own second factors.

import { CallError, identity } from "./calls.js";
import { refresh_overview } from "./overview.js";
import { element, problem, show } from "./page.js";
import { start_recovery_codes } from "./recovery_codes.js";
import { must_enrol, refresh_security, start_security } from "./security.js";
import { show_sign_in, start_sign_in } from "./sign_in.js";
import { change_language, translate } from "./texts.js";

const is_signed_in = () => !element("signed-in").hidden;

// Whoever must have a second factor and has none sees only where he makes one.
async function show_part() {
  await refresh_security();
  const part = must_enrol() || window.location.hash === "#/security" ? "security" : "overview";
  element("parts").hidden = must_enrol();
  for (const link of element("parts").children) {
    link.ariaCurrent = link.hash === `#/${part}` ? "page" : null;
  }
  show(part);
  if (part === "overview") await refresh_overview();
}

async function enter() {
  problem(element("signed-in"), "");
  try {
    const { user } = await identity("GetMe");
    if (user?.userType !== "admin") throw new CallError("permission_denied", "not_admin");
    element("who").textContent = user.displayName || user.username;
    await show_part();
  } catch (error) {
    // Not being signed in yet is no problem to report.
    if (error.code === "unauthenticated") show_sign_in();
    else if (is_signed_in()) problem(element("signed-in"), error.message);
    else show_sign_in(error.message);
  }
}

start_sign_in(enter);
start_security(enter);
start_recovery_codes();

element("sign-out").addEventListener("click", async () => {
  await identity("Logout").catch(() => {});
  show_sign_in();
});
element("language").addEventListener("click", () => {
  change_language();
  if (is_signed_in()) enter();
});
window.addEventListener("hashchange", () => {
  if (is_signed_in()) enter();
});

translate();
fetch("/admin/version.json").then((answer) => answer.json())
  .then(({ version }) => { element("version").textContent = version; })
  .catch(() => {});
enter();
