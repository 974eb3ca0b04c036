/* Runs before `npm start` and `npm test`: installs what package-lock.json names when it is not there yet.
 * Old syntax on purpose: it must run under whatever Node the machine has. */
"use strict";
var fs = require("fs");
var path = require("path");
var spawn = require("child_process").spawnSync;
var root = path.join(__dirname, "..");
var mark = path.join(root, "node_modules", ".tocsin-installed");
var lock = fs.readFileSync(path.join(root, "package-lock.json"), "utf8");
var dist = path.join(root, "apps", "tocsin", "dist", "tocsin.cjs");

function run(args, why) {
  process.stderr.write("tocsin: " + why + "\n");
  var npm = process.env.npm_execpath;
  var done = npm
    ? spawn(process.execPath, [npm].concat(args), {
        cwd: root,
        stdio: ["ignore", "ignore", "inherit"],
      })
    : spawn("npm", args, {
        cwd: root,
        stdio: ["ignore", "ignore", "inherit"],
        shell: process.platform === "win32",
      });
  if (done.status !== 0) process.exit(done.status || 1);
}

if (!fs.existsSync(mark) || fs.readFileSync(mark, "utf8") !== lock) {
  run(
    ["ci", "--no-audit", "--no-fund", "--loglevel=error"],
    "first run: installing what package-lock.json names (npm ci), about half a minute",
  );
  fs.writeFileSync(mark, lock);
}
/* Whether a file below a folder is newer than the bundle: after a pull, or an edit. */
function changedBelow(folder, built) {
  return fs.readdirSync(folder).some(function (name) {
    if (name === "node_modules" || name === "dist" || name === "test") return false;
    var found = path.join(folder, name);
    var facts = fs.statSync(found);
    return facts.isDirectory() ? changedBelow(found, built) : facts.mtimeMs > built;
  });
}

var floors = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8")).workspaces;
var stale =
  !fs.existsSync(dist) ||
  floors.concat("tools", "docs/diagnostics").some(function (floor) {
    return changedBelow(path.join(root, floor.replace("/*", "")), fs.statSync(dist).mtimeMs);
  });
if (stale) run(["run", "build"], "building the command line");
