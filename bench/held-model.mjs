/** A model that answers, or waits until it is told to, and tells when each agent asked. */
export class HeldModel {
  asked = [];
  release = () => undefined;
  #released = Promise.resolve();
  #wake = () => undefined;

  constructor({ ScriptedModelServer, say }, apiKey) {
    const reply = (hold) => async () => {
      this.asked.push(Date.now());
      this.#wake();
      if (hold) await this.#released;
      return say('Done.');
    };
    // Calls without tools are for titles and the like.
    const asks = (words) => (c) => c.toolNames.length > 0 && c.lastPrompt.includes(words);
    this.server = new ScriptedModelServer({
      apiKey,
      countTokens: () => 900,
      rules: [
        { when: asks('Answer at once'), reply: reply(false) },
        { when: asks('Wait'), reply: reply(true) },
        { when: () => true, reply: say('A title') },
      ],
    });
  }

  hold() {
    this.asked = [];
    this.#released = new Promise((done) => (this.release = done));
  }

  async askedBy(count) {
    while (this.asked.length < count) await new Promise((done) => (this.#wake = done));
  }
}
