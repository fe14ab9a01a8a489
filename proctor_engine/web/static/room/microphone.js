// The microphone: signed 16-bit mono sound at 16 kHz in blocks of a second, and a level for the page.

export class Microphone {
  // Throws the browser's DOMException: its `name` tells why.
  async open() {
    this.close();
    this.stream = await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: true },
    });
    this.#context = new AudioContext();
    await this.#context.audioWorklet.addModule(new URL("pcm-worklet.js", import.meta.url));
    const source = this.#context.createMediaStreamSource(this.stream);
    const recorder = new AudioWorkletNode(this.#context, "pcm", { numberOfOutputs: 0 });
    recorder.port.onmessage = ({ data }) => {
      this.level = data.level;
      this.onblock?.(new Blob([data.pcm], { type: "application/octet-stream" }), data.seconds);
    };
    source.connect(recorder);
  }

  #context;
  level = 0;
  onblock = null;

  get track() {
    return this.stream?.getAudioTracks()[0];
  }

  // Browsers keep sound still until somebody has clicked.
  resume() {
    return this.#context?.resume();
  }

  close() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    if (this.#context?.state !== "closed") this.#context?.close();
  }
}
