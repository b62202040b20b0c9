// The recipes held against what the platforms' own API descriptions know: each field is one, and of its type.
//   node recipes.mjs FOLDER-OF-MODULES < {"file": "…", "parts": [objects of the YAML]} a line
// @kubernetes/client-node has the fields of Kubernetes' OpenAPI description, @azure/arm-appcontainers those of Azure's for a job.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const module = (path) => import(pathToFileURL(`${process.argv[2]}/node_modules/${path}`).href);
const kubernetes = await module("@kubernetes/client-node/dist/gen/models/all.js");
const azure = await module("@azure/arm-appcontainers/dist/esm/models/mappers.js");

const kindOf = (value) => (Array.isArray(value) ? "array" : value === null ? "null" : typeof value);

// ---- Kubernetes: a model has the names and types of its fields -------------------------------------------------

function kubernetesErrors(value, type, path, found = []) {
  const list = /^Array<(.*)>$/.exec(type), map = /^\{ \[key: string\]: (.*); \}$/.exec(type);
  if (list) {
    if (kindOf(value) !== "array") found.push(`${path}: no list`);
    else value.forEach((one, i) => kubernetesErrors(one, list[1], `${path}/${i}`, found));
  } else if (map) {
    for (const [key, one] of Object.entries(value ?? {})) kubernetesErrors(one, map[1], `${path}/${key}`, found);
  } else if (kubernetes[type]?.getAttributeTypeMap) {
    const fields = Object.fromEntries(kubernetes[type].getAttributeTypeMap().map((field) => [field.baseName, field.type]));
    if (kindOf(value) !== "object") found.push(`${path}: ${kindOf(value)}, no object`);
    else for (const [key, one] of Object.entries(value))
      if (fields[key]) kubernetesErrors(one, fields[key], `${path}/${key}`, found);
      else found.push(`${path}/${key}: no such field`);
  } else if (type !== "IntOrString" && kindOf(value) !== type) found.push(`${path}: ${kindOf(value)}, not ${type}`);
  return found;
}

// ---- Azure: mappers say what JSON its REST API takes --------------------------------------------------------

// {"properties.template": …} as a tree.
function tree(mapper) {
  const fields = {};
  for (const property of Object.values(mapper.type.modelProperties)) {
    const names = property.serializedName.split(".");
    let at = fields;
    for (const name of names.slice(0, -1)) at = (at[name] ??= { fields: {} }).fields;
    at[names.at(-1)] = { mapper: property };
  }
  return fields;
}

const plain = { String: "string", Number: "number", Boolean: "boolean", Enum: "string" };

function azureErrors(value, mapper, path, found = []) {
  const { name, element, className, allowedValues } = mapper.type;
  if (name === "Composite") return fieldErrors(value, tree(azure[className]), path, found);
  if (name === "Sequence") {
    if (kindOf(value) !== "array") found.push(`${path}: no list`);
    else value.forEach((one, i) => azureErrors(one, element, `${path}/${i}`, found));
  } else if (plain[name] && kindOf(value) !== plain[name]) found.push(`${path}: ${kindOf(value)}, not ${plain[name]}`);
  if (allowedValues && !allowedValues.includes(value)) found.push(`${path}: '${value}' is none of ${allowedValues}`);
  return found;
}

function fieldErrors(value, fields, path, found) {
  if (kindOf(value) !== "object") found.push(`${path}: ${kindOf(value)}, no object`);
  for (const [key, one] of Object.entries(value ?? {})) {
    const at = `${path}/${key}`, field = fields[key];
    if (!field) found.push(`${at}: no such field`);
    else if (field.fields) fieldErrors(one, field.fields, at, found);
    else azureErrors(one, field.mapper, at, found);
  }
  return found;
}

// ---- each file, and each file spoilt -------------------------------------------------------------------------

const errorsOf = (part) => (part.apiVersion ? kubernetesErrors(part, `V1${part.kind}`, "") : azureErrors(part, { type: { name: "Composite", className: "Job" } }, ""));

// Every field of it misspelled, one at a time: a check that finds nothing then would find nothing at all.
function* spoilt(part, at = part) {
  if (kindOf(at) !== "object" && kindOf(at) !== "array") return;
  for (const key of Object.keys(at)) {
    yield* spoilt(part, at[key]);
    if (kindOf(at) === "array" || ["labels", "annotations", "limits", "requests"].some((name) => at === find(part, name))) continue;
    const value = at[key];
    delete at[key];
    at[`${key}z`] = value;
    yield `${key}z`;
    delete at[`${key}z`];
    at[key] = value;
  }
}

function find(part, name) {
  if (kindOf(part) !== "object" && kindOf(part) !== "array") return undefined;
  for (const [key, one] of Object.entries(part)) {
    const inside = key === name ? one : find(one, name);
    if (inside) return inside;
  }
  return undefined;
}

let count = 0, failed = false;
for (const line of readFileSync(0, "utf8").trim().split("\n")) {
  const { file, parts } = JSON.parse(line);
  for (const part of parts) {
    const errors = errorsOf(part), missed = [];
    let slips = 0;
    for (const name of spoilt(part)) {
      slips++;
      if (errorsOf(part).length === 0) missed.push(name);
    }
    if (slips === 0 || missed.length) errors.push(`not noticed: ${missed}`);
    for (const error of errors) console.log(`# ${error}`);
    count++;
    failed ||= errors.length > 0;
    console.log(`${errors.length ? "not ok" : "ok"} ${count} - ${file}: ${part.kind ?? "job of Container Apps"}, and ${slips} slips in it are noticed`);
  }
}
console.log(`1..${count}`);
process.exit(failed ? 1 : 0);
