// Swaps the mailboxes in each second, and marks what appeared and what is about to vanish.
"use strict";

const EVERY_MS = 1000;
const VANISH_MS = 900;
const shown = document.getElementById("mailboxes");
let last = shown.innerHTML;

function places(root) {
  const found = new Map();
  for (const row of root.querySelectorAll("li[data-item]")) {
    found.set(row.dataset.item, row.closest("[data-folder]").dataset.folder);
  }
  return found;
}

async function refresh() {
  const answer = await fetch("/mailboxes/fragment", { cache: "no-store" });
  if (!answer.ok) throw new Error("no answer");
  const text = await answer.text();
  if (text === last) return;
  last = text;
  const next = new DOMParser().parseFromString(text, "text/html").body;
  const before = places(shown);
  const after = places(next);
  for (const row of next.querySelectorAll("li[data-item]")) {
    const was = before.get(row.dataset.item);
    if (was === undefined) row.classList.add("appeared");
    else if (was !== after.get(row.dataset.item)) row.classList.add("moved");
  }
  let leaving = false;
  for (const row of shown.querySelectorAll("li[data-item]")) {
    if (before.get(row.dataset.item) !== after.get(row.dataset.item)) {
      row.classList.add("leaving");
      leaving = true;
    }
  }
  if (leaving) await new Promise((go) => setTimeout(go, VANISH_MS));
  shown.replaceChildren(...next.childNodes);
}

async function forever() {
  for (;;) {
    try {
      if (!document.hidden) await refresh();
      document.body.classList.remove("stale");
    } catch {
      document.body.classList.add("stale");
    }
    await new Promise((go) => setTimeout(go, EVERY_MS));
  }
}

forever();
