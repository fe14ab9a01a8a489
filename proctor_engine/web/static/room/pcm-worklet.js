// Runs beside the page: brings sound of any rate to 16 kHz by averaging and hands it on once a second.

const RATE = 16000;

class Pcm extends AudioWorkletProcessor {
  #block = new Int16Array(RATE);
  #filled = 0;
  #sum = 0;
  #count = 0;
  #position = 0;
  #squares = 0;

  process([input]) {
    for (const sample of input[0] ?? []) {
      this.#sum += sample;
      this.#count += 1;
      this.#position += RATE / sampleRate;
      while (this.#position >= 1) {
        this.#position -= 1;
        this.#push(this.#sum / this.#count);
      }
    }
    return true;
  }

  #push(value) {
    this.#sum = 0;
    this.#count = 0;
    const clipped = Math.max(-1, Math.min(1, value || 0));
    this.#squares += clipped * clipped;
    this.#block[this.#filled++] = Math.round(clipped * 32767);
    if (this.#filled < RATE) return;
    const level = Math.sqrt(this.#squares / RATE);
    this.port.postMessage({ pcm: this.#block.buffer, level, seconds: 1 }, [this.#block.buffer]);
    this.#block = new Int16Array(RATE);
    this.#filled = 0;
    this.#squares = 0;
  }
}

registerProcessor("pcm", Pcm);
