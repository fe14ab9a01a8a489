// The microphone: signed 16-bit mono sound at 16 kHz in blocks of a second, and a level for the page.

const STILL = 5000; // Milliseconds without a block after which no sound comes.

export class Microphone {
  // Throws the browser's DOMException: its `name` tells why.
  async open() {
    this.close();
    this.stream = await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: true },
    });
    this.#last = performance.now();
    this.#context = new AudioContext();
    await this.#context.audioWorklet.addModule(new URL("pcm-worklet.js", import.meta.url));
    const source = this.#context.createMediaStreamSource(this.stream);
    const recorder = new AudioWorkletNode(this.#context, "pcm", { numberOfOutputs: 0 });
    recorder.port.onmessage = ({ data }) => {
      this.level = data.level;
      this.#last = performance.now();
      this.onblock?.(new Blob([data.pcm], { type: "application/octet-stream" }), data.seconds);
    };
    source.connect(recorder);
  }

  #context;
  #last;
  level = 0;
  onblock = null;

  get track() {
    return this.stream?.getAudioTracks()[0];
  }

  // Whether it is on and nothing comes of it. Firefox hears nothing on a computer without speakers or headphones.
  get still() {
    return this.track?.readyState === "live" && performance.now() - this.#last > STILL;
  }

  // Browsers keep sound still until somebody has clicked. Nobody waits for it: it may never come.
  resume() {
    this.#context?.resume();
  }

  close() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    if (this.#context?.state !== "closed") this.#context?.close();
  }
}
