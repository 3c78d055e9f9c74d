// For other websites: puts the form in the place of each link that names it, and gives it the height it asks for.
// Without this script the link leads to the call. It sets no cookie and reads nothing of the page.
(() => {
  const MAX = 10000;
  // Frames and messages of the site that this script came from, and of no other
  const home = new URL(document.currentScript.src).origin;

  function embed(link) {
    const address = new URL(link.dataset.pledgeEmbed, home);
    if (address.origin !== home) return;
    const frame = document.createElement("iframe");
    frame.title = link.textContent.trim();
    frame.loading = "lazy";
    Object.assign(frame.style, { inlineSize: "100%", blockSize: "48rem", border: "0" });
    frame.src = address;
    // Each page in the frame learns anew whom to tell its height
    frame.addEventListener("load", () => frame.contentWindow.postMessage("pledge:hello", home));
    addEventListener("message", ({ data, origin, source }) => {
      if (origin !== home || source !== frame.contentWindow) return;
      if (typeof data !== "string" || data.length > MAX) return;
      const height = /^pledge:height:(\d{2,5})$/.exec(data);
      if (height) frame.style.blockSize = `${height[1]}px`;
    });
    link.replaceWith(frame);
  }

  const start = () => document.querySelectorAll("a[data-pledge-embed]").forEach(embed);
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", start);
  else start();
})();
