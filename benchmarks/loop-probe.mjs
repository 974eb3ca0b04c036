import { writeFileSync } from "node:fs";

// Loaded before a process (`--import`): notes how long its event loop is held at a time, once its
// modules are there, and writes the longest holds to the file that TOCSIN_HOLDS names: how long, and
// how much of it the thread worked.

const kept = 5;
let last;
let holds = [];

function now() {
  const { user, system } = process.threadCpuUsage();
  return { wall: performance.now(), cpu: (user + system) / 1000 };
}

function note({ wall, cpu }) {
  if (holds.length === kept && cpu <= holds[kept - 1].cpu) return;
  holds.push({ wall, cpu });
  holds = holds.sort((a, b) => b.cpu - a.cpu).slice(0, kept);
}

function tick() {
  const { wall, cpu } = now();
  if (last !== undefined) note({ wall: wall - last.wall, cpu: cpu - last.cpu });
  last = { wall, cpu };
  setImmediate(tick).unref();
}

setImmediate(tick).unref();
function save() {
  tick();
  const path = process.env.TOCSIN_HOLDS;
  if (path !== undefined) writeFileSync(path, JSON.stringify(holds));
}

process.on("exit", save);
// A run that cannot wait for a thread of the system ends by becoming another process.
const { execve } = process;
process.execve = (...rest) => {
  save();
  execve.apply(process, rest);
};
