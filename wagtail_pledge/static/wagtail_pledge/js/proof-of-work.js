// Proof of work (ALTCHA v2, PBKDF2), loaded only in a surge. The browser's own cryptography works beside the page, so
// typing stays smooth; a slow phone may take as long as it needs.

const LANES = Math.min(4, navigator.hardwareConcurrency || 1);

const bytesOf = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const hexOf = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Return the hex key of one counter. */
async function derive({ nonce, salt, cost, keyLength }, counter) {
  const start = bytesOf(nonce);
  const password = new Uint8Array(start.length + 4);
  password.set(start);
  new DataView(password.buffer).setUint32(start.length, counter);
  const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt: bytesOf(salt), iterations: cost };
  return hexOf(await crypto.subtle.deriveBits(how, key, keyLength * 8));
}

/** Try counters until a key begins as the challenge asks, or `isStopped()`. */
async function solve(parameters, isStopped, tell) {
  let next = 0;
  let found = null;
  const lane = async () => {
    while (!found && !isStopped()) {
      const counter = next++;
      const derivedKey = await derive(parameters, counter);
      if (derivedKey.startsWith(parameters.keyPrefix)) found ??= { counter, derivedKey };
      else tell(next);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return found;
}

function keep(form, challenge, solution) {
  const field = form.elements.namedItem("altcha") ?? document.createElement("input");
  Object.assign(field, { type: "hidden", name: "altcha", value: btoa(JSON.stringify({ challenge, solution })) });
  form.append(field);
}

/**
 * Solve `challenge` and put the solution into `form`; `place` shows how it goes.
 * Returns `done` (a promise that never fails), `offerWay()` (show the button that goes on without it) and `stop()`.
 */
export function prove(form, place, challenge) {
  const [status, bar, way] = ["[role=status]", "progress", "button"].map((part) => place.querySelector(part));
  const chance = 1 / 16 ** challenge.parameters.keyPrefix.length;
  let stopped = false;
  let leave;
  const left = new Promise((resolve) => {
    leave = resolve;
  });
  const stop = () => {
    stopped = true;
    place.hidden = true;
    leave();
  };
  place.hidden = false;
  bar.hidden = false;
  // A live region speaks of what changes while it is there
  requestAnimationFrame(() => {
    if (!bar.hidden) status.textContent = place.querySelector("template").content.textContent;
  });
  way.addEventListener("click", stop, { once: true });
  const tell = (tries) => {
    bar.value = 1 - (1 - chance) ** tries;
  };
  const solved = solve(challenge.parameters, () => stopped, tell)
    .then((solution) => {
      if (stopped || !solution) return;
      keep(form, challenge, solution);
      status.textContent = place.dataset.doneLabel;
      bar.hidden = true;
      way.hidden = true;
    })
    // No cryptography here, as on a page without https: signing goes on without it
    .catch(stop);
  const offerWay = () => {
    way.hidden = stopped || bar.hidden;
  };
  return { done: Promise.race([solved, left]), offerWay, stop };
}
