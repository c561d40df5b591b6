// The parts of the page, and what several of them are made of.

import { say, text } from "./texts.js";

export const element = (id) => document.getElementById(id);

const sections = ["sign-in", "overview", "security", "recovery-codes"];

// Shows one of the sections and hides the others.
export function show(section) {
  for (const id of sections) element(id).hidden = id !== section;
  element("signed-in").hidden = section !== "overview" && section !== "security";
}

// What went wrong in a section or dialog; an empty text takes it away.
export const problem = (part, words) => say(part.querySelector(".problem"), words);

export function state_cell(node, works, addition = "") {
  node.textContent = text(works ? "works" : "fails") + addition;
  node.className = works ? "good" : "bad";
}

// Rows are texts, and, where `works` is known, a state after them; or, where something can be done
// about them, `action`, a node.
export function fill(body, rows) {
  body.replaceChildren();
  for (const row of rows) {
    const line = body.insertRow();
    for (const value of row.texts) line.insertCell().textContent = value ?? "";
    if (row.works !== undefined) state_cell(line.insertCell(), row.works, row.addition);
    if (row.action) line.insertCell().append(row.action);
  }
  if (rows.length === 0) {
    const cell = body.insertRow().insertCell();
    cell.colSpan = body.parentElement.tHead.rows[0].cells.length;
    cell.textContent = text("none");
  }
}

// Apps show codes in groups; the gaps are not part of them.
export const typed_code = (form) => form.code.value.replace(/\s/g, "");

// Runs `work` while the form's buttons cannot be pressed again.
export async function while_busy(form, work) {
  const buttons = [...form.querySelectorAll("button")];
  for (const button of buttons) button.disabled = true;
  try {
    return await work();
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}
