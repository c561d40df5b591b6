// The administrator's own second factors: an authenticator app, passkeys, recovery codes.

import { identity } from "./calls.js";
import { ask, ask_password } from "./dialogs.js";
import { element, fill, problem, typed_code } from "./page.js";
import { make_passkey, passkeys_work } from "./passkeys.js";
import { hand_over_recovery_codes } from "./recovery_codes.js";
import { local_time, say, text } from "./texts.js";

const passkeys_max = 10;
const few_codes = 3; // fewer are few

// What ListSecondFactors answered last.
let factors = { passkeys: [] };
// Shows the page anew: factors have come or gone, or the session is over.
let changed;
const count = () => factors.passkeys.length + (factors.totp ? 1 : 0);

function removal_warnings() {
  if (count() > 1) return ["sessions_end"];
  return ["last_factor", ...(factors.isRequired ? ["last_required_factor"] : []), "sessions_end"];
}

function show_totp_secret({ secret = "", uri = "", qrCode = "" }) {
  element("totp-picture").src = qrCode;
  element("totp-picture").alt = text("totp_picture");
  element("totp-secret").textContent = secret.match(/.{1,4}/g)?.join(" ") ?? "";
  element("totp-link").href = uri;
}

async function add_totp() {
  const begun = await ask_password({ title: "add_totp", sentences: ["ask_password"], button: "continue" },
    (password) => identity("BeginTotp", { password }));
  if (!begun) return undefined;
  show_totp_secret(begun);
  try {
    return await ask(element("totp-dialog"), (form) =>
      identity("ConfirmTotp", { enrolment: begun.enrolment, code: typed_code(form) }));
  } finally {
    show_totp_secret({});
  }
}

const remove_totp = () => ask_password(
  { title: "remove_totp", sentences: removal_warnings(), button: "remove" },
  (password) => identity("RemoveTotp", { password }));

// "Windows", "macOS 2": what the device calls itself, and no name twice.
function suggested_name() {
  const device = navigator.userAgentData?.platform || navigator.platform || text("passkey");
  const taken = factors.passkeys.map((passkey) => passkey.name);
  let name = device;
  for (let number = 2; taken.includes(name); number += 1) name = `${device} ${number}`;
  return name;
}

function add_passkey() {
  const dialog = element("passkey-dialog");
  // A form that is reset goes back to this.
  dialog.querySelector("form").elements.name.defaultValue = suggested_name();
  return ask(dialog, (form) => make_passkey(form.password.value, form.elements.name.value.trim()));
}

const remove_passkey = (passkey) => ask_password(
  { title: "remove_passkey", subject: passkey.name, sentences: removal_warnings(), button: "remove" },
  (password) => identity("RemovePasskey", { password, id: passkey.id }));

const renew_recovery_codes = () => ask_password(
  { title: "renew_recovery_codes", sentences: ["renew_warning"], button: "renew" },
  (password) => identity("RenewRecoveryCodes", { password }));

// What was asked for; then the recovery codes, where it made some; then the page as it is now.
async function run(action) {
  problem(element("signed-in"), "");
  try {
    const answer = await action();
    if (answer === undefined) return;
    if (answer.recoveryCodes?.length) await hand_over_recovery_codes(answer.recoveryCodes);
    await changed();
    element("security").focus();
  } catch (error) {
    if (error.code === "unauthenticated") await changed();
    else problem(element("signed-in"), error.message);
  }
}

const offer = (button, action) => button.addEventListener("click", () => run(action));

function removal_button(passkey) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet";
  button.textContent = text("remove");
  button.setAttribute("aria-label", `${text("remove_passkey")}: ${passkey.name}`);
  offer(button, () => remove_passkey(passkey));
  return button;
}

function fill_security() {
  const codes_left = factors.recoveryCodesLeft ?? 0;
  element("must-enrol").hidden = !must_enrol();
  say(element("totp-state"), factors.totp ? "totp_on" : "totp_off");
  element("totp-since").textContent = local_time(factors.totp?.createdAt) ?? "";
  element("add-totp").hidden = factors.totp !== undefined;
  element("remove-totp").hidden = factors.totp === undefined;
  fill(element("passkeys"), factors.passkeys.map((passkey) => ({
    texts: [passkey.name, local_time(passkey.createdAt), local_time(passkey.lastUsedAt) || text("never")],
    action: removal_button(passkey),
  })));
  element("add-passkey").hidden = !passkeys_work || factors.passkeys.length >= passkeys_max;
  element("passkeys-unsupported").hidden = passkeys_work;
  element("recovery-part").hidden = count() === 0;
  element("codes-left").textContent = codes_left;
  element("few-codes").hidden = count() === 0 || codes_left >= few_codes;
  element("few-codes-left").textContent = codes_left;
}

// The operator requires a second factor, and there is none yet.
export const must_enrol = () => factors.isRequired === true && count() === 0;

// ERRORS: CallError
export async function refresh_security() {
  factors = { passkeys: [], ...(await identity("ListSecondFactors")) };
  fill_security();
}

// `show_anew` shows the page to whoever is signed in now.
export function start_security(show_anew) {
  changed = show_anew;
  offer(element("add-totp"), add_totp);
  offer(element("remove-totp"), remove_totp);
  offer(element("add-passkey"), add_passkey);
  offer(element("renew-codes"), renew_recovery_codes);
}
