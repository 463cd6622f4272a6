"use strict";

// Everything that comes from the document or from an answer is put in as text, never as markup.
function element(name, text, ...children) {
  const made = document.createElement(name);
  if (text) {
    made.textContent = text;
  }
  made.append(...children);
  return made;
}

function schemaName(schema) {
  return schema?.$ref?.split("/").pop();
}

/** An example of what a schema describes. */
function example(schema, api, depth = 0) {
  if (!schema || depth > 5) {
    return null;
  }
  const named = schemaName(schema);
  if (named) {
    return example(api.components.schemas[named], api, depth + 1);
  }
  if (schema.enum) {
    return schema.enum[0];
  }
  const union = (schema.oneOf ?? schema.anyOf)?.find((one) => one.type !== "null");
  if (union) {
    return example(union, api, depth + 1);
  }
  const types = [].concat(schema.type ?? []);
  if (types.includes("object") || schema.properties) {
    return Object.fromEntries((schema.required ?? []).map((key) => [key, example(schema.properties?.[key], api, depth + 1)]));
  }
  if (types.includes("array")) {
    return [];
  }
  if (types.includes("integer") || types.includes("number")) {
    return 0;
  }
  return types.includes("boolean") ? false : types.includes("string") ? "" : null;
}

function inputsOf(operation, body) {
  const inputs = new Map();
  for (const parameter of operation.parameters ?? []) {
    const input = element("input");
    inputs.set(parameter, input);
    const label = element("label", `${parameter.name} (${parameter.in}${parameter.required ? ", needed" : ""}): ${parameter.description ?? ""} `);
    label.append(input);
    body.append(label);
  }
  return inputs;
}

async function call(path, method, inputs, text, answer) {
  let url = path;
  const query = new URLSearchParams();
  const headers = {};
  for (const [parameter, input] of inputs) {
    if (parameter.in === "path") {
      url = url.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
    } else if (input.value !== "") {
      parameter.in === "query" ? query.set(parameter.name, input.value) : (headers[parameter.name] = input.value);
    }
  }
  const token = document.getElementById("token").value;
  if (token) {
    headers.Authorization = `Bearer ${token}`;
  }
  if (text !== undefined) {
    headers["Content-Type"] = "application/json";
  }
  try {
    const response = await fetch(url + (query.size ? `?${query}` : ""), { method, headers, body: text, credentials: "omit" });
    const told = await response.text();
    const tag = response.headers.get("ETag");
    let shown = told;
    try {
      shown = JSON.stringify(JSON.parse(told), null, 2);
    } catch {
      // It is shown as it came.
    }
    answer.textContent = `${response.status} ${response.statusText}${tag ? `\nETag: ${tag}` : ""}\n\n${shown}`;
  } catch (error) {
    answer.textContent = String(error);
  }
}

function show(path, method, operation, api) {
  const box = element("details");
  box.dataset.text = `${method} ${path} ${operation.summary} ${operation.operationId}`.toLowerCase();
  const title = element("summary");
  const word = element("span", method.toUpperCase());
  word.className = "method";
  title.append(word, element("code", path), " ", operation.summary ?? "");
  box.append(title);
  const inputs = inputsOf(operation, box);
  const schema = operation.requestBody?.content?.["application/json"]?.schema;
  const text = schema ? element("textarea") : undefined;
  if (text) {
    text.value = JSON.stringify(example(schema, api), null, 2);
    text.setAttribute("aria-label", "Body");
    box.append(element("p", `Body: ${schemaName(schema) ?? "JSON"}`), text);
  }
  const answers = Object.entries(operation.responses ?? {}).map(([status, response]) => {
    const of = schemaName(Object.values(response.content ?? {})[0]?.schema);
    return of ? `${status} ${of}` : status;
  });
  box.append(element("p", `Answers: ${answers.join(", ")}`));
  const answer = element("pre");
  const button = element("button", "Call");
  button.addEventListener("click", () => call(path, method.toUpperCase(), inputs, text?.value, answer));
  box.append(button, answer);
  return box;
}

async function load() {
  const main = document.getElementById("operations");
  const api = await (await fetch("/openapi/v1.json")).json();
  document.getElementById("about").textContent = api.info.description;
  main.replaceChildren();
  const groups = new Map();
  for (const [path, item] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      const tag = operation.tags?.[0] ?? "Other";
      if (!groups.has(tag)) {
        const group = element("section", "", element("h2", tag));
        groups.set(tag, group);
        main.append(group);
      }
      groups.get(tag).append(show(path, method, operation, api));
    }
  }
  const schemas = document.getElementById("schemas");
  for (const [name, schema] of Object.entries(api.components.schemas ?? {})) {
    schemas.append(element("details", "", element("summary", name), element("pre", JSON.stringify(schema, null, 2))));
  }
  document.getElementById("find").addEventListener("input", (event) => {
    const wanted = event.target.value.toLowerCase();
    for (const box of main.querySelectorAll("details")) {
      box.hidden = !box.dataset.text.includes(wanted);
    }
  });
}

load().catch((error) => {
  document.getElementById("operations").textContent = `The document cannot be read: ${error}`;
});
