// Builds ../ui from these sources. Run by script/build-assets, which installs what this imports.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, transform } from "esbuild";
import { compile } from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const ui = join(here, "..", "ui");
const targets = ["chrome111", "firefox113", "safari16.4"];

const notice = "/*! Contains GOV.UK Frontend, MIT licence: see LICENCES.txt */\n";

const { css } = compile(join(here, "sass", "app.scss"), { style: "expanded", quietDeps: true });
const small = await transform(css, { loader: "css", minify: true, target: targets, legalComments: "none" });
writeFileSync(join(ui, "app.css"), notice + small.code);

await build({
  entryPoints: [join(here, "js", "app.js")],
  outfile: join(ui, "app.js"),
  bundle: true,
  minify: true,
  format: "esm",
  target: targets,
  legalComments: "none",
  banner: { js: notice.trim() },
});

writeFileSync(join(ui, "LICENCES.txt"), readFileSync(join(here, "LICENCES.txt")));

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

// Every source file, sorted by its path, as "path NUL sha256 LF": the test computes the same.
function sourceHash() {
  const paths = readdirSync(here, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(here, join(entry.parentPath ?? entry.path, entry.name)).split(sep).join("/"))
    .filter((path) => !path.startsWith("node_modules/"))
    .sort();
  return sha256(paths.map((path) => `${path}\0${sha256(readFileSync(join(here, path)))}\n`).join(""));
}

const files = {};
for (const name of ["LICENCES.txt", "app.css", "app.js", "icon.svg"]) {
  const bytes = readFileSync(join(ui, name));
  files[name] = { sha256: sha256(bytes), gzip_bytes: gzipSync(bytes, { level: 9 }).length };
}
writeFileSync(join(ui, "manifest.json"), JSON.stringify({ sources_sha256: sourceHash(), files }, null, 2) + "\n");
for (const [name, { gzip_bytes }] of Object.entries(files)) console.log(`${name}: ${gzip_bytes} bytes gzip`);
