// Wagtail counts the errors of a tab before a StreamField has rendered its own; count them again when the page is loaded.
window.addEventListener('load', () => {
  const app = window.wagtail?.app;
  document.querySelectorAll('.w-tabs__errors').forEach((badge) => {
    app?.getControllerForElementAndIdentifier(badge, 'w-count')?.count();
  });
});
