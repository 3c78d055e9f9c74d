// Wagtail counts a tab's errors before a stream of blocks has shown its own; once all is there, they are counted again.
window.addEventListener('load', () => {
  const app = window.wagtail?.app;
  document.querySelectorAll('.w-tabs__errors').forEach((badge) => {
    app?.getControllerForElementAndIdentifier(badge, 'w-count')?.count();
  });
});
