// Recovery codes are shown once: nothing else is shown until the person says that he has kept them.

import { element, show } from "./page.js";
import { say } from "./texts.js";

const file_name = "rustbill-recovery-codes.txt";
const listed = () => [...element("recovery-codes-list").children].map((item) => `${item.textContent}\n`).join("");

function download() {
  const link = document.createElement("a");
  link.href = `data:text/plain;charset=utf-8,${encodeURIComponent(listed())}`;
  link.download = file_name;
  link.click();
}

const warn = (event) => event.preventDefault();

// Ends when the person has them.
export function hand_over_recovery_codes(codes) {
  element("recovery-codes-list").replaceChildren(...codes.map((code) => {
    const item = document.createElement("li");
    item.textContent = code;
    return item;
  }));
  say(element("recovery-codes-copied"), "");
  show("recovery-codes");
  element("recovery-codes").querySelector("h2").focus();
  window.addEventListener("beforeunload", warn);
  return new Promise((resolve) => {
    element("recovery-codes-kept").onclick = () => {
      window.removeEventListener("beforeunload", warn);
      element("recovery-codes-list").replaceChildren();
      resolve();
    };
  });
}

export function start_recovery_codes() {
  // Browsers lend the clipboard to secure pages only.
  element("recovery-codes-copy").hidden = navigator.clipboard === undefined;
  element("recovery-codes-copy").addEventListener("click", async () => {
    const copied = await navigator.clipboard.writeText(listed()).then(() => "copied", (error) => error.message);
    say(element("recovery-codes-copied"), copied);
  });
  element("recovery-codes-download").addEventListener("click", download);
  element("recovery-codes-print").addEventListener("click", () => window.print());
}
