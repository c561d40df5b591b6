// Signing in: by password, with a code where the user has a second factor; or by passkey alone.

import { identity } from "./calls.js";
import { element, problem, show, typed_code, while_busy } from "./page.js";
import { passkeys_work, sign_in_with_passkey } from "./passkeys.js";
import { say } from "./texts.js";

const section = element("sign-in");
const form = section.querySelector("form");

// A phone shows digits for the one and letters for the other. The server takes either.
function ask_for_code({ recovery }) {
  say(element("code-label"), recovery ? "recovery_code" : "code");
  // The server does not say which factors he has.
  const hint = passkeys_work ? "code_or_passkey_hint" : "code_hint";
  say(element("code-hint"), recovery ? "recovery_code_hint" : hint);
  say(element("other-code"), recovery ? "code_found" : "code_lost");
  form.code.inputMode = recovery ? "text" : "numeric";
  form.code.autocomplete = recovery ? "off" : "one-time-code";
  form.code.value = "";
  element("code-part").hidden = false;
  form.code.required = true;
  form.code.focus();
}

function forget_code() {
  element("code-part").hidden = true;
  form.code.required = false;
  form.code.value = "";
}

const asks_for_recovery_code = () => form.code.inputMode === "text";

function explain_code(error) {
  problem(section, error.code === "resource_exhausted" ? "too_many_codes" : "code_wrong");
  ask_for_code({ recovery: asks_for_recovery_code() });
}

function explain(error, unauthenticated) {
  const words = { unauthenticated, resource_exhausted: "resource_exhausted" };
  problem(section, words[error.code] ?? error.message);
}

async function sign_in() {
  try {
    await identity("Login", {
      username: form.username.value, password: form.password.value, userType: "admin",
      code: typed_code(form),
    });
    return true;
  } catch (error) {
    if (error.reason === "second_factor_required") ask_for_code({ recovery: false });
    else if (error.field === "code") explain_code(error);
    else {
      explain(error, "unauthenticated");
      form.password.focus();
    }
    return false;
  }
}

async function sign_in_by_passkey() {
  try {
    return (await sign_in_with_passkey()) !== undefined;
  } catch (error) {
    explain(error, "passkey_refused");
    return false;
  }
}

export function show_sign_in(words = "") {
  problem(section, words);
  show("sign-in");
  form.username.focus();
}

// `enter` shows the page of whoever has signed in.
export function start_sign_in(enter) {
  const attempt = async (way) => {
    problem(section, "");
    if (!(await while_busy(form, way))) return;
    form.reset();
    forget_code();
    await enter();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(sign_in);
  });
  // Somebody else may have no second factor, or another one.
  form.username.addEventListener("input", forget_code);
  element("other-code").addEventListener("click", () => ask_for_code({ recovery: !asks_for_recovery_code() }));
  element("passkey-sign-in").hidden = !passkeys_work;
  element("passkey-sign-in").addEventListener("click", () => attempt(sign_in_by_passkey));
}
