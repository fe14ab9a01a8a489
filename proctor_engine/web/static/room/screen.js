// The shared screen: whether it is shared, and where the service asks for it a picture now and then.

const WIDEST = 1280;

export class Screen {
  #stream;
  #video = document.createElement("video");
  #canvas = document.createElement("canvas");
  #last = -Infinity;

  // Throws the browser's DOMException where the candidate or the browser refuses.
  async open() {
    this.#stream = await navigator.mediaDevices.getDisplayMedia({ video: { displaySurface: "monitor" } });
    this.#video.muted = true;
    this.#video.srcObject = this.#stream;
    await this.#video.play();
  }

  // `monitor`, `window` or `browser`; undefined in browsers that do not tell.
  get surface() {
    return this.#stream?.getVideoTracks()[0]?.getSettings().displaySurface;
  }

  get shared() {
    return this.#stream?.getVideoTracks()[0]?.readyState === "live";
  }

  // A JPEG, at most one each `interval` seconds of the session's `time`; null in between.
  picture(time, interval) {
    if (!this.shared || !this.#video.videoWidth || time - this.#last < interval) return null;
    this.#last = time;
    const shrink = Math.min(1, WIDEST / this.#video.videoWidth);
    this.#canvas.width = this.#video.videoWidth * shrink;
    this.#canvas.height = this.#video.videoHeight * shrink;
    this.#canvas.getContext("2d").drawImage(this.#video, 0, 0, this.#canvas.width, this.#canvas.height);
    return new Promise((resolve) => this.#canvas.toBlob(resolve, "image/jpeg", 0.6));
  }

  close() {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
  }
}
