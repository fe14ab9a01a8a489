// What waits to be sent, in IndexedDB: it survives a lost network, a reload and a closed lid.
// One sequence runs over frames, sound and events, so that the service can put them in order.

const CHUNKS = "chunks";
const COUNTER = "counter";
const OPENED = "proctor-queues"; // In localStorage: sessions, with when each was opened here.
const TAKEN_FOR = 12 * 3600 * 1000; // Milliseconds for which the service takes what an exam has left.

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function change(opened) {
  localStorage.setItem(OPENED, JSON.stringify(opened(JSON.parse(localStorage.getItem(OPENED) ?? "{}"))));
}

// In the panel Moodle's last page leaves no time to clean up, and a computer may break down.
function forgetOld(opened) {
  const old = Object.keys(opened).filter((session) => Date.now() - opened[session] > TAKEN_FOR);
  for (const session of old) {
    indexedDB.deleteDatabase(`proctor-${session}`);
    localStorage.removeItem(`proctor-signs-${session}`);
    delete opened[session];
  }
  return opened;
}

export class Queue {
  #database;

  constructor(database) {
    this.#database = database;
  }

  // `next` is the first number that the service has not seen: what was sent from here before counts too.
  static async open(session, next) {
    change((opened) => forgetOld({ ...opened, [session]: Date.now() }));
    const request = indexedDB.open(`proctor-${session}`, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(CHUNKS, { keyPath: "sequence" });
      request.result.createObjectStore(COUNTER);
    };
    const queue = new Queue(await done(request));
    const counter = queue.#store(COUNTER, "readwrite");
    const known = (await done(counter.get("next"))) ?? 0;
    await done(counter.put(Math.max(known, next), "next"));
    return queue;
  }

  // Numbers and stores in one transaction: no number is given twice, none is lost.
  async put(kind, time, body) {
    const transaction = this.#database.transaction([CHUNKS, COUNTER], "readwrite");
    const counter = transaction.objectStore(COUNTER);
    const sequence = await done(counter.get("next"));
    counter.put(sequence + 1, "next");
    transaction.objectStore(CHUNKS).put({ sequence, kind, time, body });
    await new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error);
    });
  }

  async first() {
    const cursor = await done(this.#store(CHUNKS, "readonly").openCursor());
    return cursor?.value;
  }

  replace(chunk) {
    return done(this.#store(CHUNKS, "readwrite").put(chunk));
  }

  remove(sequence) {
    return done(this.#store(CHUNKS, "readwrite").delete(sequence));
  }

  size() {
    return done(this.#store(CHUNKS, "readonly").count());
  }

  // For another tab of this browser, which goes on with what is here.
  close() {
    this.#database.close();
  }

  // Nothing of an exam stays on a computer that may be somebody else's tomorrow.
  destroy() {
    const name = this.#database.name;
    this.#database.close();
    indexedDB.deleteDatabase(name);
    change(({ [name.replace("proctor-", "")]: _, ...others }) => others);
  }

  #store(name, mode) {
    return this.#database.transaction(name, mode).objectStore(name);
  }
}
