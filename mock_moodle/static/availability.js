// "Restrict access": the tree of conditions as a form. The JSON that is stored stands in a text area beside it.
(function () {
  "use strict";
  var editor = document.getElementById("availability-editor");
  var text = document.getElementById("id_availabilityconditionsjson");
  var groups = JSON.parse(editor.dataset.groups), activities = JSON.parse(editor.dataset.activities);
  var examus = editor.dataset.examus ? JSON.parse(editor.dataset.examus) : null;
  var serial = 0;

  var OPERATORS = [["&", "must match all of the following"], ["|", "must match any of the following"],
    ["!&", "must not match all of the following"], ["!|", "must not match any of the following"]];

  function element(tag, attributes, children) {
    var node = document.createElement(tag);
    Object.entries(attributes || {}).forEach(function (pair) {
      if (pair[0] in node && typeof pair[1] === "boolean") { node[pair[0]] = pair[1]; } else { node.setAttribute(pair[0], pair[1]); }
    });
    (children || []).forEach(function (child) { node.append(child); });
    return node;
  }

  function labelled(title, control, inline) {
    control.id = "availability_" + (serial += 1);
    var label = element("label", {for: control.id, class: inline ? "form-check-label" : "form-label"}, [title]);
    return inline ? element("div", {class: "form-check"}, [control, label]) : element("div", {class: "mb-2"}, [label, control]);
  }

  function choice(options, value) {
    return element("select", {class: "form-select"}, options.map(function (option) {
      return element("option", {value: option[0], selected: String(option[0]) === String(value)}, [option[1]]);
    }));
  }

  function box(name, checked) {
    return element("input", {type: "checkbox", class: "form-check-input", name: name, checked: Boolean(checked)});
  }

  function field(type, name, value) {
    var input = element("input", {type: type, class: "form-control", name: name});
    input.value = value === undefined || value === null ? "" : value;
    return input;
  }

  // Each kind of condition: its title, a fresh node, and a form that gives the node back.
  var KINDS = {
    date: {
      title: "Date",
      fresh: function () { return {d: ">=", t: Math.floor(Date.now() / 86400000) * 86400}; },
      form: function (node, place) {
        var direction = choice([[">=", "from"], ["<", "until"]], node.d);
        var day = field("datetime-local", "t", new Date(node.t * 1000).toISOString().slice(0, 16));
        place.append(labelled("Direction", direction), labelled("Date and time (UTC)", day));
        return function () { return {type: "date", d: direction.value, t: Math.floor(Date.parse(day.value + "Z") / 1000)}; };
      }
    },
    group: {
      title: "Group",
      fresh: function () { return {}; },
      form: function (node, place) {
        var group = choice([["", "(Any group)"]].concat(groups.map(function (one) { return [one.id, one.name]; })), node.id || "");
        place.append(labelled("Group", group));
        return function () { return group.value ? {type: "group", id: Number(group.value)} : {type: "group"}; };
      }
    },
    completion: {
      title: "Activity completion",
      fresh: function () { return {cm: activities.length ? activities[0].id : -1, e: 1}; },
      form: function (node, place) {
        var activity = choice([[-1, "Previous activity"]].concat(activities.map(function (one) { return [one.id, one.name]; })), node.cm);
        var state = choice([[1, "must be marked complete"], [0, "must not be marked complete"],
          [2, "must be complete with pass grade"], [3, "must be complete with fail grade"]], node.e);
        place.append(labelled("Activity", activity), labelled("State", state));
        return function () { return {type: "completion", cm: Number(activity.value), e: Number(state.value)}; };
      }
    },
    grade: {
      title: "Grade",
      fresh: function () { return {id: activities.length ? activities[0].id : 0, min: 50}; },
      form: function (node, place) {
        var item = choice([[0, "Course total"]].concat(activities.map(function (one) { return [one.id, one.name]; })), node.id);
        var least = field("number", "min", node.min), most = field("number", "max", node.max);
        place.append(labelled("Grade of", item), labelled("Must be at least (%)", least), labelled("Must be below (%)", most));
        return function () {
          var result = {type: "grade", id: Number(item.value)};
          if (least.value !== "") { result.min = Number(least.value); }
          if (most.value !== "") { result.max = Number(most.value); }
          return result;
        };
      }
    },
    profile: {
      title: "User profile",
      fresh: function () { return {sf: "email", op: "isequalto", v: ""}; },
      form: function (node, place) {
        var name = choice([["email", "Email address"], ["firstname", "First name"], ["lastname", "Last name"], ["city", "City/town"],
          ["country", "Country"], ["idnumber", "ID number"], ["institution", "Institution"], ["department", "Department"]], node.sf);
        var comparison = choice([["isequalto", "is equal to"], ["contains", "contains"], ["doesnotcontain", "doesn't contain"],
          ["startswith", "starts with"], ["endswith", "ends with"], ["isempty", "is empty"], ["isnotempty", "is not empty"]], node.op);
        var value = field("text", "v", node.v);
        place.append(labelled("User profile field", name), labelled("Method of comparison", comparison), labelled("Value", value));
        return function () { return {type: "profile", sf: name.value, op: comparison.value, v: value.value}; };
      }
    }
  };

  if (examus) {
    KINDS.examus = {
      title: "Examus",
      fresh: function () { return {mode: "normal", duration: "", scheduling_required: true}; },
      form: examusForm
    };
  }

  function examusForm(node, place) {
    var titles = examus.titles, scalars = {}, flags = {}, maps = {rules: {}, warnings: {}}, scores = {}, chosen = {};
    scalars.duration = field("text", "duration", node.duration);
    scalars.duration.setAttribute("inputmode", "numeric");
    scalars.mode = choice(examus.modes, node.mode);
    scalars.mode.name = "mode";
    scalars.identification = choice(examus.identifications, node.identification);
    scalars.identification.name = "identification";
    ["duration", "mode", "identification"].forEach(function (key) { place.append(labelled(titles[key], scalars[key])); });
    ["scheduling_required", "auto_rescheduling", "istrial", "noprotection", "auxiliarycamera"].forEach(function (key) {
      flags[key] = box(key, node[key]);
      place.append(labelled(titles[key], flags[key], true));
    });
    scalars.mode.addEventListener("change", function () {
      flags.scheduling_required.checked = ["normal", "identification"].includes(scalars.mode.value);
    });
    scalars.useragreementurl = field("text", "useragreementurl", node.useragreementurl);
    scalars.customrules = element("textarea", {class: "form-control", name: "customrules", rows: "2"}, [node.customrules || ""]);
    ["useragreementurl", "customrules"].forEach(function (key) { place.append(labelled(titles[key], scalars[key])); });
    [["rules", examus.rules], ["warnings", examus.warnings]].forEach(function (pair) {
      var stored = node[pair[0]] || {};
      var list = section(place, titles[pair[0]], pair[0]);
      pair[1].forEach(function (item) {
        maps[pair[0]][item[0]] = box(item[0], item[0] in stored ? stored[item[0]] : item[2]);
        list.append(labelled(item[1], maps[pair[0]][item[0]], true));
      });
    });
    var scoring = section(place, titles.scoring, "scoring");
    examus.scoring.forEach(function (item) {
      scores[item[0]] = field("number", item[0], (node.scoring || {})[item[0]]);
      scores[item[0]].min = item[2];
      scores[item[0]].max = item[3];
      scoring.append(labelled(item[1], scores[item[0]]));
    });
    if (examus.groups.length) {
      var list = section(place, titles.groups, "groups");
      examus.groups.forEach(function (group) {
        chosen[group[0]] = box("groups[]", (node.groups || []).map(String).includes(String(group[0])));
        list.append(labelled(group[1], chosen[group[0]], true));
      });
    }
    return function () {
      var result = Object.assign({}, node, {type: "examus"});
      Object.keys(scalars).forEach(function (key) { result[key] = scalars[key].value; });
      Object.keys(flags).forEach(function (key) { result[key] = flags[key].checked; });
      Object.keys(maps).forEach(function (map) {
        result[map] = {};
        Object.keys(maps[map]).forEach(function (key) { result[map][key] = maps[map][key].checked; });
      });
      result.scoring = {};
      Object.keys(scores).forEach(function (key) { result.scoring[key] = scores[key].value === "" ? null : Number(scores[key].value); });
      result.groups = Object.keys(chosen).filter(function (id) { return chosen[id].checked; });
      var minutes = scalars.duration.value;
      var valid = /^\d+$/.test(minutes) && Number(minutes) > 0 && Number(minutes) % examus.step === 0;
      scalars.duration.setCustomValidity(valid ? "" : "The duration must be a multiple of " + examus.step + " minutes.");
      return result;
    };
  }

  function section(place, title, name) {
    var inner = element("div", {class: name});
    place.append(element("details", {class: "mb-2"}, [element("summary", {}, [title]), inner]));
    return inner;
  }

  function setForm(node, remove, depth) {
    var operator = choice(OPERATORS, node.op || "&"), list = element("div", {class: "availability-children"});
    var readers = [];
    var place = element("fieldset", {class: "border rounded p-3 mb-2"}, [
      element("legend", {class: "h6"}, [depth ? "Restriction set" : "Access restrictions"]), labelled("Student", operator), list]);
    function add(child) {
      var reader = {};
      var drop = function (row) { row.remove(); readers.splice(readers.indexOf(reader), 1); store(); add_button.focus(); };
      Object.assign(reader, "op" in child && !("type" in child) ? setForm(child, drop, depth + 1) : conditionForm(child, drop));
      readers.push(reader);
      list.append(reader.place);
      return reader;
    }
    (node.c || []).forEach(add);
    var add_button = element("button", {type: "button", class: "btn btn-secondary me-2"}, ["Add restriction..."]);
    add_button.addEventListener("click", function () { choose(function (child) {
      var reader = add(child);
      store();
      reader.place.querySelector("input, select, textarea").focus();
    }, add_button); });
    place.append(add_button);
    if (remove) { place.append(removal("restriction set", function () { remove(place); })); }
    return {place: place, read: function () {
      var children = readers.map(function (reader) { return reader.read(); });
      var tree = {op: operator.value, c: children};
      if (!depth) {
        if (["&", "!|"].includes(tree.op)) { tree.showc = readers.map(function (reader, at) { return node.showc && at in node.showc ? node.showc[at] : true; }); } else { tree.show = node.show !== false; }
      }
      return tree;
    }};
  }

  function conditionForm(node, remove) {
    var kind = KINDS[node.type];
    var place = element("fieldset", {class: "border rounded p-3 mb-2 availability_" + node.type}, [
      element("legend", {class: "h6"}, [kind ? kind.title : node.type])]);
    var read = kind ? kind.form(node, place) : function () { return node; };
    if (!kind) { place.append(element("p", {}, ["This restriction can only be edited as text."])); }
    place.append(removal(kind ? kind.title : node.type, function () { remove(place); }));
    return {place: place, read: read};
  }

  function removal(title, action) {
    var button = element("button", {type: "button", class: "btn btn-link text-danger"}, ["Delete", element("span", {class: "visually-hidden"}, [" " + title])]);
    button.addEventListener("click", action);
    return button;
  }

  function choose(picked, opener) {
    var dialog = element("dialog", {class: "rounded border p-3", "aria-labelledby": "availability-choose"}, [
      element("h3", {class: "h5", id: "availability-choose"}, ["Add restriction..."])]);
    function offer(title, child) {
      var button = element("button", {type: "button", class: "btn btn-secondary d-block w-100 mb-2"}, [title]);
      button.addEventListener("click", function () { dialog.close(); picked(child); });
      dialog.append(button);
    }
    Object.keys(KINDS).forEach(function (type) { offer(KINDS[type].title, Object.assign({type: type}, KINDS[type].fresh())); });
    offer("Restriction set", {op: "&", c: []});
    var cancel = element("button", {type: "button", class: "btn btn-link"}, ["Cancel"]);
    cancel.addEventListener("click", function () { dialog.close(); opener.focus(); });
    dialog.append(cancel);
    dialog.addEventListener("close", function () { dialog.remove(); });
    editor.append(dialog);
    dialog.showModal();
  }

  var root, broken = false;
  function store() { text.value = JSON.stringify(root.read()); }

  // Follows the text while it is typed, not when it is left: the page must not move under a click on "Save".
  function build() {
    var tree = {op: "&", c: [], showc: []};
    try { tree = JSON.parse(text.value || "null") || tree; broken = false; } catch (_error) { broken = true; }
    if (broken && root) { return; }
    root = setForm(tree, null, 0);
    editor.replaceChildren(root.place);
    root.place.addEventListener("input", store);
    root.place.addEventListener("change", store);
  }

  build();
  text.addEventListener("input", build);
  text.form.addEventListener("submit", function () { if (!broken) { store(); } });
})();
