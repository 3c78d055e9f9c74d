// Shows the length of a text and its recommended length below the field. A longer text is allowed, so it is no error.
(() => {
  const { StimulusModule, wagtail } = window;
  if (!StimulusModule || !wagtail?.app) return;

  class PledgeCounter extends StimulusModule.Controller {
    static values = { advised: Number, text: String };

    connect() {
      this.status = document.createElement('p');
      this.status.className = 'help';
      this.element.after(this.status);
      this.count();
    }

    disconnect() {
      this.status.remove();
    }

    count() {
      const count = [...this.element.value.trim()].length;
      this.status.textContent = this.textValue
        .replace('{count}', count)
        .replace('{advised}', this.advisedValue);
    }
  }

  wagtail.app.register('pledge-counter', PledgeCounter);
})();
