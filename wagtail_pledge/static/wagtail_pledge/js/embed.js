// For other websites: replaces each link with `data-pledge-embed` by an iframe with the form, and adjusts its height.
// Without this script, the link opens the campaign. It sets no cookies and does not read the page.
(() => {
  const MAX = 10000;
  // Only iframes and messages of the site that this script was loaded from
  const home = new URL(document.currentScript.src).origin;

  function embed(link) {
    const address = new URL(link.dataset.pledgeEmbed, home);
    if (address.origin !== home) return;
    const frame = document.createElement("iframe");
    frame.title = link.textContent.trim();
    frame.loading = "lazy";
    Object.assign(frame.style, { inlineSize: "100%", blockSize: "48rem", border: "0" });
    frame.src = address;
    // Each page loaded in the iframe has to learn the origin to post its height to
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
