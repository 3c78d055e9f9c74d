// Says under a text how long it is beside how long it should be. Nothing is cut off.
(() => {
  const { StimulusModule, wagtail } = window;
  if (!StimulusModule || !wagtail?.app) return;

  class PledgeCounter extends StimulusModule.Controller {
    static values = { advised: Number, words: String };

    connect() {
      this.said = document.createElement('p');
      this.said.className = 'help';
      this.element.after(this.said);
      this.count();
    }

    disconnect() {
      this.said.remove();
    }

    count() {
      const count = [...this.element.value.trim()].length;
      this.said.textContent = this.wordsValue
        .replace('{count}', count)
        .replace('{advised}', this.advisedValue);
      this.said.classList.toggle('w-text-critical-200', count > this.advisedValue);
    }
  }

  wagtail.app.register('pledge-counter', PledgeCounter);
})();
