// Talks with the proctoring service's window: hands it tickets, takes its proofs, covers the questions without one.
(function () {
  "use strict";
  var page = JSON.parse(document.getElementById("examus-guard").textContent);
  var RESEND_SECONDS = 3;
  var ticket = null, ticketUntil = 0, asking = false, cover = null, timers = [];
  var frame = document.getElementById("examus-panel");
  if (frame) { document.body.append(frame.content.cloneNode(true)); }

  function service() {
    if (page.way === "frame") { return window.parent === window ? null : window.parent; }
    var panel = document.querySelector("[data-region=availability_examus-panel]");
    return panel ? panel.contentWindow : null;
  }

  function later(seconds, action) { timers.push(setTimeout(action, seconds * 1000)); }

  function post(fields) {
    var body = new URLSearchParams(fields);
    body.set("attempt", page.attempt);
    body.set("sesskey", M.cfg.sesskey);
    return fetch(page.handover, {method: "POST", body: body, credentials: "same-origin"}).then(function (answer) { return answer.json(); });
  }

  function tell(message) {
    var target = service();
    if (target) { page.origins.forEach(function (origin) { target.postMessage(message, origin); }); }
  }

  function send() {
    if (ticket) { tell({type: page.ticket, ticket: ticket.ticket, nonce: ticket.nonce}); }
  }

  function watch() {
    var looks = 0;
    function seen(what) { tell({type: page.seen, what: what}); }
    ["copy", "cut", "paste"].forEach(function (what) { document.addEventListener(what, function () { seen(what); }); });
    window.addEventListener("beforeprint", function () { seen("print"); });
    setInterval(function () {
      var away = document.visibilityState === "hidden" || !document.hasFocus();
      if (!away && looks > 1) { seen("back"); }
      looks = away ? looks + 1 : 0;
      if (looks === 2) { seen("left"); }
    }, 500);
  }

  function again() { later(RESEND_SECONDS, function () { if (asking) { ask(); } }); }

  function ask() {
    asking = true;
    if (Date.now() < ticketUntil) { send(); again(); return; }
    post({}).then(function (answer) {
      if (answer.ended) { leave(); return; }
      if (answer.ticket) {
        ticket = answer;
        ticketUntil = Date.now() + page.ticketseconds * 1000;
        send();
      }
      again();
    }).catch(again);
  }

  function prove(fields) {
    post(fields).then(function (answer) {
      if (answer.ended) { leave(); } else if (answer.accepted) { open(answer.openfor); }
    }).catch(function () { /* the service's next answer will do */ });
  }

  function others() {
    // Everything but the cover and the service's frame with what holds it.
    var found = [], panel = document.querySelector("[data-region=availability_examus-panel]");
    (function seek(parent) {
      Array.from(parent.children).forEach(function (one) {
        if (one === panel || one === cover) { return; }
        if (panel && one.contains(panel)) { seek(one); } else { found.push(one); }
      });
    })(document.body);
    return found;
  }

  function open(seconds) {
    if (page.next) { leave(); return; }
    asking = false;
    ticketUntil = 0;
    timers.splice(0).forEach(clearTimeout);
    if (cover) {
      others().forEach(function (one) { one.inert = false; });
      cover.remove();
      cover = null;
    }
    later(seconds * 2 / 3, ask);
    later(seconds, close);
  }

  function close() {
    if (!cover && !page.next) {
      cover = document.createElement("div");
      cover.className = "availability_examus-cover";
      cover.setAttribute("role", "alert");
      cover.textContent = page.wait;
      document.body.append(cover);
      others().forEach(function (one) { one.inert = true; });
    }
    if (!asking) { ask(); }
  }

  function leave() {
    asking = false;
    if (page.next) { window.location.replace(page.next); }
  }

  window.addEventListener("message", function (event) {
    var message = event.data;
    if (event.source !== service() || !page.origins.includes(event.origin) || !message) { return; }
    if (page.plain && message === page.plain) {
      prove({plain: 1});
    } else if (message.type === page.hello) {
      if (asking) { send(); } else { ask(); }
    } else if (message.type === page.ready && typeof message.proof === "string") {
      prove({proof: message.proof});
    } else if (message.type === page.lost) {
      post({lost: 1}).catch(function () { /* the proof runs out by itself */ });
      close();
    }
  });

  watch();
  if (page.openfor && !page.next) { open(page.openfor); } else { ask(); }
})();
