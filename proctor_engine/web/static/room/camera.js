// The camera: a live picture on the page and JPEG frames for the service.

const WIDTH = 640;
const HEIGHT = 480;
const QUALITY = 0.8;

export class Camera {
  #video;
  #canvas = document.createElement("canvas");

  constructor(video) {
    this.#video = video;
  }

  // Throws the browser's DOMException: its `name` tells why.
  async open() {
    this.close();
    this.stream = await navigator.mediaDevices.getUserMedia({
      video: { width: { ideal: WIDTH }, height: { ideal: HEIGHT }, frameRate: { ideal: 15 } },
    });
    this.#video.srcObject = this.stream;
    await this.#video.play();
  }

  get track() {
    return this.stream?.getVideoTracks()[0];
  }

  get running() {
    return this.track?.readyState === "live" && !this.track.muted && this.#video.videoWidth > 0;
  }

  close() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
  }

  // A JPEG of what is seen now.
  frame() {
    const context = this.#draw(this.#video.videoWidth, this.#video.videoHeight);
    return new Promise((resolve) => context.canvas.toBlob(resolve, "image/jpeg", QUALITY));
  }

  // Mean luma, 0 to 255.
  brightness() {
    const { data } = this.#draw(32, 24).getImageData(0, 0, 32, 24);
    let sum = 0;
    for (let i = 0; i < data.length; i += 4) sum += 0.299 * data[i] + 0.587 * data[i + 1] + 0.114 * data[i + 2];
    return sum / (data.length / 4);
  }

  #draw(width, height) {
    this.#canvas.width = width;
    this.#canvas.height = height;
    const context = this.#canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(this.#video, 0, 0, width, height);
    return context;
  }
}
