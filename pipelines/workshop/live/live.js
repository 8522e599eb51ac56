// Sends what was changed on the page, and shows the answer in place; there is no other script.
"use strict";
const token = document.querySelector("meta[name=leadready-token]").content;
const room = document.getElementById("room");
const status = document.getElementById("status");
let waiting = Promise.resolve();

function opened() {
  return [...room.querySelectorAll("details[open][id]")].map((part) => part.id);
}

function show(html) {
  const focused = document.activeElement && document.activeElement.id;
  const open = opened();
  const scrolled = room.querySelector(".outlook").scrollTop;
  room.innerHTML = html;
  for (const id of open) {
    const part = document.getElementById(id);
    if (part) part.open = true;
  }
  room.querySelector(".outlook").scrollTop = scrolled;
  const again = focused && document.getElementById(focused);
  if (again) again.focus({ preventScroll: true });
  const alert = room.querySelector("[role=alert]");
  if (alert) alert.scrollIntoView({ block: "center" });
  offerConditions();
}

async function ask(address, options) {
  status.textContent = "Working …";
  try {
    const answer = await fetch(address, options);
    const text = await answer.text();
    if (answer.ok) show(text);
    status.textContent = answer.ok ? "" : text;
  } catch {
    status.textContent = "The session has ended: start it again on the command line.";
  }
}

function act(action, fields) {
  const options = { method: "POST", body: fields, headers: { "X-Leadready": token } };
  waiting = waiting.then(() => ask("/act/" + action, options));
  return waiting;
}

function send(form) {
  if (form.reportValidity()) act(form.dataset.act, new URLSearchParams(new FormData(form)));
}

function offerConditions() {
  const feature = document.getElementById("add-feature");
  if (!feature || !feature.selectedOptions.length) return;
  const kind = feature.selectedOptions[0].dataset.kind;
  const operator = document.getElementById("add-operator");
  for (const option of operator.options) option.hidden = option.disabled = option.dataset.kind !== kind;
  if (operator.selectedOptions[0].disabled) operator.value = [...operator.options].find((option) => !option.disabled).value;
}

room.addEventListener("input", (event) => {
  const other = event.target.dataset.for && document.getElementById(event.target.dataset.for);
  if (other) other.value = event.target.value;
});
room.addEventListener("change", (event) => {
  const form = event.target.form;
  if (event.target.id === "add-feature") offerConditions();
  else if (form && form.dataset.act && ["switch", "set", "card", "capacity"].includes(form.dataset.act)) send(form);
});
room.addEventListener("submit", (event) => {
  event.preventDefault();
  send(event.target);
});
room.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-act]");
  if (button) act(button.dataset.act, "");
});
setInterval(() => {
  const busy = document.activeElement && document.activeElement.matches("#room input, #room select");
  if (room.querySelector("[data-waiting]") && !busy) ask("/room");
}, 3000);
offerConditions();
