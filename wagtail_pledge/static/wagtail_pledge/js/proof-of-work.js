// Proof of work (ALTCHA v2, PBKDF2), loaded only in a surge. Web Crypto runs off the main thread, so typing stays smooth.
// There is no time limit for slow phones.

const CONCURRENCY = Math.min(4, navigator.hardwareConcurrency || 1);

const bytesOf = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const hexOf = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Return the hex key of one counter. */
async function derive({ nonce, salt, cost, keyLength }, counter) {
  const start = bytesOf(nonce);
  const password = new Uint8Array(start.length + 4);
  password.set(start);
  new DataView(password.buffer).setUint32(start.length, counter);
  const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  const algorithm = { name: "PBKDF2", hash: "SHA-256", salt: bytesOf(salt), iterations: cost };
  return hexOf(await crypto.subtle.deriveBits(algorithm, key, keyLength * 8));
}

/** Try counters until a key has the challenge's prefix, or `isStopped()`. Calls `onTry` with the number of tries. */
async function solve(parameters, isStopped, onTry) {
  let next = 0;
  let found = null;
  const worker = async () => {
    while (!found && !isStopped()) {
      const counter = next++;
      const derivedKey = await derive(parameters, counter);
      if (derivedKey.startsWith(parameters.keyPrefix)) found ??= { counter, derivedKey };
      else onTry(next);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return found;
}

function storeSolution(form, challenge, solution) {
  const field = form.elements.namedItem("altcha") ?? document.createElement("input");
  Object.assign(field, { type: "hidden", name: "altcha", value: btoa(JSON.stringify({ challenge, solution })) });
  form.append(field);
}

/**
 * Solve `challenge` and put the solution into `form`; `place` shows the progress.
 * Returns `done` (a promise that never rejects), `offerSkip()` (shows the button to continue without it) and `stop()`.
 */
export function prove(form, place, challenge) {
  const [status, bar, skipButton] = ["[role=status]", "progress", "button"].map((part) => place.querySelector(part));
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
  // Screen readers announce changes of a live region only after it is visible
  requestAnimationFrame(() => {
    if (!bar.hidden) status.textContent = place.querySelector("template").content.textContent;
  });
  skipButton.addEventListener("click", stop, { once: true });
  const showProgress = (tries) => {
    bar.value = 1 - (1 - chance) ** tries;
  };
  const solved = solve(challenge.parameters, () => stopped, showProgress)
    .then((solution) => {
      if (stopped || !solution) return;
      storeSolution(form, challenge, solution);
      status.textContent = place.dataset.doneLabel;
      bar.hidden = true;
      skipButton.hidden = true;
    })
    // Web Crypto is missing, as on a page without HTTPS: continue without a solution
    .catch(stop);
  const offerSkip = () => {
    skipButton.hidden = stopped || bar.hidden;
  };
  return { done: Promise.race([solved, left]), offerSkip, stop };
}
