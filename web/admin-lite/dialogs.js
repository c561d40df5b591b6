// Questions in a dialog of one form.

import { element, problem, while_busy } from "./page.js";
import { say } from "./texts.js";

// By field of the request.
const words_for_field = { password: "password_wrong", code: "code_wrong" };
// By code: what was true when the dialog opened is so no more.
const words_for_code = { failed_precondition: "too_late", not_found: "too_late", resource_exhausted: "resource_exhausted" };

function explain(dialog, form, error) {
  problem(dialog, words_for_code[error.code] ?? words_for_field[error.field] ?? error.message);
  (form.elements[error.field] ?? form.elements[0]).focus();
}

// Opens the dialog and gives what `act`, called with the form when it is submitted, gave. The
// dialog stays open while `act` gives nothing or fails, and says what failed. Gives nothing when it
// was closed before.
// ERRORS: CallError unauthenticated  the session is over
export function ask(dialog, act) {
  const form = dialog.querySelector("form");
  form.reset();
  problem(dialog, "");
  dialog.showModal();
  return new Promise((resolve, reject) => {
    let given;
    let attempt = Promise.resolve();
    const submitted = async () => {
      problem(dialog, "");
      try {
        given = await while_busy(form, () => act(form));
        if (given !== undefined) dialog.close();
      } catch (error) {
        if (error.code !== "unauthenticated") return explain(dialog, form, error);
        reject(error);
        dialog.close();
      }
    };
    form.onsubmit = (event) => {
      event.preventDefault();
      attempt = submitted();
    };
    form.querySelector(".cancel").onclick = () => dialog.close();
    // Who closes it while `act` is at work is told how that ended.
    dialog.onclose = async () => {
      await attempt;
      form.reset();
      resolve(given);
    };
  });
}

// Asks for the password and calls `act` with it. `subject` is a name that somebody gave; the others are
// keys of texts.js.
export function ask_password({ title, subject = "", sentences, button }, act) {
  const dialog = element("password-dialog");
  say(dialog.querySelector("h2"), title);
  say(dialog.querySelector("button.submit"), button);
  dialog.querySelector(".subject").textContent = subject;
  dialog.querySelector(".sentences").replaceChildren(...sentences.map((sentence) => {
    const node = document.createElement("p");
    say(node, sentence);
    return node;
  }));
  return ask(dialog, (form) => act(form.password.value));
}
